"""Pausing all mail, or a queue, and letting it go on.

Nothing is lost by a pause: rows stay as they are, tasks of a paused queue return at once, and when it goes on the sweep
hands over what waits. Letters that came too late meanwhile follow their own rules (`not_after`).
"""

import time

import structlog

from adapters.database import audits, pauses
from adapters.toolbox import Toolbox
from workers.app import LOOK_EVERY, look_again

log = structlog.get_logger(__name__)


class Pauser:
    """Pauses and resumes: for the command line, and for the web part, to which it is handed. `what`: one of
    `pauses.PAUSABLE`; `who`: as audits name people. Done twice it is done, and noted, once."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def pause(self, what: str, who: str, reason: str) -> bool:
        """Let it rest; whether it did not before. When this returns no process begins anything of it."""
        clock = self._toolbox.clock
        with self._toolbox.database.write() as session:
            done = pauses.pause(session, what, who, clock.machine_now())
            if done:
                audits.note(session, self._toolbox.vault, who=who, action="pause", about=what, reason=reason,
                            details={"was": "running", "became": "paused"}, now=clock.now(),
                            machine_now=clock.machine_now())  # fmt: skip
                log.warning("paused by hand", name=what)
        look_again()
        if done and not pauses.mail_rests(frozenset({what})):  # letters are asked for their pauses one claim at a time
            time.sleep(LOOK_EVERY.total_seconds())
        return done

    def resume(self, what: str, who: str, reason: str | None = None) -> bool:
        """Let it go on; whether it rested."""
        clock = self._toolbox.clock
        with self._toolbox.database.write() as session:
            done = pauses.resume(session, what)
            if done:
                audits.note(session, self._toolbox.vault, who=who, action="resume", about=what, reason=reason,
                            details={"was": "paused", "became": "running"}, now=clock.now(),
                            machine_now=clock.machine_now())  # fmt: skip
                log.warning("goes on, by hand", name=what)
        look_again()
        return done
