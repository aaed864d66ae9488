"""Writing to the database in groups: what waits together is committed together, and what is urgent goes first.

What a commit costs is the disk, not the rows: SQLite has one writer at a time, and each waits for the disk. So a group
is one transaction. Nobody is told that something was written before the transaction that holds it is committed.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from adapters.database.engine import Database, DatabaseUnavailable
from schemas.value import value
from web.groups import Groups, Outcomes

MOST_TOGETHER = 50
"""In one transaction: few enough to be through within a fraction of a second."""

MOST_URGENT = 25
"""Of these: so that what is not urgent moves on, too."""

_BETWEEN_GROUPS = 0.008
"""Seconds, at most. Each group costs two changes of the thread, a commit and an answer from the disk; and while it is
written, the interpreter is wanted by the thread that answers, too. In a rush groups of all who are there take a quarter
off what a post costs; who comes alone waits for nothing."""

What = TypeVar("What")
Found = TypeVar("Found")

Alone = Callable[[Session], Found]
Together = Callable[[Connection, Sequence[What]], Sequence[Found]]
"""Writes many of a kind, and gives what came of each, in the same order."""


@value
class _Work:
    """What somebody wants written. `how`: together with others of its kind; without it `what` writes itself."""

    what: Any
    how: Together[Any, Any] | None = None


class Writer:
    """For one process.

    On PostgreSQL what is written by works of its own is not grouped: where two groups held each other's rows neither
    would come through. There each has a transaction of its own, four at a time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kinds = self._groups("writer", MOST_TOGETHER, 1)
        self._works = self._kinds if database.is_sqlite else self._groups("works", 1, 4)

    async def write(self, work: Alone[Found], *, urgent: bool = False, seconds: float | None = None) -> Found:
        """What `work` gives, once it is committed. It runs in a thread, perhaps twice, and perhaps in one transaction
        with others; it must not commit. Whoever has gone before it has begun is left out.

        Raises:
            DatabaseUnavailable: where the transaction could not begin or be committed.
            TimeoutError: where it was not committed within `seconds`. It may still be.
        """
        return cast("Found", await self._works.add(_Work(work), urgent=urgent, seconds=seconds))

    async def write_together(
        self, how: Together[What, Found], what: What, *, urgent: bool = False, seconds: float | None = None
    ) -> Found:
        """As `write`, for what is cheaper to write with others of its kind: `how` is called with all that wait, and
        writes them with one statement. Two groups of a kind must not be able to hold each other's rows.

        Raises:
            DatabaseUnavailable, TimeoutError: as `write`.
        """
        return cast("Found", await self._kinds.add(_Work(what, how), urgent=urgent, seconds=seconds))

    def _groups(self, name: str, most: int, threads: int) -> Groups[_Work, object]:
        return Groups(self._commit, name=name, most=most, most_urgent=MOST_URGENT, threads=threads,
                      rest=_BETWEEN_GROUPS if most > 1 else 0.0, come_again=True)  # fmt: skip

    def _commit(self, group: list[_Work]) -> Outcomes[object]:
        """One that fails must not take its neighbours along; where the database itself is gone, all of them fail."""
        try:
            return self._written(group)
        except Exception as wrong:  # noqa: BLE001 - whoever waits for it is told
            if len(group) == 1 or isinstance(wrong, DatabaseUnavailable):
                return [wrong] * len(group)
            return self._one_by_one(group)

    def _one_by_one(self, group: list[_Work]) -> Outcomes[object]:
        """As far as the database is there: who waited for it with each of them would wait for minutes."""
        found: list[object] = []
        for one in group:
            gone = bool(found) and isinstance(found[-1], DatabaseUnavailable)
            found += found[-1:] if gone else self._commit([one])
        return found

    def _written(self, group: list[_Work]) -> Sequence[object]:
        """What is of one kind is written with one statement."""
        how = group[0].how
        if how is not None and all(one.how == how for one in group):
            with self._database.statement() as connection:
                return how(connection, [one.what for one in group])
        with self._database.write() as session:
            return _all_written(session, group)


def _all_written(session: Session, group: list[_Work]) -> list[object]:
    found: dict[int, object] = {}
    for how in dict.fromkeys(one.how for one in group):
        places = [place for place, one in enumerate(group) if one.how == how]
        works = [group[place].what for place in places]
        written = how(session.connection(), works) if how else [work(session) for work in works]
        found |= zip(places, written, strict=True)
    return [found[place] for place in range(len(group))]
