"""What was reported of letters after they had been handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import BounceRow, SuppressionRow

WISH = "wish"
"""The class of what is no refusal by a server but a wish of the recipient's."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One report, as it is kept. `kind`: bounced, deferred, complained or unsubscribed; `code`: RFC 3463 or 5321."""

    letter_id: str
    address_index: bytes
    kind: str
    bounce_class: str
    code: str | None
    source: str

    def __str__(self) -> str:
        return f"{self.bounce_class}-{self.code}" if self.code else self.bounce_class


def add(session: Session, reported: Reported, now: datetime, machine_now: datetime) -> bool:
    """Keep a report, unless the same was reported before, by whatever way; whether it is new."""
    values = {
        "letter_id": reported.letter_id, "address_index": reported.address_index, "kind": reported.kind,
        "bounce_class": reported.bounce_class, "code": reported.code, "source": reported.source, "at": now,
        "machine_at": machine_now,
    }  # fmt: skip
    return insert_unless_there(session, BounceRow, values)


def of_address(session: Session, address_index: bytes) -> list[BounceRow]:
    """The refusals of letters to an address since it was last freed, the latest last."""
    freed = select(func.max(SuppressionRow.lifted_at)).where(SuppressionRow.address_index == address_index)
    since = session.scalar(freed)
    wanted = select(BounceRow).where(BounceRow.address_index == address_index, BounceRow.bounce_class != WISH)
    if since is not None:
        wanted = wanted.where(BounceRow.at > since)
    return list(session.scalars(wanted.order_by(BounceRow.id)))


def listed(session: Session, limit: int) -> Sequence[BounceRow]:
    """The latest reports, the newest first."""
    return session.scalars(select(BounceRow).order_by(BounceRow.id.desc()).limit(limit)).all()


def counts(session: Session) -> dict[str, int]:
    """How many reports by class; a complaint is a class of its own here."""
    rows = session.execute(
        select(BounceRow.kind, BounceRow.bounce_class, func.count()).group_by(BounceRow.kind, BounceRow.bounce_class)
    )
    found: dict[str, int] = {}
    for kind, bounce_class, number in rows:
        name = kind if bounce_class == WISH else bounce_class
        found[name] = found.get(name, 0) + number
    return found
