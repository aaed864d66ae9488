"""Addresses that are not written to any more: kept as keyed hashes of a purpose of their own, so that they outlive the
participants without saying who they were."""

import json
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, select, update
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import Instant, SuppressionRow
from adapters.ids import new_id
from adapters.vault import Vault


@dataclass(frozen=True, slots=True)
class Lifting:
    """Who has freed an address, and why: what a person has typed, and so sealed."""

    by: str
    because: str


def index_of(vault: Vault, address: str) -> bytes:
    """The keyed hash by which an address is suppressed, the same whatever case it was typed in. It is another than the
    one that participants are found by: neither table tells of the other."""
    return vault.index("suppressions.address", unicodedata.normalize("NFC", address).casefold())


def any_in_force(session: Session, now: datetime) -> bool:
    """Whether any address is suppressed at all: mostly none is, and nobody need be looked up."""
    return session.connection().execute(_ANY_IN_FORCE, {"now": now}).first() is not None


def reasons(session: Session, indexes: Collection[bytes], now: datetime) -> dict[bytes, set[str]]:
    """Why each of these addresses is suppressed at `now`; without those that are not."""
    rows = session.execute(
        select(SuppressionRow.address_index, SuppressionRow.reason).where(
            SuppressionRow.address_index.in_(indexes), _in_force(now)
        )
    )
    found: dict[bytes, set[str]] = {}
    for index, reason in rows:
        found.setdefault(index, set()).add(reason)
    return found


def suppress(
    session: Session, index: bytes, *, reason: str, source: str, code: str | None, letter_id: str, now: datetime,
    until: datetime,
) -> bool:  # fmt: skip
    """Suppress an address, or let it be so for longer; whether it was not before."""
    values = {
        "id": new_id("sup"), "address_index": index, "reason": reason, "source": source, "code": code,
        "letter_id": letter_id, "since": now, "expires_at": until,
    }  # fmt: skip
    if insert_unless_there(session, SuppressionRow, values):
        return True
    known = session.scalars(
        select(SuppressionRow)
        .where(
            SuppressionRow.address_index == index, SuppressionRow.reason == reason, SuppressionRow.lifted_at.is_(None)
        )
        .with_for_update()
    ).one()
    had_expired = known.expires_at <= now
    if had_expired:
        known.since, known.source, known.code, known.letter_id = now, source, code, letter_id
    known.expires_at = until
    return had_expired


def find(session: Session, ids: Iterable[str], now: datetime) -> list[SuppressionRow]:
    """Those of these suppressions that are in force."""
    return list(session.scalars(select(SuppressionRow).where(SuppressionRow.id.in_(list(ids)), _in_force(now))))


def of_index(session: Session, index: bytes, now: datetime) -> list[SuppressionRow]:
    """Those of one address that are in force."""
    return list(session.scalars(select(SuppressionRow).where(SuppressionRow.address_index == index, _in_force(now))))


def lift(session: Session, vault: Vault, row: SuppressionRow, lifting: Lifting, now: datetime) -> None:
    """Free an address of one suppression."""
    written = json.dumps({"by": lifting.by, "because": lifting.because}).encode()
    session.execute(
        update(SuppressionRow)
        .where(SuppressionRow.id == row.id, SuppressionRow.lifted_at.is_(None))
        .values(lifted_at=now, sealed_lifting=vault.seal(_place(row.id), written))
    )


def lifting_of(row: SuppressionRow, vault: Vault) -> Lifting | None:
    """Who has lifted a suppression, and why; None where nobody has.

    Raises:
        VaultError: where it cannot be opened with the keys at hand.
    """
    if row.sealed_lifting is None:
        return None
    said = json.loads(vault.open(_place(row.id), row.sealed_lifting))
    return Lifting(said["by"], said["because"])


def listed(session: Session, limit: int) -> list[SuppressionRow]:
    """The latest suppressions, the newest first, with those that were lifted or have run out."""
    return list(session.scalars(select(SuppressionRow).order_by(SuppressionRow.since.desc()).limit(limit)))


def count(session: Session, now: datetime) -> int:
    """How many addresses are suppressed."""
    wanted = select(func.count(SuppressionRow.address_index.distinct())).where(_in_force(now))
    return session.scalar(wanted) or 0


def _in_force(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(SuppressionRow.lifted_at.is_(None), SuppressionRow.expires_at > now)


_ANY_IN_FORCE = select(SuppressionRow.id).where(_in_force(bindparam("now", type_=Instant()))).limit(1)


def _place(suppression_id: str) -> str:
    return f"suppressions:{suppression_id}:lifting"
