"""Setting up an authenticator app, by somebody who has given their password and needs one: before they are let in.

The new secret is kept nowhere until a code of it was given: it follows from this arrival, the account and its password.
"""

import base64
import hmac
from functools import partial

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.database import admins, audits
from adapters.database.tables import AdminRow
from adapters.toolbox import Toolbox
from domain.second_factor import address, step_of
from web.admin.badges import Arrival
from web.admin.gate import HEADERS, Gate
from web.inbox import Inbox
from web.limits import client_of
from web.pages import Pages
from web.qr import picture


class Enrolment:
    """The page between the password and the monitor."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages, gate: Gate) -> None:
        self._toolbox, self._inbox, self._pages, self._gate = toolbox, inbox, pages, gate
        self._key = toolbox.vault.signing_key("admin.enrolment")

    def routes(self) -> list[BaseRoute]:
        """`/login/second`."""
        return [Route("/login/second", self._answer, methods=["GET", "POST"])]

    async def _answer(self, request: Request) -> Response:
        arrival = self._gate.badges.arrival(request, self._toolbox.clock.machine_now())
        account = await self._inbox.ask(partial(self._account, arrival)) if arrival else None
        if arrival is None or account is None:
            return self._gate.to("/login")
        secret = self._secret(arrival, account)
        if request.method != "POST":
            return self._page(arrival, account, secret)
        form = await self._gate.form(request, arrival.id)
        client, now = client_of(request), self._toolbox.clock.machine_now()
        await self._gate.tries.take(client, account.name, now)
        step = step_of(secret, str(form.get("code", "")), now, None)
        if step is None:
            await self._gate.failed("password", "code", account.id)
            return self._page(arrival, account, secret, wrong=True)
        await self._gate.tries.give_back(client, account.name, now)
        begun = await self._inbox.write(partial(self._kept, request, arrival, secret, step))
        return self._gate.to("/login") if begun is None else self._gate.let_in(begun)

    def _account(self, arrival: Arrival) -> AdminRow | None:
        with self._toolbox.database.read() as session:
            return self._to_be_set_up(arrival, session.get(AdminRow, arrival.admin))

    def _kept(self, request: Request, arrival: Arrival, secret: str, step: int, session: Session) -> str | None:
        """Keep the secret, and the secret of a new login; None where the account has changed meanwhile."""
        account = self._to_be_set_up(arrival, admins.locked(session, arrival.admin))
        if account is None:
            return None
        admins.keep_totp(self._toolbox.vault, account, secret)
        account.totp_step = step
        audits.note(
            session, self._toolbox.vault, who=f"admin:{account.name}", action="admin.totp", about=account.id,
            details={"totp": "at-login"}, now=self._toolbox.clock.now(), machine_now=self._toolbox.clock.machine_now(),
        )  # fmt: skip
        return self._gate.begin(session, request, account, "password")

    def _secret(self, arrival: Arrival, account: AdminRow) -> str:
        """160 bits in base32, as authenticator apps take them (RFC 4226, 4, R6)."""
        told = f"{arrival.id}\n{account.id}\n{account.password_hash}"
        return base64.b32encode(hmac.digest(self._key, told.encode(), "sha256")[:20]).decode("ascii")

    def _to_be_set_up(self, arrival: Arrival, account: AdminRow | None) -> AdminRow | None:
        """The account, if it still lacks an app and its password is still the one that was shown."""
        if account is None or account.disabled_at is not None or account.sealed_totp is not None:
            return None
        return account if hmac.compare_digest(self._gate.hangs_on(account), arrival.shown) else None

    def _page(self, arrival: Arrival, account: AdminRow, secret: str, *, wrong: bool = False) -> Response:
        told = address(secret, account.name, self._gate.house)
        return self._pages.page(
            "admin/second.html", 403 if wrong else 200, HEADERS, token=self._gate.badges.token(arrival.id),
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), address=told,
            picture=picture(told, "QR code for your authenticator app"), wrong=wrong,
        )  # fmt: skip
