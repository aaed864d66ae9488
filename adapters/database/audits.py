"""Audits: who did what by hand, when, and why; and who came and went."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from adapters.database.tables import AuditRow
from adapters.vault import Vault

LOGINS: Final = ("admin.login", "admin.login-failed", "admin.left")
"""Actions by which nothing is changed. There are many, and strangers can add to them: among the deeds of a day they
would hide the others."""

_LONGEST = 1000
"""Letters of a reason. Whoever has more to say says it elsewhere."""


@dataclass(frozen=True, slots=True)
class Audit:
    """One deed, opened. `at`: the conference's time, in UTC; `about`: an opaque id; `details`: nothing personal; `id`:
    later ones have higher ones."""

    who: str
    action: str
    conference: str | None
    about: str | None
    reason: str | None
    details: Mapping[str, Any]
    at: datetime
    id: int = field(default=0, compare=False)


def note(
    session: Session, vault: Vault, *, who: str, action: str, conference: str | None = None, about: str | None = None,
    reason: str | None = None, details: Mapping[str, Any] | None = None, now: datetime, machine_now: datetime,
) -> int:  # fmt: skip
    """Note a deed, in the transaction that does it; its id. `who`: `cli:NAME`, `admin:NAME`, `participant`, `openid`
    or, where nobody was let in, `stranger`; `reason` is sealed, for a person has typed it; `details` must hold no
    personal value."""
    row = AuditRow(
        who=who, action=action, conference=conference, about=about, details=dict(details or {}), at=now,
        machine_at=machine_now,
    )  # fmt: skip
    session.add(row)
    session.flush()  # its id is part of the place that the reason is sealed for
    if reason:
        row.sealed_reason = vault.seal_text(_place(row.id), reason[:_LONGEST])
    return row.id


def listed(
    session: Session, vault: Vault, limit: int, *, who: str | None = None, action: str | None = None,
    conference: str | None = None, about: Collection[str] = (), before: int | None = None, with_logins: bool = False,
) -> list[Audit]:  # fmt: skip
    """The newest first; those of lower ids than `before`. `about`: any of these ids. Logins only where they are asked
    for: `with_logins`, or by their action."""
    wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    for column, value in (AuditRow.who, who), (AuditRow.action, action), (AuditRow.conference, conference):
        wanted = wanted if value is None else wanted.where(column == value)
    if not with_logins and action is None:
        wanted = wanted.where(
            AuditRow.action.not_in([literal_column(f"'{one}'") for one in LOGINS])
        )  # as its index says
    if about:
        wanted = wanted.where(AuditRow.about.in_(about))
    if before is not None:
        wanted = wanted.where(AuditRow.id < before)
    return [_opened(row, vault) for row in session.scalars(wanted)]


def find(session: Session, vault: Vault, audit: int) -> Audit | None:
    """The one of this id, or None."""
    row = session.get(AuditRow, audit)
    return None if row is None else _opened(row, vault)


def _opened(row: AuditRow, vault: Vault) -> Audit:
    reason = vault.open_text(_place(row.id), row.sealed_reason)
    return Audit(row.who, row.action, row.conference, row.about, reason, row.details, row.at, row.id)


def is_done(session: Session, action: str, about: str) -> bool:
    """Whether this was done to this before."""
    noted = select(AuditRow.id).where(AuditRow.action == action, AuditRow.about == about).limit(1)
    return session.scalar(noted) is not None


def _place(audit: int) -> str:
    return f"audits:{audit}:reason"
