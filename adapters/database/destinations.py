"""Where letters go: the mail server and the domains behind it, how fast they may come, and whether at all.

In SQL, so that all workers agree, and a broker that is wiped does not send a stopped conference off again.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.many import plain_rows
from adapters.database.tables import DestinationRow

RELAY: Final = "relay"

_AGAINST = select(DestinationRow.__table__).where(
    or_(DestinationRow.machine_paused_until.is_not(None), DestinationRow.refusals > 0)
)


def against(session: Session) -> Mapping[str, DestinationRow]:
    """What is known against the mail server, and against domains (by their hashes). A pause that is past says that
    nothing has been taken there since."""
    return {row.name: row for row in plain_rows(session, DestinationRow, _AGAINST)}


def paused(session: Session) -> list[DestinationRow]:
    """All that are, or that have not been tried since; the mail server first."""
    found = session.scalars(select(DestinationRow).where(DestinationRow.machine_paused_until.is_not(None)))
    return sorted(found, key=lambda row: (row.name != RELAY, row.name))


def count_refusals(session: Session, name: str, whose: Collection[str], number: int) -> None:
    """Count letters that were refused by policy, and whose they were."""
    row = _locked(session, name)
    row.refusals += number
    row.refused = sorted({*row.refused, *whose})


def pause(session: Session, name: str, reason: str, machine_now: datetime, lengths: Sequence[timedelta]) -> timedelta:
    """Send nothing there for a while: `lengths` for the first time in a row, the second, … For how long it is now; no
    longer where another worker has just said the same. Whose letters were refused is counted from the beginning."""
    row = _locked(session, name)
    row.refused = []
    if row.machine_paused_until is None or row.machine_paused_until <= machine_now:
        length = lengths[min(row.pauses, len(lengths) - 1)]
        row.pauses, row.reason, row.machine_paused_until = row.pauses + 1, reason, machine_now + length
    return row.machine_paused_until - machine_now


def all_is_well(session: Session, name: str) -> None:
    """A letter was taken: forget what was known against it."""
    row = _locked(session, name)
    row.refusals, row.refused, row.pauses, row.reason, row.machine_paused_until = 0, [], 0, None, None


def take(session: Session, name: str, wanted: int, rate: float, machine_now: datetime) -> tuple[int, datetime]:
    """So many letters to a place that takes `rate` a second, and a second's worth at once: how many may go now, and
    when there is room for the next (generic cell rate algorithm)."""
    row = _locked(session, name)
    interval = timedelta(seconds=1 / rate)
    burst = max(timedelta(seconds=1), interval)
    due = max(row.machine_free_at or machine_now, machine_now)
    granted = max(0, min(wanted, int((machine_now + burst - due) / interval)))
    row.machine_free_at = due + granted * interval
    return granted, max(machine_now, row.machine_free_at + interval - burst)


def _locked(session: Session, name: str) -> DestinationRow:
    known = session.get(DestinationRow, name, with_for_update=True)
    if known is None:
        insert_unless_there(session, DestinationRow, {"name": name, "refusals": 0, "pauses": 0})
        known = session.get_one(DestinationRow, name, with_for_update=True)
    return known
