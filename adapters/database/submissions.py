"""Received submissions as people look through them, page by page, and what they have decided about those that were not
accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal_column, select, tuple_, update
from sqlalchemy.orm import Session

from adapters.database.envelopes import MAIL_SOURCES, Receipt, record
from adapters.database.tables import EnvelopeRow
from adapters.vault import Vault

CORRECTED: Final = "corrected"
"""The source of what the secretariat has corrected."""
REJECTED: Final = ("rejected", "failed")

# Said as its index says it, as in `letters`.
_WAITS_FOR_SOMEBODY = EnvelopeRow.state.in_([literal_column(f"'{state}'") for state in REJECTED])


@dataclass(frozen=True, slots=True)
class Sought:
    """Which submissions; what is None is of no matter. `open`: rejected or failed, and nobody has dealt with them.
    `code`: of one of the reasons."""

    open: bool = False
    conference: str | None = None
    source: str | None = None
    state: str | None = None
    code: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Position(NamedTuple):
    """Where a page ended."""

    machine_received: datetime
    id: str


def page(session: Session, sought: Sought, limit: int, after: Position | None = None) -> list[EnvelopeRow]:
    """The submissions that follow on `after`, or the first: the newest first. Without what registers nobody and was
    done, as in `envelopes.listed`."""
    newest = (EnvelopeRow.machine_received.desc(), EnvelopeRow.id.desc())
    return list(session.scalars(select(EnvelopeRow).where(_condition(sought, after)).order_by(*newest).limit(limit)))


def open_ones(session: Session) -> int:
    """How many wait for somebody to decide about them."""
    wanted = select(func.count()).select_from(EnvelopeRow).where(_condition(Sought(open=True), None))
    return session.scalar(wanted) or 0


def _condition(sought: Sought, after: Position | None) -> ColumnElement[bool]:
    is_silent = and_(
        EnvelopeRow.source.in_(("zoom", "zoom-list", *MAIL_SOURCES)), EnvelopeRow.state == "accepted",
        EnvelopeRow.participant_id.is_(None),
    )  # fmt: skip
    conditions = [~is_silent]
    if sought.open:
        conditions += [_WAITS_FOR_SOMEBODY, EnvelopeRow.set_aside_at.is_(None)]
    elif sought.state in REJECTED:
        conditions.append(_WAITS_FOR_SOMEBODY)
    for given, is_so in (
        (sought.conference, EnvelopeRow.conference == sought.conference),
        (sought.source, EnvelopeRow.source == sought.source),
        (sought.state, EnvelopeRow.state == sought.state),
        (sought.code, cast(EnvelopeRow.reasons, Text).contains(f'"{sought.code}"', autoescape=True)),
    ):
        if given is not None:
            conditions.append(is_so)
    if sought.since is not None:
        conditions.append(EnvelopeRow.received_at >= sought.since)
    if sought.until is not None:
        conditions.append(EnvelopeRow.received_at < sought.until)
    if after is not None:
        conditions.append(tuple_(EnvelopeRow.machine_received, EnvelopeRow.id) < tuple_(*after))
    return and_(*conditions)


def record_correction(
    session: Session, vault: Vault, of: EnvelopeRow, body: bytes, digest: str, now: datetime, machine_now: datetime
) -> Receipt:  # fmt: skip
    """Keep a corrected copy of an envelope, which stays as it came and is set aside. The copy is as old as what it
    corrects: what was said since holds. The same correction twice is one copy."""
    receipt = record(
        session, vault, conference=of.conference, source=CORRECTED, delivery_id=f"{of.id}\n{digest}",
        content_type="application/json", body=body, now=now, machine_now=machine_now,
    )  # fmt: skip
    if not receipt.duplicate:
        copy = update(EnvelopeRow).where(EnvelopeRow.id == receipt.id)
        session.execute(copy.values(corrects=of.id, machine_received=of.machine_received))
    of.set_aside_at = of.set_aside_at or now
    return receipt


def set_aside(session: Session, ids: Sequence[str], now: datetime) -> list[str]:
    """Note of rejected or failed envelopes that nothing more is to be done about them; the ids of those that waited
    for somebody to say so."""
    waits = EnvelopeRow.state.in_(("rejected", "failed")) & EnvelopeRow.set_aside_at.is_(None)
    done = update(EnvelopeRow).where(EnvelopeRow.id.in_(ids), waits).values(set_aside_at=now)
    return list(session.scalars(done.returning(EnvelopeRow.id)))
