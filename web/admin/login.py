"""Logging in to the monitor with a name, a password and the code of an authenticator app; and out.

Whatever is wrong is answered alike, and after the same time: neither tells whether there is such an account, or which
of the three was wrong.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import anyio.to_thread
from anyio import CapacityLimiter
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.database import admins
from adapters.database.tables import AdminRow
from adapters.passwords import fits, nobodys
from adapters.toolbox import Toolbox
from domain.accounts import NAME, as_typed
from domain.roles import needs_second_factor
from domain.second_factor import step_of
from web.admin.badges import arrives
from web.admin.gate import HEADERS, Gate
from web.inbox import Inbox
from web.limits import client_of
from web.pages import Pages
from web.problems import Problem

_MOST_WAITING: Final = 20
"""Passwords that may wait to be judged: each takes 64 MiB and a tenth of a second, and they go one by one."""


Wrong = Literal["name", "password", "locked-out", "code", "changed"]
"""What was wrong; `changed`: the account was changed, or the code used, while it was judged. For the record alone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody has shown who they are: the account as it was then, and the step of the code that they gave, if the
    account has an authenticator app."""

    account: AdminRow
    step: int | None

    @property
    def lacks_second_factor(self) -> bool:
        """Whether they must set one up before they are let in."""
        return self.step is None and not self.account.without_totp and needs_second_factor(self.account.role)

    def still(self, account: AdminRow) -> bool:
        """Whether the account is what it was when they showed it."""
        return account.disabled_at is None and all(
            getattr(account, one) == getattr(self.account, one) for one in ("role", "password_hash", "sealed_totp")
        )  # fmt: skip


class Login:
    """The way in, by the front door; and out."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages, gate: Gate) -> None:
        self._toolbox, self._inbox, self._pages, self._gate = toolbox, inbox, pages, gate
        self._one_at_a_time = CapacityLimiter(1)
        nobodys()

    def routes(self) -> list[BaseRoute]:
        """`/login` and `/logout`."""
        return [
            Route("/login", self._login, methods=["GET", "POST"]),
            Route("/logout", self._logout, methods=["POST"]),
        ]

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            return await self._door(request)
        arrival = self._gate.badges.arrival(request, self._toolbox.clock.machine_now())
        try:
            form = await self._gate.form(request, arrival.id if arrival else "")
        except Problem as refused:
            if refused.status_code != 403:
                raise
            return self._page(request, wrong="expired", status=403)
        return await self._judged(request, form)

    async def _judged(self, request: Request, form: FormData) -> Response:
        name = str(form.get("name", "")).strip().casefold()
        client, now = client_of(request), self._toolbox.clock.machine_now()
        await self._gate.tries.take(client, name, now)
        account = await self._inbox.ask(partial(self._account, name))
        shown = await self._shown(account, str(form.get("password", "")), str(form.get("code", "")))
        answer = await self._let_on(request, shown) if isinstance(shown, Shown) else shown
        if not isinstance(answer, Response):
            await self._gate.failed("password", answer, account.id if account is not None else None)
            return self._page(request, wrong="password", status=403)
        await self._gate.tries.give_back(client, name, now)
        return answer

    async def _let_on(self, request: Request, shown: Shown) -> Response | Wrong:
        """On to the monitor, or to setting up a second factor."""
        if shown.lacks_second_factor:
            answer = self._gate.to("/login/second")
            now = self._toolbox.clock.machine_now()
            self._gate.badges.give_arrival(answer, arrives(now, shown.account.id, self._gate.hangs_on(shown.account)))
            return answer
        secret = await self._inbox.write(partial(self._begun, request, shown))
        return "changed" if secret is None else self._gate.let_in(secret)

    async def _shown(self, account: AdminRow | None, password: str, code: str) -> Shown | Wrong:
        """A password is judged in any case: that takes most of the time that an answer takes."""
        if self._one_at_a_time.statistics().tasks_waiting >= _MOST_WAITING:
            raise Problem(503, "Not now. Please try again in a moment.", retry_after=10)
        kept = account.password_hash if account is not None else None
        judge = partial(fits, kept, as_typed(password))
        fitting = await anyio.to_thread.run_sync(judge, limiter=self._one_at_a_time)
        if account is None or not fitting:
            return "name" if account is None else "password"
        if account.disabled_at is not None:
            return "locked-out"
        app = admins.totp_of(self._toolbox.vault, account)
        step = step_of(app, code, self._toolbox.clock.machine_now(), account.totp_step) if app else None
        return "code" if app and step is None else Shown(account, step)

    def _account(self, name: str) -> AdminRow | None:
        with self._toolbox.database.read() as session:
            return admins.named(session, name) if NAME.fullmatch(name) else None

    def _begun(self, request: Request, shown: Shown, session: Session) -> str | None:
        """The secret of a new login, if the account is still what it was and the code was not used meanwhile."""
        account = admins.locked(session, shown.account.id)
        if account is None or not shown.still(account):
            return None
        if shown.step is not None and not admins.use_step(session, account.id, shown.step):
            return None
        return self._gate.begin(session, request, account, "password")

    async def _logout(self, request: Request) -> Response:
        login = await self._gate.expect(request)
        if isinstance(login, Response):
            return login
        await self._gate.form(request, login.id)
        return await self._gate.let_out(login)

    async def _door(self, request: Request) -> Response:
        anybody: bool = await self._inbox.ask(self._any_account)
        if anybody or self._toolbox.settings.admin_oidc_issuer:
            return self._page(request)
        return self._pages.page("admin/unset.html", 503)

    def _any_account(self) -> bool:
        with self._toolbox.database.read() as session:
            return admins.any_account(session)

    def _page(self, request: Request, *, wrong: str = "", status: int = 200) -> Response:
        now = self._toolbox.clock.machine_now()
        arrival = self._gate.badges.arrival(request, now) or arrives(now)
        answer = self._pages.page(
            "admin/login.html", status, HEADERS, token=self._gate.badges.token(arrival.id), wrong=wrong,
            elsewhere=bool(self._toolbox.settings.admin_oidc_issuer),
        )  # fmt: skip
        self._gate.badges.give_arrival(answer, arrival)
        return answer
