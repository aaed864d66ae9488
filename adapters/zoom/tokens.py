"""Server-to-Server OAuth: one token per account, shared by all worker processes of this host.

One process asks, the others wait and read what it got, also where it got nothing. Zoom has no refresh tokens: one is
asked for anew before the old one ends (developers.zoom.us, "Server-to-Server OAuth").
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx2
import structlog
from pydantic import Field, ValidationError

from adapters.zoom.answers import Reply, ZoomRefused, no_answer, read, unreadable
from adapters.zoom.base_address import api_base
from adapters.zoom.calls import Call
from adapters.zoom.token_file import SealedFile
from adapters.zoom.wire import exchange
from config.settings import ZoomAccount
from schemas.base import Shape
from schemas.zoom import Refusal

log = structlog.get_logger(__name__)

_EARLY: Final = timedelta(minutes=10)
_USUAL_LIFE: Final = timedelta(hours=1)
_REST: Final = timedelta(seconds=30)
"""How long a token that still holds is used on after its renewal failed, before that is tried again."""

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
        self, name: str, account: ZoomAccount, http: httpx2.Client, file: SealedFile, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._account = account
        self._http = http
        self._file = file
        self._now = now
        self._kept = _Kept()

    def get(self) -> Token:
        """A token that holds.

        Raises:
            ZoomRefused: where there is none to be had; `refusal.endpoint` is "token".
        """
        return self._good(self._kept, None) or self._shared(None)

    def renew(self, refused: Token) -> Token:
        """Another token than the one that Zoom did not take: what another process got meanwhile, or a new one.

        Raises:
            ZoomRefused: as `get`.
        """
        return self._shared(refused.text)

    def _shared(self, refused: str | None) -> Token:
        asked = self._now()
        with self._file.alone():
            kept = self._read()
            # Whoever waited here while another process failed does not fail once more for itself.
            failed = kept.refused_at is not None and kept.refused_at >= asked
            if not failed and self._good(kept, refused) is None:
                kept = self._renewed(kept, refused)
        self._kept = kept
        if kept.token is None or kept.token.text == refused or not kept.token.holds(self._now()):
            raise ZoomRefused(kept.refused) if kept.refused else unreadable(_CALL)
        return kept.token

    def _good(self, kept: _Kept, refused: str | None) -> Token | None:
        """What is kept, where nothing needs to be asked for its sake."""
        token, now = kept.token, self._now()
        if token is None or token.text == refused or not token.holds(now):
            return None
        rests = kept.refused_at is not None and now < kept.refused_at + _REST
        return token if rests or not token.due(now) else None

    def _renewed(self, kept: _Kept, refused: str | None) -> _Kept:
        """Ask Zoom. Where that fails, the token there was is kept, unless it is the one that was refused."""
        try:
            fresh = _Kept(token=self._ask())
        except ZoomRefused as failed:
            old = kept.token if kept.token is not None and kept.token.text != refused else None
            fresh = _Kept(token=old, refused=failed.refusal, refused_at=self._now())
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
        except httpx2.RequestError as lost:
            raise no_answer(_CALL, lost) from None

    def _understood(self, told: Mapping[str, Any], begun: datetime, reply: Reply) -> Token:
        text, scope = told.get("access_token"), told.get("scope") or ()
        if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not text:
            raise unreadable(_CALL, reply)
        return Token(
            text=text, begun=begun, ends=begun + _life(told.get("expires_in")),
            scopes=frozenset(scope.split() if isinstance(scope, str) else map(str, scope)),
            api_url=api_base(self._name, self._account, told.get("api_url")),
        )  # fmt: skip


def _life(told: object) -> timedelta:
    """`expires_in`, a number or a text of one; an hour where it is neither."""
    try:
        seconds = float(told) if isinstance(told, int | float | str) else 0.0
        return timedelta(seconds=seconds) if 0 < seconds < 1e6 else _USUAL_LIFE
    except ValueError:
        return _USUAL_LIFE
