"""Server-to-Server OAuth: one token per account, shared by all worker processes of this host.

One process asks, the others wait and read what it got, also where it got nothing. Zoom has no refresh tokens: one is
asked for anew before the old one ends (developers.zoom.us, "Server-to-Server OAuth").
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import structlog
from pydantic import Field, ValidationError

from adapters.zoom.answers import Reply, ZoomRefused, no_answer, read, unreadable
from adapters.zoom.calls import Call
from adapters.zoom.token_file import SealedFile
from adapters.zoom.wire import exchange
from config.settings import ZoomAccount, is_loopback
from schemas.base import Shape
from schemas.zoom import Refusal

log = structlog.get_logger(__name__)

_EARLY: Final = timedelta(minutes=10)
_USUAL_LIFE: Final = timedelta(hours=1)
_REST: Final = timedelta(seconds=30)
"""How long a token that still holds is used on after its renewal failed, before that is tried again."""

_ZOOM: Final = ("zoom.us", "zoomgov.com")
_CALL: Final = Call("token", "POST", "")


class Token(Shape):
    """An access token, the base address that came with it, and how long it holds by the machine's clock, UTC."""

    text: str = Field(repr=False)
    begun: datetime
    ends: datetime
    scopes: frozenset[str] = frozenset()
    api_url: str

    def due(self, now: datetime) -> bool:
        """Whether it is time for another: ten minutes before the end, or a sixth of a shorter life."""
        return self.ends - now < min(_EARLY, (self.ends - self.begun) / 6)

    def holds(self, now: datetime) -> bool:
        """Whether it has not ended."""
        return now < self.ends


class _Kept(Shape):
    """What the file holds: a token, and how and when the last attempt to get one failed."""

    token: Token | None = None
    refused: Refusal | None = None
    refused_at: datetime | None = None


def opaque(account: ZoomAccount) -> str:
    """A name for what is kept about an account, which changes with the settings and tells nothing of them."""
    return hashed(f"{account.account_id}\n{account.client_id}\n{account.oauth_url}\n{account.api_url}")


def hashed(told: str) -> str:
    """A name for files and keys that does not repeat what it is made from."""
    return hashlib.sha256(told.encode()).hexdigest()[:24]


class Tokens:
    """The tokens of one account. `now` is the machine's time."""

    def __init__(
        self, name: str, account: ZoomAccount, http: httpx.Client, file: SealedFile, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._account = account
        self._http = http
        self._file = file
        self._now = now
        self._token: Token | None = None
        self._rests_until: datetime | None = None

    def get(self) -> Token:
        """A token that holds.

        Raises:
            ZoomRefused: where there is none to be had; `refusal.endpoint` is "token".
        """
        held, now = self._token, self._now()
        rests = self._rests_until is not None and now < self._rests_until
        if held is not None and held.holds(now) and (rests or not held.due(now)):
            return held
        return self._shared(lambda token: not token.due(self._now()))

    def renew(self, refused: Token) -> Token:
        """Another token than the one that Zoom did not take: the one that another process got meanwhile, or a new one.

        Raises:
            ZoomRefused: as `get`.
        """
        return self._shared(lambda token: token.text != refused.text and not token.due(self._now()), refused)

    def _shared(self, good: Callable[[Token], bool], refused: Token | None = None) -> Token:
        asked = self._now()
        with self._file.alone():
            kept = self._read()
            if kept.token is None or not good(kept.token):
                if kept.refused is not None and kept.refused_at is not None and kept.refused_at >= asked:
                    raise ZoomRefused(kept.refused)  # while we waited for the lock
                kept = self._asked(kept, refused)
        self._token = kept.token
        if kept.token is None:
            raise ZoomRefused(kept.refused or unreadable(_CALL).refusal)
        return kept.token

    def _asked(self, kept: _Kept, refused: Token | None) -> _Kept:
        """Ask Zoom. Where that fails, a token that holds is used on, unless it is the one that was refused."""
        try:
            fresh = _Kept(token=self._ask())
        except ZoomRefused as failed:
            now = self._now()
            holds = kept.token is not None and kept.token != refused and kept.token.holds(now)
            fresh = _Kept(token=kept.token if holds else None, refused=failed.refusal, refused_at=now)
            self._rests_until = now + _REST
        self._file.write(fresh.model_dump_json().encode())
        return fresh

    def _read(self) -> _Kept:
        clear = self._file.read()
        try:
            return _Kept() if clear is None else _Kept.model_validate_json(clear)
        except ValidationError:
            return _Kept()  # written by another version

    def _ask(self) -> Token:
        begun = self._now()
        try:
            reply = self._answer()
            return self._understood(read(_CALL, reply, self._now()), begun, reply)
        except ZoomRefused as failed:
            refusal = failed.refusal
            log.warning(
                "Zoom gives no token", account=self._name, endpoint="token", status=refusal.status, code=refusal.code,
                tracking_id=refusal.tracking_id, reason=refusal.message if refusal.status is None else None,
            )  # fmt: skip
            raise

    def _answer(self) -> Reply:
        account = self._account
        pair = f"{account.client_id}:{account.client_secret.get_secret_value()}".encode()
        form = {"grant_type": "account_credentials", "account_id": account.account_id}
        request = self._http.build_request(
            "POST", account.oauth_url, data=form,
            headers={"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"},
        )  # fmt: skip
        try:
            return exchange(self._http, request, again=_CALL.repeatable)
        except httpx.RequestError as lost:
            raise no_answer(_CALL, lost) from None

    def _understood(self, told: Mapping[str, Any], begun: datetime, reply: Reply) -> Token:
        text, scope = told.get("access_token"), told.get("scope") or ()
        if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not text:
            raise unreadable(_CALL, reply)
        return Token(
            text=text, begun=begun, ends=begun + _life(told.get("expires_in")),
            scopes=frozenset(scope.split() if isinstance(scope, str) else map(str, scope)),
            api_url=self._base(told.get("api_url")),
        )  # fmt: skip

    def _base(self, told: object) -> str:
        """The base address of the answer, with /v2; the configured one where there is none or it is a stranger's."""
        if not told:
            return self._account.api_url
        url = str(told).rstrip("/")
        if not _trusted(url, self._account):
            log.warning(
                "Zoom's answer names an API address of a stranger; the configured one is used", account=self._name
            )
            return self._account.api_url
        return url if url.endswith("/v2") else f"{url}/v2"


def _life(told: object) -> timedelta:
    """`expires_in`, a number or a text of one; an hour where it is neither."""
    try:
        seconds = float(told) if isinstance(told, int | float | str) else 0.0
        return timedelta(seconds=seconds) if 0 < seconds < 1e6 else _USUAL_LIFE
    except ValueError:
        return _USUAL_LIFE


def _trusted(url: str, account: ZoomAccount) -> bool:
    """Whether a token may go there: below Zoom where Zoom gave it, to a host that the settings name, or on this
    machine."""
    try:
        there, oauth, api = urlsplit(url), urlsplit(account.oauth_url), urlsplit(account.api_url)
    except ValueError:
        return False
    host = there.hostname or ""
    if is_loopback(host):
        return there.scheme in {"http", "https"} and is_loopback(oauth.hostname or "")
    if there.scheme != "https" or not host or there.username is not None:
        return False
    return host in {oauth.hostname, api.hostname} or (_is_zoom(host) and _is_zoom(oauth.hostname or ""))


def _is_zoom(host: str) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in _ZOOM)
