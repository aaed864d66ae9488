"""Writing to the database in groups: what waits together is committed together, and what is urgent goes first.

What a commit costs is the disk, not the rows: SQLite has one writer at a time, and each waits for the disk. So a group
is one transaction. Nobody is told that something was written before the transaction that holds it is committed.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from adapters.database.engine import Database, DatabaseUnavailable

MOST_TOGETHER = 50
"""In one transaction: few enough to be through within a fraction of a second."""

MOST_URGENT = 25
"""Of these: so that what is not urgent moves on, too."""

Found = TypeVar("Found")


@dataclass(slots=True)
class _Waiting(Generic[Found]):
    """What somebody waits for to be written. A future that is cancelled is not begun."""

    work: Callable[[Session], Found]
    written: "Future[Found]" = field(default_factory=Future)

    def begin(self) -> bool:
        """Whether anybody still waits; from now on it cannot be cancelled."""
        return self.written.set_running_or_notify_cancel()


class Writer:
    """For one process. PostgreSQL groups commits itself, and where two groups held each other's rows neither would
    come through; there each is written by itself, five at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._most_together, self._most_threads = (MOST_TOGETHER, 1) if database.is_sqlite else (1, 5)
        self._threads = ThreadPoolExecutor(self._most_threads, thread_name_prefix="writer")
        self._lock = threading.Lock()
        self._at_work = 0
        self._urgent: deque[_Waiting[object]] = deque()
        self._others: deque[_Waiting[object]] = deque()

    async def write(self, work: Callable[[Session], Found], *, urgent: bool = False) -> Found:
        """What `work` gives, once it is committed. It runs in a thread, perhaps twice, and in one transaction with
        others; it must not commit. Whoever is cancelled before it has begun is left out.

        Raises:
            DatabaseUnavailable: where the transaction could not begin or be committed.
        """
        waiting = _Waiting(work)
        with self._lock:
            (self._urgent if urgent else self._others).append(waiting)  # type: ignore[arg-type]
            awake = self._at_work < self._most_threads
            self._at_work += awake
        if awake:
            self._threads.submit(self._write_all)
        return await asyncio.wrap_future(waiting.written)

    def _write_all(self) -> None:
        while group := self._next():
            if begun := [one for one in group if one.begin()]:
                self._commit(begun)

    def _next(self) -> list[_Waiting[object]]:
        with self._lock:
            urgent = [self._urgent.popleft() for _ in range(min(MOST_URGENT, self._most_together, len(self._urgent)))]
            rest = min(self._most_together - len(urgent), len(self._others))
            group = [*urgent, *(self._others.popleft() for _ in range(rest))]
            self._at_work -= not group
            return group

    def _commit(self, group: list[_Waiting[object]]) -> None:
        """One that fails must not take its neighbours along; where the database itself is gone, all of them fail."""
        try:
            with self._database.write() as session:
                found = [one.work(session) for one in group]
        except Exception as wrong:  # noqa: BLE001 - whoever waits for it is told
            if len(group) == 1 or isinstance(wrong, DatabaseUnavailable):
                for one in group:
                    one.written.set_exception(wrong)
            else:
                for one in group:
                    self._commit([one])
        else:
            for one, written in zip(group, found, strict=True):
                one.written.set_result(written)
