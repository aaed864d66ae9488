"""Logging in to the monitor by another house: OpenID Connect, if the settings name an issuer.

The groups that the issuer tells say the role, anew at each login; where none fits, nobody is let in. What belongs to
one login (state, nonce, PKCE's verifier) follows from the arrival that the browser keeps, and ends with it.
"""

import hmac
from functools import partial
from typing import cast

import anyio.to_thread
import structlog
from anyio import CapacityLimiter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.database import admins, audits, logins
from adapters.database.tables import AdminRow
from adapters.openid import Attempt, Issuer, IssuerUnavailable, NotVouchedFor, Voucher
from adapters.toolbox import Toolbox
from domain.accounts import name_elsewhere
from schemas.role import Role
from web.admin.badges import Arrival, arrives
from web.admin.gate import Gate
from web.inbox import Inbox
from web.limits import client_of
from web.problems import Problem

log = structlog.get_logger(__name__)

_REFUSED = "The other house does not let you in here. Please log in anew, or ask an admin."
_AWAY = "The other house cannot be asked now. Please try again in a moment."
_BACK = "/login/openid/back"


class OpenId:
    """The way in by the side door."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, gate: Gate) -> None:
        self._toolbox, self._inbox, self._gate = toolbox, inbox, gate
        self._issuer = Issuer(toolbox.settings, toolbox.clock.machine_now)
        self._back = f"{toolbox.settings.public_url}/admin{_BACK}"
        self._few = CapacityLimiter(4)

    def routes(self) -> list[BaseRoute]:
        """`/login/openid`, and where the issuer sends people back to; none where there is no issuer."""
        if not self._toolbox.settings.admin_oidc_issuer:
            return []
        return [Route("/login/openid", self._go), Route(_BACK, self._return)]

    async def _go(self, request: Request) -> Response:
        client, now = client_of(request), self._toolbox.clock.machine_now()
        await self._gate.tries.take(client, None, now)
        arrival = arrives(now)
        try:
            ask = partial(self._issuer.login_address, self._attempt(arrival))
            address = await anyio.to_thread.run_sync(ask, limiter=self._few)
        except IssuerUnavailable as why:
            raise self._away(why) from why
        await self._gate.tries.give_back(client, None, now)
        answer = RedirectResponse(address, 303)
        self._gate.badges.give_arrival(answer, arrival)
        return answer

    async def _return(self, request: Request) -> Response:
        now, said = self._toolbox.clock.machine_now(), request.query_params
        arrival = self._gate.badges.arrival(request, now)
        code, state = said.get("code", ""), said.get("state", "")
        if (
            arrival is None
            or not code
            or not hmac.compare_digest(self._attempt(arrival).state.encode(), state.encode())
        ):
            raise Problem(403, _REFUSED)
        await self._gate.tries.take(client_of(request), None, now)
        ask = partial(self._issuer.voucher, self._attempt(arrival), code, said.get("iss"))
        try:
            voucher = await anyio.to_thread.run_sync(ask, limiter=self._few)
        except IssuerUnavailable as why:
            raise self._away(why) from why
        except NotVouchedFor as why:
            log.warning("the OpenID Connect issuer does not vouch for somebody", reason=str(why))
            await self._gate.failed("openid", "not-vouched-for")
            raise Problem(403, _REFUSED) from why
        secret, account = await self._inbox.write(partial(self._begun, request, voucher))
        if secret is None:
            await self._gate.failed("openid", "no-role" if self._role(voucher) is None else "locked-out", account)
            raise Problem(403, _REFUSED)
        await self._gate.tries.give_back(client_of(request), None, now)
        return self._gate.let_in(secret)

    def _attempt(self, arrival: Arrival) -> Attempt:
        made = (self._gate.badges.token(f"{what} {arrival.id}") for what in ("state", "nonce", "verifier"))
        return Attempt(self._back, *made)

    def _begun(self, request: Request, voucher: Voucher, session: Session) -> tuple[str | None, str | None]:
        """The secret of a new login, None for who has no role or is locked out; and the account, if there is one."""
        role = self._role(voucher)
        identity = admins.identity_of(self._toolbox.vault, voucher.issuer, voucher.subject)
        account = admins.of_identity(session, identity)
        if role is None:
            if account is not None and (ended := logins.end_all(session, account.id)):
                self._note(session, account, "admin.logout", logins=ended)
            return None, account.id if account is not None else None
        if account is None:
            account = self._made(session, voucher, identity, role)
        if account.disabled_at is not None:
            return None, account.id
        if account.role != role:
            self._note(session, account, "admin.role", was=account.role, became=role)
            account.role = role
            logins.end_all(session, account.id)
        session.flush()
        return self._gate.begin(session, request, account, "openid"), account.id

    def _role(self, voucher: Voucher) -> Role | None:
        wanted = self._toolbox.settings.admin_oidc_roles
        return next((role for group, role in wanted.items() if group in voucher.groups), None)

    def _made(self, session: Session, voucher: Voucher, identity: str, role: Role) -> AdminRow:
        """A new account. Its name may be taken; or the same person has just come in by another browser."""
        make = partial(admins.create, session, role=role, password_hash=None, identity=identity,
                       now=self._toolbox.clock.now())  # fmt: skip
        made = make(name=name_elsewhere(voucher.name, identity)) or admins.of_identity(session, identity)
        made = made or make(name=name_elsewhere(voucher.name, identity, taken=True))
        account = cast("AdminRow", made)
        self._note(session, account, "admin.create", became=role)
        return account

    def _note(self, session: Session, account: AdminRow, action: str, **details: str | int) -> None:
        clock = self._toolbox.clock
        audits.note(
            session, self._toolbox.vault, who="openid", action=action, about=account.id, details=details,
            now=clock.now(), machine_now=clock.machine_now(),
        )  # fmt: skip

    @staticmethod
    def _away(why: IssuerUnavailable) -> Problem:
        log.warning("the OpenID Connect issuer cannot be asked", reason=str(why))
        return Problem(503, _AWAY, retry_after=30)
