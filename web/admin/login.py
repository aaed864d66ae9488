"""Logging in and out of the monitor: one name and one password, whose argon2id hash stands in the settings."""

import hmac
from datetime import timedelta
from functools import partial

import anyio.to_thread
import structlog
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.toolbox import Toolbox
from web.admin.badges import Badge, Badges, new_badge
from web.bodies import form_of
from web.limits import Limiter, client_of
from web.pages import Pages
from web.problems import Problem

log = structlog.get_logger(__name__)

_TRIES = 10
"""Wrong passwords in five minutes, from one client."""


class Login:
    """The way in."""

    def __init__(self, toolbox: Toolbox, pages: Pages) -> None:
        self._clock = toolbox.clock
        self._pages = pages
        self._name = toolbox.settings.admin_name
        secret = toolbox.settings.admin_password_hash
        self._hash = secret.get_secret_value() if secret else ""
        # The key follows from name and hash: who changes the password logs everybody out.
        key = toolbox.vault.signing_key(f"admin\n{self._name}\n{self._hash}")
        self.badges = Badges(key, https=toolbox.settings.public_url.startswith("https:"))
        self._hasher = PasswordHasher()
        self._one_at_a_time = CapacityLimiter(1)  # each check takes 64 MiB
        self._failures = Limiter(_TRIES, timedelta(minutes=5))

    def routes(self) -> list[BaseRoute]:
        """`/login` and `/logout`."""
        return [
            Route("/login", self._login, methods=["GET", "POST"]),
            Route("/logout", self._logout, methods=["POST"]),
        ]

    def expect(self, request: Request) -> Badge | Response:
        """Who is logged in, or the answer for who is not."""
        if not self._hash:
            return self._pages.page("admin/unset.html", 503)
        badge = self.badges.read(request, self._clock.machine_now())
        return badge if badge is not None and badge.name else self._to("login")

    async def _login(self, request: Request) -> Response:
        if not self._hash:
            return self._pages.page("admin/unset.html", 503)
        if request.method != "POST":
            return self._page(request)
        form = await form_of(request)
        name, password, token = (str(form.get(field, "")) for field in ("name", "password", "token"))
        client, now = client_of(request), self._clock.machine_now()
        badge = self.badges.read(request, now)
        if badge is None or not self.badges.is_of(badge, token):
            return self._page(request, wrong="expired", status=403)
        if wait := self._failures.wait(client, now):
            raise Problem(429, "Too many tries. Please wait.", retry_after=wait)
        # Counted before it is judged: many tries at once would otherwise all be judged before the first is counted.
        self._failures.take(client, now)
        if not await anyio.to_thread.run_sync(partial(self._fits, name, password), limiter=self._one_at_a_time):
            log.warning("a login to the monitor failed")
            return self._page(request, wrong="password", status=403)
        self._failures.give_back(client, now)
        log.info("somebody logged in to the monitor")
        answer = self._to("")
        self.badges.give(answer, new_badge(self._name, now))
        return answer

    async def _logout(self, request: Request) -> Response:
        badge = self.expect(request)
        if isinstance(badge, Response):
            return badge
        if not self.badges.is_of(badge, str((await form_of(request)).get("token", ""))):
            raise Problem(403, "This form is not of this page. Please go back and try again.")
        answer = self._to("login")
        self.badges.take_back(answer)
        return answer

    def _fits(self, name: str, password: str) -> bool:
        """Hashes in any case, so that the time taken does not tell whether the name was right."""
        fits: bool
        try:
            fits = self._hasher.verify(self._hash, password)
        except VerifyMismatchError:
            fits = False
        except (InvalidHashError, VerificationError):
            log.warning("CONVENOR_ADMIN_PASSWORD_HASH is no argon2id hash: nobody can log in")
            fits = False
        return hmac.compare_digest(name.encode(), self._name.encode()) and fits

    def _page(self, request: Request, *, wrong: str = "", status: int = 200) -> Response:
        now = self._clock.machine_now()
        badge = self.badges.read(request, now) or new_badge("", now)
        answer = self._pages.page("admin/login.html", status, token=self.badges.token(badge), wrong=wrong)
        self.badges.give(answer, badge)
        return answer

    def _to(self, place: str) -> Response:
        return RedirectResponse(f"{self._pages.base}/admin/{place}", 303)
