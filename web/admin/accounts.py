"""`/admin/accounts`: who may log in, as what, and when they last did; changing a role, ending logins, locking out.

Accounts are made, and passwords and authenticator apps replaced, at the command line: whoever may do that there needs
nobody's session. Nobody changes their own account here: there is always an admin left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal, Protocol

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import admins, logins
from adapters.toolbox import Toolbox
from domain.accounts import NotChanged
from domain.roles import ROLES, needs_second_factor
from schemas.role import Role
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

_OWN = "Another admin must change your own account, or the command line."
_CHOOSE = "Please choose an account, and what to do with it."


class Warden(Protocol):
    """Changes accounts, by their ids. Called in a thread; `who` as audits name people, `reason` for the record. Each
    raises NotChanged where it is not done."""

    def change_role(self, account: str, role: Role, who: str, reason: str, /) -> object:
        """From the next login on."""

    def disable(self, account: str, who: str, reason: str, /) -> object:
        """Nobody logs in with it from now on."""

    def enable(self, account: str, who: str, reason: str, /) -> object:
        """Its holder may log in again."""

    def end_logins(self, account: str, who: str, reason: str, /) -> object:
        """Its holder must log in again."""


Way = Literal["password", "password and app", "OpenID Connect"]


@dataclass(frozen=True, slots=True)
class Listed:
    """An account, as the page shows it. `lacks`: it needs an authenticator app and has none yet."""

    id: str
    name: str
    role: Role
    way: Way
    lacks: bool
    logged_in: datetime | None
    logins: int
    disabled: datetime | None


class Accounts:
    """The page, and its buttons."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits, warden: Warden) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits
        self._warden = warden

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/accounts", self._answer, right="accounts", posts="accounts")]

    async def _answer(self, visit: Visit) -> Response:
        return await (self._change(visit) if visit.request.method == "POST" else self._page(visit))

    async def _change(self, visit: Visit) -> Response:
        account, role = visit.said("id"), visit.said("role")
        deeds = {"disable": self._warden.disable, "enable": self._warden.enable, "logout": self._warden.end_logins}
        if account in {visit.login.admin_id, visit.login.name}:
            return await self._page(visit, 409, wrong=_OWN)
        if (deed := deeds.get(visit.said("deed"))) is not None and account:
            do = partial(deed, account, visit.who, visit.said("reason"))
        elif visit.said("deed") == "role" and role in ROLES and account:
            do = partial(self._warden.change_role, account, role, visit.who, visit.said("reason"))
        else:
            return await self._page(visit, 422, wrong=_CHOOSE)
        try:
            await self._inbox.ask(do)
        except NotChanged as why:
            return await self._page(visit, 409, wrong=str(why))
        return visit.to("/accounts")

    async def _page(self, visit: Visit, status: int = 200, *, wrong: str = "") -> Response:
        listed = await self._inbox.ask(self._listed)
        return visit.page("accounts", status, listed=listed, roles=ROLES, own=visit.login.admin_id, wrong=wrong)

    def _listed(self) -> Sequence[Listed]:
        with self._toolbox.database.read() as session:
            lasting = logins.counts(session, self._toolbox.clock.machine_now())
            return [
                Listed(one.id, one.name, one.role, way := _way(one.identity, one.sealed_totp),
                       way == "password" and needs_second_factor(one.role), one.machine_logged_in,
                       lasting.get(one.id, 0), one.disabled_at)
                for one in admins.listed(session)
            ]  # fmt: skip


def _way(identity: str | None, totp: bytes | None) -> Way:
    if identity is not None:
        return "OpenID Connect"
    return "password" if totp is None else "password and app"
