"""Accounts of the monitor: made and changed by hand, from the command line or by an admin in the monitor. Each deed is
noted with who did it, and ends the logins that stood on what was before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

import pyotp
from sqlalchemy.orm import Session

from adapters.database import admins, audits, logins
from adapters.database.tables import AdminRow
from adapters.passwords import hashed
from adapters.toolbox import Toolbox
from domain.accounts import NAME, NotChanged, as_typed, weakness
from schemas.role import Role

Totp = Literal["now", "at-login", "never"]
"""When an account gets its authenticator app: at once, when its holder logs in, or not at all, whatever its role."""

_UNKNOWN: Final = "There is no account of this name."
_OTHER_HOUSE: Final = "This account is kept by the OpenID Connect issuer; change it there."


@dataclass(frozen=True, slots=True)
class Warden:
    """Makes and changes accounts: for the command line, and for the web part, to which it is handed. `account`: a name
    or an id; `who` as audits name people; `reason` for the record.

    Each raises NotChanged where it is not done. What is so already is left so, and not noted again.
    """

    toolbox: Toolbox

    def create(self, name: str, role: Role, password: str, who: str, *, totp: Totp = "now") -> str | None:
        """A new account, with the secret of its authenticator app: the only time that it is told."""
        if not NAME.fullmatch(name):
            raise NotChanged("A name is 2 to 40 small letters, digits, dots and hyphens, and begins with a letter.")
        kept = _hashed(name, password)
        with self.toolbox.database.write() as session:
            row = admins.create(session, name=name, role=role, password_hash=kept, without_totp=totp == "never",
                                now=self.toolbox.clock.now())  # fmt: skip
            if row is None:
                raise NotChanged("There is an account of this name already.")
            secret = self._new_totp(row) if totp == "now" else None
            self._note(session, row, who, "admin.create", became=role, totp=totp)
        return secret

    def change_role(self, account: str, role: Role, who: str, reason: str = "") -> None:
        """Another role, from the next login on."""
        with self._changing(account, kept_here=True) as (session, row):
            if row.role != role:
                self._note(session, row, who, "admin.role", reason, was=row.role, became=role)
                row.role = role
                logins.end_all(session, row.id)

    def set_password(self, account: str, password: str, who: str) -> None:
        """Another password."""
        with self._changing(account, kept_here=True) as (session, row):
            row.password_hash = _hashed(row.name, password)
            self._note(session, row, who, "admin.password")
            logins.end_all(session, row.id)

    def renew_totp(self, account: str, who: str, *, totp: Totp = "now") -> str | None:
        """Another secret for the authenticator app, for who has lost it. The one before opens nothing any more."""
        with self._changing(account, kept_here=True) as (session, row):
            row.without_totp = totp == "never"
            admins.keep_totp(self.toolbox.vault, row, None)
            secret = self._new_totp(row) if totp == "now" else None
            self._note(session, row, who, "admin.totp", totp=totp)
            logins.end_all(session, row.id)
        return secret

    def disable(self, account: str, who: str, reason: str = "") -> None:
        """Nobody logs in with it from now on."""
        with self._changing(account) as (session, row):
            if row.disabled_at is None:
                self._note(session, row, who, "admin.disable", reason)
                row.disabled_at = self.toolbox.clock.now()
                logins.end_all(session, row.id)

    def enable(self, account: str, who: str, reason: str = "") -> None:
        """Its holder may log in again."""
        with self._changing(account) as (session, row):
            if row.disabled_at is not None:
                self._note(session, row, who, "admin.enable", reason)
                row.disabled_at = None

    def end_logins(self, account: str, who: str, reason: str = "") -> int:
        """Its holder must log in again, in every browser; in how many."""
        with self._changing(account) as (session, row):
            if ended := logins.end_all(session, row.id):
                self._note(session, row, who, "admin.logout", reason, logins=ended)
        return ended

    @contextmanager
    def _changing(self, account: str, *, kept_here: bool = False) -> Iterator[tuple[Session, AdminRow]]:
        with self.toolbox.database.write() as session:
            row = admins.locked(session, account)
            if row is None:
                raise NotChanged(_UNKNOWN)
            if kept_here and row.identity is not None:
                raise NotChanged(_OTHER_HOUSE)
            yield session, row

    def _new_totp(self, row: AdminRow) -> str:
        secret = pyotp.random_base32()
        admins.keep_totp(self.toolbox.vault, row, secret)
        return secret

    def _note(
        self, session: Session, row: AdminRow, who: str, action: str, reason: str = "", **details: str | int
    ) -> None:
        clock = self.toolbox.clock
        audits.note(
            session, self.toolbox.vault, who=who, action=action, about=row.id, reason=reason, details=details,
            now=clock.now(), machine_now=clock.machine_now(),
        )  # fmt: skip


def _hashed(name: str, password: str) -> str:
    if weak := weakness(password, name):
        raise NotChanged(weak)
    return hashed(as_typed(password))
