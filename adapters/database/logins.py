"""Logins to the monitor that last: one row per browser. The cookie holds the secret, the row its hash, so that whoever
reads the table can do nothing with it (OWASP ASVS 5.0, 7.2). All times are the machine's.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import AdminRow, AdminSessionRow
from schemas.role import Role

LASTS: Final = timedelta(hours=12)
"""However busy its holder is."""
RESTS: Final = timedelta(minutes=30)
"""After which nobody sits there any more."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who is logged in, as what, by which login."""

    id: str
    admin_id: str
    name: str
    role: Role
    machine_seen: datetime


def id_of(secret: str) -> str:
    """What is kept of a cookie's secret, which is random and long: a plain hash hides it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin(session: Session, admin: AdminRow, secret: str, machine_now: datetime) -> Login:
    """A login of somebody who has shown who they are. Logins that are over are forgotten by the way."""
    session.execute(delete(AdminSessionRow).where(_is_over(machine_now)))
    login = Login(id_of(secret), admin.id, admin.name, admin.role, machine_now)
    insert_unless_there(session, AdminSessionRow, {
        "id": login.id, "admin_id": admin.id, "role": admin.role, "machine_begun": machine_now,
        "machine_seen": machine_now,
    })  # fmt: skip
    session.execute(update(AdminRow).where(AdminRow.id == admin.id).values(machine_logged_in=machine_now))
    return login


def find(session: Session, secret: str, machine_now: datetime) -> Login | None:
    """The login of this secret, if it lasts, its account may log in, and its role is what it was."""
    found = session.execute(
        select(AdminSessionRow.id, AdminRow.id, AdminRow.name, AdminRow.role, AdminSessionRow.machine_seen)
        .join(AdminRow, AdminRow.id == AdminSessionRow.admin_id)
        .where(
            AdminSessionRow.id == id_of(secret), ~_is_over(machine_now), AdminRow.disabled_at.is_(None),
            AdminSessionRow.role == AdminRow.role,
        )
    ).one_or_none()  # fmt: skip
    return None if found is None else Login(*found)


def see(session: Session, login_id: str, machine_now: datetime) -> None:
    """Somebody sits there."""
    session.execute(update(AdminSessionRow).where(AdminSessionRow.id == login_id).values(machine_seen=machine_now))


def end(session: Session, login_id: str) -> bool:
    """End one login; whether there was one."""
    ended = delete(AdminSessionRow).where(AdminSessionRow.id == login_id).returning(AdminSessionRow.id)
    return session.execute(ended).first() is not None


def end_all(session: Session, admin_id: str) -> int:
    """End all logins of an account; how many there were."""
    ended = delete(AdminSessionRow).where(AdminSessionRow.admin_id == admin_id).returning(AdminSessionRow.id)
    return len(session.execute(ended).all())


def counts(session: Session, machine_now: datetime) -> dict[str, int]:
    """How many logins each account has that last."""
    lasting = (
        select(AdminSessionRow.admin_id, func.count()).where(~_is_over(machine_now)).group_by(AdminSessionRow.admin_id)
    )
    return dict(session.execute(lasting).all())


def _is_over(machine_now: datetime) -> ColumnElement[bool]:
    return or_(
        AdminSessionRow.machine_begun <= machine_now - LASTS, AdminSessionRow.machine_seen <= machine_now - RESTS
    )
