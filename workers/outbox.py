"""What a person does about letters that have not gone: lets them be tried at once, holds them, lets them go again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Literal

import structlog
from sqlalchemy.orm import Session

from adapters.database import audits, holds
from adapters.toolbox import Toolbox
from workers.app import DELIVER, enqueue

log = structlog.get_logger(__name__)

Deed = Literal["retry", "hold", "release"]
_DO: Final[dict[Deed, Callable[[Session, Sequence[str], datetime, datetime], list[str]]]] = {
    "retry": holds.retry, "hold": holds.hold, "release": holds.release,
}  # fmt: skip


class OutboxKeeper:
    """Does it: for the command line, and for the web part, to which it is handed."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def do(self, deed: Deed, ids: Sequence[str], who: str, reason: str | None = None) -> list[str]:
        """Do it to letters; the ids of those that it was done to. Those that are in another state stay as they are, so
        that twice is once. `who`: as audits name people."""
        clock = self._toolbox.clock
        now, machine_now = clock.now(), clock.machine_now()
        with self._toolbox.database.write() as session:
            done = _DO[deed](session, ids, now, machine_now)
            if done:
                audits.note(
                    session, self._toolbox.vault, who=who, action=f"letters.{deed}", reason=reason,
                    about=done[0] if len(done) == 1 else None, details={"letters": len(done), "ids": done},
                    now=now, machine_now=machine_now,
                )  # fmt: skip
        if done and deed != "hold":
            enqueue(DELIVER)
        log.warning("letters were touched by hand", name=deed, count=len(done))
        return done
