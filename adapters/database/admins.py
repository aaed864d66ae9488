"""Who may log in to the monitor. What is done to an account by hand is noted by `workers.accounts`, which does it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import AdminRow
from adapters.ids import new_id
from adapters.vault import Vault
from schemas.role import Role


def create(
    session: Session, *, name: str, role: Role, password_hash: str | None, identity: str | None = None,
    without_totp: bool = False, now: datetime,
) -> AdminRow | None:  # fmt: skip
    """A new account; None where the name, or the identity, has one."""
    values = {
        "id": new_id("adm"), "name": name, "role": role, "password_hash": password_hash, "identity": identity,
        "without_totp": without_totp, "created_at": now,
    }  # fmt: skip
    return session.get(AdminRow, values["id"]) if insert_unless_there(session, AdminRow, values) else None


def any_account(session: Session) -> bool:
    """Whether anybody at all could log in."""
    return session.scalars(select(AdminRow.id).where(AdminRow.disabled_at.is_(None)).limit(1)).first() is not None


def named(session: Session, name: str) -> AdminRow | None:
    """The account of this name."""
    return session.scalars(select(AdminRow).where(AdminRow.name == name)).one_or_none()


def of_identity(session: Session, identity: str) -> AdminRow | None:
    """The account of somebody whom another house knows (`identity_of`), locked."""
    return session.scalars(select(AdminRow).where(AdminRow.identity == identity).with_for_update()).one_or_none()


def locked(session: Session, known: str) -> AdminRow | None:
    """The account of this id or name, locked for a change."""
    found = select(AdminRow).where(or_(AdminRow.id == known, AdminRow.name == known)).with_for_update()
    return session.scalars(found).one_or_none()


def listed(session: Session) -> Sequence[AdminRow]:
    """All accounts, by name. There are as many as the secretariat has people."""
    return session.scalars(select(AdminRow).order_by(func.lower(AdminRow.name))).all()


def identity_of(vault: Vault, issuer: str, subject: str) -> str:
    """What is kept of who somebody is in another house: the keyed hash of OpenID Connect's issuer and subject, which
    never change, and are never given to another (Core 1.0, 5.7). Their e-mail address does, and is."""
    return vault.index("admins.identity", f"{issuer}\n{subject}").hex()


def totp_of(vault: Vault, row: AdminRow) -> str | None:
    """The secret of an account's authenticator app, in base32."""
    return vault.open_text(_place(row.id), row.sealed_totp)


def keep_totp(vault: Vault, row: AdminRow, secret: str | None) -> None:
    """Keep another secret, or none. No code has been used with it."""
    row.sealed_totp, row.totp_step = vault.seal_text(_place(row.id), secret), None


def use_step(session: Session, admin_id: str, step: int) -> bool:
    """Note that the code of this step was used; False where it was before, perhaps at this very moment by another."""
    unused = or_(AdminRow.totp_step.is_(None), AdminRow.totp_step < step)
    used = update(AdminRow).where(AdminRow.id == admin_id, unused).values(totp_step=step)
    return session.execute(used.returning(AdminRow.id)).first() is not None


def _place(admin_id: str) -> str:
    return f"admins:{admin_id}:totp"
