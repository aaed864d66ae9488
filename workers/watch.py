"""A worker's watch over itself: a Celery worker can fall silent without dying, and others who consume the same queues
would hide it. So each has a queue of its own, through which it sends itself a message; a child process answers in the
database. Who gets no answer for a minute, although broker and database do answer, ends: whatever supervises it starts
it again.

It beats also while the broker is away, so that nobody takes a worker that waits for one that stands still.
"""

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.broker.errors import BrokerError
from adapters.broker.queues import forget, ping
from adapters.database import signs
from adapters.database.engine import DatabaseUnavailable
from adapters.processes import identity
from adapters.toolbox import Toolbox
from workers.app import ALIVE, app, enqueue, tools

log = structlog.get_logger(__name__)

MUST_BE_REPLACED: Final = 75
"""The exit code: EX_TEMPFAIL of sysexits.h, trying again helps."""
BUSY_FOR: Final = timedelta(seconds=150)
"""With tasks in hand it may be silent for so long: longer than any task's hard time limit."""


@app.task(name=ALIVE)
def alive(sign: str) -> None:
    """The answer, by a child process of that very worker."""
    toolbox = tools()
    with toolbox.database.write() as session:
        signs.see(session, sign, toolbox.clock.machine_now())


class Watch:
    """For the main process of one worker, in a thread. `busy` says whether it has tasks in hand.

    A process must not fork while a thread is in the middle of its work: what that held would be held for ever in the
    child. So forks wait for the end of a look, though not for long.
    """

    def __init__(self, toolbox: Toolbox, busy: Callable[[], bool]) -> None:
        self._toolbox = toolbox
        self._identity = identity()
        self.queue = signs.own(self._identity)
        self._busy = busy
        self._silent_after = timedelta(seconds=toolbox.settings.silent_after)
        self._able = False
        self._sang: datetime | None = None
        self._was_busy: datetime | None = None
        self._was_silent = False
        self._stopping = threading.Event()
        self._looking = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        held = threading.local()

        def before() -> None:
            held.it = self._looking.acquire(timeout=1.0)

        def after() -> None:
            if held.it:
                self._looking.release()

        os.register_at_fork(before=before, after_in_parent=after, after_in_child=after)
        self._thread.start()

    def stop(self) -> None:
        """End, and leave nothing behind."""
        self._stopping.set()
        self._thread.join(5)
        self.forget()

    def forget(self) -> None:
        """Take away what only this process would read."""
        try:
            forget(self._toolbox.broker, self.queue)
            with self._toolbox.database.write() as session:
                signs.bury(session, self._identity)
        except (BrokerError, DatabaseUnavailable):
            log.debug("a clock will clear away what this worker leaves")

    def look(self) -> bool:
        """Beat, sing when it is time, and look for the answer; whether all is well, as far as can be known."""
        machine_now = self._toolbox.clock.machine_now()
        due = self._sang is None or abs(machine_now - self._sang) >= self._silent_after / 6
        try:
            ping(self._toolbox.broker)
            able = not due or enqueue(ALIVE, self.queue, queue=self.queue)
        except BrokerError:
            able = False
        with self._toolbox.database.write() as session:
            signs.see(session, signs.of_process(self._identity), machine_now)
            if not (able and self._able):
                # What was sent may have been lost with the broker: nobody is to be blamed for it.
                signs.send_anew(session, self.queue, machine_now)
            elif due:
                signs.send(session, self.queue, machine_now)
            since = signs.unanswered_since(session, self.queue)
        self._able = able
        if due and able:
            self._sang = machine_now
        return not self._is_silent(since if able else None, machine_now)

    def _is_silent(self, since: datetime | None, machine_now: datetime) -> bool:
        """Whether it has been silent for too long, at two looks in a row: a machine's clock may jump between them.

        Without tasks in hand the time counts from when it was last seen with some: what waited behind them can be
        taken only then.
        """
        patience = self._silent_after
        if self._busy():
            self._was_busy, patience = machine_now, max(patience, BUSY_FOR)
        elif since is not None and self._was_busy is not None and since < self._was_busy <= machine_now:
            since = self._was_busy
        before, self._was_silent = self._was_silent, since is not None and machine_now - since > patience
        return before and self._was_silent

    def _run(self) -> None:
        while not self._stopping.wait(self._silent_after.total_seconds() / 12):
            try:
                with self._looking:
                    well = self.look()
            except DatabaseUnavailable:
                self._able = False
            except Exception:
                log.exception("a worker's look at itself failed; it is tried again")
            else:
                if not well and not self._stopping.is_set():
                    log.error("this worker consumes nothing, although the broker answers; it ends", part=self._identity)
                    os._exit(MUST_BE_REPLACED)
