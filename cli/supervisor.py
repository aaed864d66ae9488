"""Runs the parts of one machine as child processes, restarts what dies, and replaces what lives but does not work.

A process can stand still without dying. So workers and clocks beat in the database, whether or not there is anything to
do; whose beat has stopped for a minute, while the database answers, is replaced. A worker that beats and yet consumes
nothing notices it by itself and ends (workers/watch.py).
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

import structlog

log = structlog.get_logger(__name__)

_PAUSES: Final = (0.0, 1.0, 2.0, 5.0, 10.0)
"""Seconds before each restart; the last holds for all further ones."""
_STEADY_AFTER: Final = 60.0
"""Who has run so long is not counted as failing again and again."""
_PATIENCE: Final = 35.0
"""Seconds from SIGTERM to SIGKILL: longer than a worker's own limit for its running tasks."""
_LAST_CHANCE: Final = 5.0
"""The same for who stands still."""
_LOOKS: Final = 4
"""So many in a row must find that a part stands still: after an outage of the database, or when a laptop wakes up, it
has time to beat again."""


@dataclass(slots=True)
class Part:
    """One child process. `ready` is waited for before the next part is started."""

    name: str
    command: Callable[[], Sequence[str]]
    ready: Callable[[], None] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    not_before: float = 0.0
    still: int = 0

    def start(self, environment: dict[str, str], output: IO[bytes] | None) -> None:
        """Start it. In a session of its own: a Ctrl-C on the terminal is for the supervisor to hear."""
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            self.command(), env=environment, start_new_session=True, stdout=output, stderr=output
        )
        self.started, self.still = time.monotonic(), 0
        log.info("started", part=self.name, pid=self.process.pid)

    def ask_to_end(self) -> None:
        """SIGTERM."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def ended(self) -> bool:
        """Whether it has ended, or never ran."""
        return self.process is None or self.process.poll() is not None


@dataclass(slots=True)
class Supervisor:
    """The parts, in the order in which they are started; they are ended in the reverse order."""

    parts: Sequence[Part]
    environment: dict[str, str]
    still: Callable[[float], frozenset[int]]
    """The numbers of those processes that have beaten, but not within so many seconds."""
    output: IO[bytes] | None = None
    """Where the parts write their log; None for this process's own."""
    silent_after: float = 60.0
    """Seconds without a beat after which a part stands still."""
    stopping: threading.Event = field(default_factory=threading.Event)
    _watched: float = 0.0

    def start(self) -> None:
        """Start every part, each when the one before is ready."""
        for part in self.parts:
            part.start(self.environment, self.output)
            if part.ready is not None:
                part.ready()

    def run(self) -> None:
        """Watch until `stopping` is set, then end everything."""
        try:
            while not self.stopping.wait(0.2):
                self.look()
        finally:
            self.stop()

    def look(self) -> None:
        """Restart what has died; once in a while, replace what is silent."""
        now = time.monotonic()
        try:
            for part in self.parts:
                if part.ended():
                    self._restart(part, now)
            if now - self._watched > self.silent_after / 12:
                self._watched = now
                self._replace_still()
        except Exception:
            log.exception("looking after the parts failed; it is tried again")

    def stop(self) -> None:
        """End every part: the last started first, the broker last, with patience and then without."""
        self.stopping.set()
        broker_last = list(reversed(self.parts))
        for group in (broker_last[:-1], broker_last[-1:]):
            for part in group:
                part.ask_to_end()
            until = time.monotonic() + _PATIENCE
            for part in group:
                self._await(part, until)

    @staticmethod
    def _await(part: Part, until: float) -> None:
        if part.process is None:
            return
        try:
            part.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("did not end in time and is killed", part=part.name, pid=part.process.pid)
            part.process.kill()
            part.process.wait()

    def _restart(self, part: Part, now: float) -> None:
        if part.process is not None:
            log.warning("ended unexpectedly", part=part.name, exit_code=part.process.returncode)
            part.process = None
            part.restarts = 0 if now - part.started > _STEADY_AFTER else part.restarts + 1
            part.not_before = now + _PAUSES[min(part.restarts, len(_PAUSES) - 1)]
        if now >= part.not_before:
            part.start(self.environment, self.output)

    def _replace_still(self) -> None:
        still = self.still(self.silent_after)
        for part in self.parts:
            if part.process is None or part.ended():
                continue
            part.still = part.still + 1 if part.process.pid in still else 0
            if part.still == _LOOKS:
                log.error("stands still and is replaced", part=part.name, pid=part.process.pid)
                part.ask_to_end()
                threading.Timer(_LAST_CHANCE, _kill, [part.process]).start()


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None and process.poll() is None:
        process.kill()


def environment_with(settings: dict[str, str]) -> dict[str, str]:
    """This process's environment with these settings in place of its own."""
    return {**os.environ, **settings}
