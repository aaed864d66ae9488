"""Writing to the database in groups: what waits together is committed together, and what is urgent goes first.

What a commit costs is the disk, not the rows: SQLite has one writer at a time, and each waits for the disk. So a group
is one transaction. Nobody is told that something was written before the transaction that holds it is committed.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from adapters.database.engine import Database, DatabaseUnavailable
from web.groups import Groups, Outcomes

MOST_TOGETHER = 50
"""In one transaction: few enough to be through within a fraction of a second."""

MOST_URGENT = 25
"""Of these: so that what is not urgent moves on, too."""

What = TypeVar("What")
Found = TypeVar("Found")

Together = Callable[[Session, Sequence[What]], Sequence[Found]]
"""Writes many of a kind, and gives what came of each, in the same order."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What somebody wants written, and how it is written together with others of its kind."""

    how: Together[Any, Any]
    what: object


class Writer:
    """For one process.

    On PostgreSQL what is written by works of its own is not grouped: where two groups held each other's rows neither
    would come through. There each has a transaction of its own, four at a time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kinds = self._groups("writer", MOST_TOGETHER, 1)
        self._works = self._kinds if database.is_sqlite else self._groups("works", 1, 4)

    async def write(self, work: Callable[[Session], Found], *, urgent: bool = False) -> Found:
        """What `work` gives, once it is committed. It runs in a thread, perhaps twice, and perhaps in one transaction
        with others; it must not commit. Whoever is cancelled before it has begun is left out.

        Raises:
            DatabaseUnavailable: where the transaction could not begin or be committed.
        """
        return cast("Found", await self._works.add(_Work(_each, work), urgent=urgent))

    async def write_together(self, how: Together[What, Found], what: What, *, urgent: bool = False) -> Found:
        """As `write`, for what is cheaper to write with others of its kind: `how` is called with all that wait, and
        writes them with one statement. Two groups of a kind must not be able to hold each other's rows.

        Raises:
            DatabaseUnavailable: as `write`.
        """
        return cast("Found", await self._kinds.add(_Work(how, what), urgent=urgent))

    def _groups(self, name: str, most: int, threads: int) -> Groups[_Work, object]:
        return Groups(self._commit, name=name, most=most, most_urgent=MOST_URGENT, threads=threads)

    def _commit(self, group: list[_Work]) -> Outcomes[object]:
        """One that fails must not take its neighbours along; where the database itself is gone, all of them fail."""
        try:
            with self._transaction(group) as session:
                return _all_written(session, group)
        except Exception as wrong:  # noqa: BLE001 - whoever waits for it is told
            if len(group) == 1 or isinstance(wrong, DatabaseUnavailable):
                return [wrong] * len(group)
            return [outcome for one in group for outcome in self._commit([one])]

    def _transaction(self, group: list[_Work]) -> AbstractContextManager[Session]:
        """What is of one kind is written with one statement."""
        kinds = {one.how for one in group}
        return self._database.statement() if len(kinds) == 1 and _each not in kinds else self._database.write()


def _all_written(session: Session, group: list[_Work]) -> list[object]:
    found: dict[int, object] = {}
    for how in dict.fromkeys(one.how for one in group):
        places = [place for place, one in enumerate(group) if one.how == how]
        found |= zip(places, how(session, [group[place].what for place in places]), strict=True)
    return [found[place] for place in range(len(group))]


def _each(session: Session, works: Sequence[Callable[[Session], Found]]) -> list[Found]:
    return [work(session) for work in works]
