"""Audits: who did what by hand, when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.database.tables import AuditRow
from adapters.vault import Vault

_LONGEST = 1000
"""Letters of a reason. Whoever has more to say says it elsewhere."""


@dataclass(frozen=True, slots=True)
class Audit:
    """One deed, opened. `at`: the conference's time, in UTC; `about`: an opaque id; `details`: nothing personal."""

    who: str
    action: str
    conference: str | None
    about: str | None
    reason: str | None
    details: Mapping[str, Any]
    at: datetime


def note(
    session: Session, vault: Vault, *, who: str, action: str, conference: str | None = None, about: str | None = None,
    reason: str | None = None, details: Mapping[str, Any] | None = None, now: datetime, machine_now: datetime,
) -> None:  # fmt: skip
    """Note a deed, in the transaction that does it. `who`: `cli:NAME`, `admin:NAME` or `participant`; `reason` is
    sealed, for a person has typed it; `details` must hold no personal value."""
    row = AuditRow(
        who=who, action=action, conference=conference, about=about, details=dict(details or {}), at=now,
        machine_at=machine_now,
    )  # fmt: skip
    session.add(row)
    if reason:
        session.flush()  # its id is part of the place that it is sealed for
        row.sealed_reason = vault.seal_text(_place(row.id), reason[:_LONGEST])


def listed(session: Session, vault: Vault, limit: int, *, conference: str | None = None) -> list[Audit]:
    """The newest first."""
    wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if conference is not None:
        wanted = wanted.where(AuditRow.conference == conference)
    return [
        Audit(row.who, row.action, row.conference, row.about, vault.open_text(_place(row.id), row.sealed_reason),
              row.details, row.at)
        for row in session.scalars(wanted)
    ]  # fmt: skip


def _place(audit: int) -> str:
    return f"audits:{audit}:reason"
