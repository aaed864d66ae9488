"""Counters and histograms that all processes share: gathered in memory while work is done, added to their rows when it
is committed. They only grow, cost a scrape a few hundred rows, and leave no files behind.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from math import inf
from typing import Any, Final

from sqlalchemy import Executable, select
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from adapters.database.tables import TallyRow

MESSAGES: Final = "messages"
"""Letters that were brought to an outcome: by kind, language and outcome."""
_SUM: Final = "sum"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Durations in seconds, counted by the smallest bound that they do not exceed."""

    name: str
    bounds: tuple[float, ...]

    def bucket(self, seconds: float) -> str:
        """The bound of a duration, as its row has it."""
        return _written(self.bounds)[bisect_left(self.bounds, seconds)]

    def cumulated(self, rows: Mapping[str, float]) -> tuple[list[tuple[str, float]], float]:
        """Buckets as Prometheus wants them, each with all below it, and the sum of all durations."""
        bounds = _written(self.bounds)
        buckets = zip(bounds, accumulate(rows.get(bound, 0) for bound in bounds), strict=True)
        return [(bound.replace("inf", "+Inf"), number) for bound, number in buckets], rows.get(_SUM, 0.0)


@cache
def _written(bounds: tuple[float, ...]) -> tuple[str, ...]:
    """As rows have them, and the last, which nothing exceeds."""
    return (*map(str, bounds), str(inf))


SEND_DURATION: Final = Histogram("send_duration", (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0))
REMINDER_LAG: Final = Histogram("reminder_lag", (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0))


@dataclass(slots=True)
class Tallies:
    """What one piece of work has counted and not yet written."""

    _counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, name: str, *labels: str) -> None:
        """One more."""
        self._counted[name, ",".join(labels)] += 1

    def observe(self, histogram: Histogram, seconds: float) -> None:
        """One more duration; a clock that was set back is none."""
        lasted = max(seconds, 0.0)
        self._counted[histogram.name, histogram.bucket(lasted)] += 1
        self._counted[histogram.name, _SUM] += lasted  # type: ignore[assignment] # typeshed's counters are of integers

    def add(self, session: Session) -> None:
        """Add everything to its rows, in one order for all, so that no two wait for each other: as late in the
        transaction as can be."""
        rows = [{"name": name, "labels": labels, "number": n} for (name, labels), n in sorted(self._counted.items())]
        self._counted.clear()
        if rows:
            make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
            session.connection().execute(_upsert(make), rows)


@cache
def _upsert(make: Callable[[Any], SqliteInsert | PostgresqlInsert]) -> Executable:
    adding = make(TallyRow.__table__)
    return adding.on_conflict_do_update(
        index_elements=["name", "labels"], set_={"number": TallyRow.number + adding.excluded.number}
    )


def all_of(session: Session) -> dict[str, dict[str, float]]:
    """Every number, by name and labels."""
    found: dict[str, dict[str, float]] = {}
    rows = select(TallyRow.name, TallyRow.labels, TallyRow.number).order_by(TallyRow.name, TallyRow.labels)
    for name, labels, number in session.execute(rows):
        found.setdefault(name, {})[labels] = number
    return found
