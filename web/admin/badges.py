"""What a browser keeps of a login, and what shows that a form is of a page of ours.

Two cookies: one holds the secret of a login that lasts (`adapters.database.logins`); the other, signed and short-lived,
belongs to somebody who is logging in: their form's token hangs on it, and what they have shown so far.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from adapters.database.logins import LASTS
from adapters.vault import Vault

ARRIVING: Final = timedelta(minutes=15)
"""How long somebody may take to log in."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A browser in which somebody is logging in. `admin`: whose password was given, where a second factor has still to
    be set up; otherwise empty. `shown`: what stands for that password (`Gate.hangs_on`)."""

    id: str
    until: datetime
    admin: str = ""
    shown: str = ""


def arrives(machine_now: datetime, admin: str = "", shown: str = "") -> Arrival:
    """A fresh one. What a stranger has planted is worth nothing after the next step."""
    return Arrival(secrets.token_urlsafe(16), machine_now + ARRIVING, admin, shown)


class Badges:
    """Cookies and forms' tokens. Cookies cannot be sent by other sites' forms (SameSite), nor, where the address is
    https, over an unencrypted connection or for another host (`__Host-`)."""

    def __init__(self, vault: Vault, public_url: str) -> None:
        public = urlsplit(public_url)
        self._https = public.scheme == "https"
        usual = ":443" if self._https else ":80"
        self._origin = f"{public.scheme}://{public.netloc.removesuffix(usual)}".lower()
        prefix = "__Host-" if self._https else ""
        self._login, self._arrival = f"{prefix}convenor_admin", f"{prefix}convenor_login"
        self._signer = URLSafeSerializer(vault.signing_key("admin.arrival"), salt="arrival")
        self._tokens = vault.signing_key("admin.form")

    def secret(self, request: Request) -> str:
        """The secret of the login that the browser shows; empty where there is none."""
        return request.cookies.get(self._login, "")

    def give(self, response: Response, secret: str) -> None:
        """Let the browser keep a login, and forget that somebody was logging in."""
        self._set(response, self._login, secret, LASTS)
        self._take(response, self._arrival)

    def take_back(self, response: Response) -> None:
        """Let the browser forget its login."""
        self._take(response, self._login)

    def arrival(self, request: Request, machine_now: datetime) -> Arrival | None:
        """Who is logging in, if that has not lasted too long."""
        try:
            arrival_id, until, *shown = self._signer.loads(request.cookies.get(self._arrival, ""))
        except (BadData, ValueError, TypeError):
            return None
        arrival = Arrival(arrival_id, datetime.fromtimestamp(until, UTC), *shown)
        return arrival if arrival.until > machine_now else None

    def give_arrival(self, response: Response, arrival: Arrival) -> None:
        """Let the browser keep that somebody is logging in."""
        written = self._signer.dumps([arrival.id, int(arrival.until.timestamp()), arrival.admin, arrival.shown])
        self._set(response, self._arrival, str(written), ARRIVING)

    def token(self, holder: str) -> str:
        """What a form must carry to be of the holder of this login or arrival (against cross-site request forgery)."""
        return hmac.digest(self._tokens, holder.encode(), "sha256").hex()

    def is_of(self, holder: str, token: str) -> bool:
        """Whether a form's token is this holder's."""
        return hmac.compare_digest(self.token(holder).encode(), token.encode())

    def is_from_here(self, request: Request) -> bool:
        """Whether the browser says that a form was sent by a page of ours (Fetch Metadata; RFC 6454). One that says
        neither where from is none that this is written for, or something is in between that hides it."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return request.headers.get("origin", "").lower() == self._origin

    def _set(self, response: Response, name: str, value: str, lasts: timedelta) -> None:
        response.set_cookie(
            name, value, max_age=int(lasts.total_seconds()), secure=self._https, httponly=True, samesite="lax"
        )

    def _take(self, response: Response, name: str) -> None:
        response.delete_cookie(name, secure=self._https, httponly=True, samesite="lax")
