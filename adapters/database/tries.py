"""Tries at something that may be tried only so often, counted for all processes together.

What a try is counted by (a client, an account) is kept as a keyed hash, and only until all its tries are there again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import TryRow
from adapters.vault import Vault


@dataclass(frozen=True, slots=True)
class Allowed:
    """`most` tries, which come back evenly over `period`."""

    most: int
    period: timedelta

    @property
    def each(self) -> timedelta:
        """After which one comes back."""
        return self.period / self.most


Counted = Mapping[str, Allowed]
"""What a try is counted by, as `key_of` writes it, and how many are allowed there."""


def key_of(vault: Vault, kind: str, whose: str) -> str:
    """What is kept of whose try it is."""
    return vault.index("tries", f"{kind}\n{whose}").hex()


def take(session: Session, counted: Counted, machine_now: datetime) -> timedelta:
    """Count a try, if there is one left wherever it is counted; otherwise how long to wait for that. Who tries at the
    same moment elsewhere waits for the end of this transaction."""
    rows = _locked(session, counted, machine_now)
    full = {key: min(max(row.machine_full, machine_now), machine_now + counted[key].period) + counted[key].each
            for key, row in rows.items()}  # fmt: skip
    wait = max(full[key] - machine_now - counted[key].period for key in counted)
    if wait > timedelta():
        return wait
    for key, row in rows.items():
        row.machine_full = full[key]
    return timedelta()


def give_back(session: Session, counted: Counted, machine_now: datetime) -> None:
    """Take back a try that turned out well; and forget by the way what has filled again, but for what is being counted
    just now."""
    for key, row in _locked(session, counted, machine_now).items():
        row.machine_full -= counted[key].each
    session.flush()
    over = select(TryRow.id).where(TryRow.machine_full <= machine_now).with_for_update(skip_locked=True)
    session.execute(delete(TryRow).where(TryRow.id.in_(over)).execution_options(synchronize_session=False))


def _locked(session: Session, counted: Counted, machine_now: datetime) -> dict[str, TryRow]:
    """The rows, in one order for everybody, so that no two wait for each other."""
    for key in sorted(counted):
        insert_unless_there(session, TryRow, {"id": key, "machine_full": machine_now})
    found = select(TryRow).where(TryRow.id.in_(counted)).order_by(TryRow.id).with_for_update()
    return {row.id: row for row in session.scalars(found.execution_options(populate_existing=True))}
