"""Runs the parts of one machine as child processes, restarts what dies, and replaces what lives but does not work.

A Celery worker can stop consuming without dying (see docs/decisions/0004-celery-repairs.md), and a ping would not show
it. So the clock sends a canary through each queue; where one is not answered for a minute while the broker answers,
the workers of that queue are replaced.
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


@dataclass(slots=True)
class Part:
    """One child process. `queues` are those it consumes; `ready` is waited for before the next part is started."""

    name: str
    command: Callable[[], Sequence[str]]
    queues: frozenset[str] = frozenset()
    ready: Callable[[], None] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    not_before: float = 0.0

    def start(self, environment: dict[str, str], output: IO[bytes] | None) -> None:
        """Start it. In a session of its own: a Ctrl-C on the terminal is for the supervisor to hear."""
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            self.command(), env=environment, start_new_session=True, stdout=output, stderr=output
        )
        self.started = time.monotonic()
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
    silent_queues: Callable[[float], frozenset[str]]
    """Names the queues whose canary has gone unanswered since before the given age in seconds."""
    output: IO[bytes] | None = None
    """Where the parts write their log; None for this process's own."""
    silent_after: float = 60.0
    """Seconds after which an unanswered canary tells that a queue is not consumed."""
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
            if now - self._watched > 5:
                self._watched = now
                self._replace_silent(now)
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

    def _replace_silent(self, now: float) -> None:
        silent = self.silent_queues(self.silent_after)
        for part in self.parts:
            # A part that has just been started is given as long as a canary may take.
            if part.queues & silent and not part.ended() and now - part.started > 1.5 * self.silent_after:
                log.error("a queue is not consumed; its worker is replaced", part=part.name,
                          queue=",".join(sorted(part.queues & silent)))  # fmt: skip
                part.ask_to_end()
                threading.Timer(_PATIENCE, _kill, [part.process]).start()
                part.started = now


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None and process.poll() is None:
        process.kill()


def environment_with(settings: dict[str, str]) -> dict[str, str]:
    """This process's environment with these settings in place of its own."""
    return {**os.environ, **settings}
