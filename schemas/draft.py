"""A letter that is to be written to the outbox: decided by the domain, kept in SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Draft:
    """A row of the outbox to come. `about`: a session's id, a date, or empty for the whole registration; `revision`
    orders letters of one kind about one matter. Due at `due_at`, of no use after `not_after` (the conference's time).

    With `method` also `sequence` and `dtstamp`: the calendar entry's. `before`: what was told last, as
    `domain.letters.told` keeps it. `skip`: why it is written as skipped at once.
    """

    kind: str
    about: str
    revision: int
    sessions: tuple[str, ...]
    due_at: datetime
    not_after: datetime
    changes: tuple[str, ...] = ()
    method: str | None = None
    sequence: int | None = None
    dtstamp: datetime | None = None
    before: dict[str, Any] | None = None
    skip: str | None = None
