"""The monitor's gate: who is in, letting somebody in, and letting them out.

Each request reads its login anew, in one short query: a role that was changed, an account that was disabled and a
password that was replaced hold from that moment on.
"""

import secrets
from datetime import timedelta
from functools import partial
from typing import Final, Literal
from urllib.parse import urlsplit

import structlog
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.database import audits, logins, tries
from adapters.database.logins import Login
from adapters.database.tables import AdminRow
from adapters.database.tries import Allowed
from adapters.toolbox import Toolbox
from web.admin.badges import Badges
from web.admin.tries import Tries
from web.bodies import form_of
from web.inbox import Inbox
from web.pages import Pages
from web.problems import Problem

log = structlog.get_logger(__name__)

HEADERS: Final = {"Referrer-Policy": "same-origin"}
"""Of the monitor's pages. Without any referrer browsers say `Origin: null` even to ourselves (Fetch, 3.2); and no
address of the monitor holds a secret."""

_NOTED_UNKNOWN: Final = Allowed(60, timedelta(hours=1))
"""How many tries at no account of ours are noted; the log has them all."""

Way = Literal["password", "openid"]

_NOTED_EVERY: Final = timedelta(minutes=1)
"""How often it is written down that somebody sits there."""


class Gate:
    """Shared by all ways in, and by every page."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages) -> None:
        self._toolbox, self._inbox = toolbox, inbox
        self._base = pages.base
        self.tries = Tries(inbox, toolbox.vault)
        self.badges = Badges(toolbox.vault, toolbox.settings.public_url)
        self.house = f"Convenor {urlsplit(toolbox.settings.public_url).hostname}"

    async def expect(self, request: Request) -> Login | Response:
        """Who is logged in, or the answer for who is not."""
        secret = self.badges.secret(request)
        login = await self._inbox.ask(partial(self._find, secret)) if secret else None
        if login is None:
            return self.to("/login")
        now = self._toolbox.clock.machine_now()
        if now - login.machine_seen >= _NOTED_EVERY and not _asks_by_itself(request):
            await self._inbox.write(lambda session: logins.see(session, login.id, now))
        return login

    async def form(self, request: Request, holder: str) -> FormData:
        """What was posted, if it is of a page of ours that the holder of this login, or arrival, was given.

        Raises:
            Problem: 403 where it is not, or the browser does not say so.
        """
        if self.badges.is_from_here(request):
            form = await form_of(request)
            if self.badges.is_of(holder, str(form.get("token", ""))):
                return form
        raise Problem(403, "This form is not of this page. Please go back and try again.")

    def begin(self, session: Session, request: Request, admin: AdminRow, by: Way) -> str:
        """The secret of a new login, in the transaction that has found the account right. The login that the browser
        had before ends: it may have been planted there."""
        secret = secrets.token_urlsafe(32)
        if before := self.badges.secret(request):
            logins.end(session, logins.id_of(before))
        logins.begin(session, admin, secret, self._toolbox.clock.machine_now())
        self._note(session, f"admin:{admin.name}", "admin.login", admin.id, by=by)
        log.info("somebody logged in to the monitor", account=admin.id)
        return secret

    def hangs_on(self, account: AdminRow) -> str:
        """What stands for the password that somebody has shown: whoever gets another on the way must show that."""
        return self.badges.token(f"password {account.id} {account.password_hash}")

    async def failed(self, by: Way, wrong: str, account: str | None = None) -> None:
        """Note that somebody was not let in, at which step, and at which account where there is one. What was typed is
        kept nowhere: it may be a password in the wrong field."""
        log.warning("a login to the monitor failed", account=account, reason=wrong)
        await self._inbox.write(partial(self._failed, by, wrong, account))

    def let_in(self, secret: str) -> Response:
        """The answer to who has logged in."""
        answer = self.to("/")
        self.badges.give(answer, secret)
        return answer

    async def let_out(self, login: Login) -> Response:
        """End a login, whatever the browser keeps of it."""
        await self._inbox.write(partial(self._ended, login))
        answer = self.to("/login")
        self.badges.take_back(answer)
        return answer

    def to(self, path: str) -> Response:
        """Off to another page, below `/admin` (303)."""
        return RedirectResponse(f"{self._base}/admin{path}", 303)

    def _failed(self, by: Way, wrong: str, account: str | None, session: Session) -> None:
        """Tries at an account are few. Others are not: whoever has many addresses must not fill the table with them."""
        unknown = {tries.key_of(self._toolbox.vault, "noted", ""): _NOTED_UNKNOWN}
        if account is None and tries.take(session, unknown, self._toolbox.clock.machine_now()):
            return
        self._note(session, "stranger", "admin.login-failed", account, by=by, wrong=wrong)

    def _ended(self, login: Login, session: Session) -> None:
        if logins.end(session, login.id):
            self._note(session, f"admin:{login.name}", "admin.left", login.admin_id)

    def _note(self, session: Session, who: str, action: str, about: str | None, **details: str) -> None:
        clock = self._toolbox.clock
        audits.note(session, self._toolbox.vault, who=who, action=action, about=about, details=details,
                    now=clock.now(), machine_now=clock.machine_now())  # fmt: skip

    def _find(self, secret: str) -> Login | None:
        with self._toolbox.database.read() as session:
            return logins.find(session, secret, self._toolbox.clock.machine_now())


def _asks_by_itself(request: Request) -> bool:
    """Whether a page that stands open asks, and nobody need sit there: it is htmx that fetches."""
    return request.method == "GET" and "hx-request" in request.headers
