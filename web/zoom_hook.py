"""The door for Zoom's events: verify the signature, record the envelope, answer 200 within three seconds.

What an event says is for a worker to read, but for `endpoint.url_validation`, which is answered at once and without
the database. Judged in this order: 404, 405, 413, 415, 401 (429 for who fails too often), 400, 503.

Signature, validation, time limit and retries: developers.zoom.us, "Using webhooks" and "Webhook delays".
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

import structlog
from prometheus_client import CollectorRegistry, Counter
from pydantic_core import from_json
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.database import zoom_events
from adapters.toolbox import Toolbox
from web.bodies import body_of, is_one_of
from web.inbox import Inbox
from web.limits import Limiter, client_of
from web.problems import Problem, as_json

log = structlog.get_logger(__name__)

WINDOW = timedelta(minutes=5)
"""How far a timestamp may be from now. Zoom names no limit and advises one."""

LAST_RETRY = timedelta(hours=2)
"""Zoom tries again after 5, 25 and 85 minutes; whether with a new timestamp is not documented."""

MOST_SECONDS = 2.5
"""For the database. Zoom gives up after three seconds and comes again, or not at all."""

_FAILED_SIGNATURES = 300
"""A minute, from one client, as at the other hooks."""

_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_TOKEN = re.compile(r"[!-9;-~]{1,256}")
"""What may be encrypted on request. Without a colon, so that the answer can never be an event's signature."""

Outcome = Literal["accepted", "duplicate", "validation", "late", "early", "replayed", "forged", "refused", "failed"]


class Untrusted(Problem):
    """A post that Zoom has not signed with this secret, or not just now."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(401, detail, headers={"WWW-Authenticate": "Zoom"})
        self.outcome: Outcome = outcome


class ZoomHook:
    """`POST /hooks/zoom/{account}`. `secret_of` gives an account's secret token, None where there is none."""

    def __init__(
        self, toolbox: Toolbox, inbox: Inbox, registry: CollectorRegistry, secret_of: Callable[[str], bytes | None]
    ) -> None:
        self._settings = toolbox.settings
        self._clock = toolbox.clock
        self._inbox = inbox
        self._secret_of = secret_of
        self._failures = Limiter(_FAILED_SIGNATURES, timedelta(minutes=1))
        self._comparisons = Limiter(1, WINDOW)
        self._without_secret: set[str] = set()
        self._events = Counter(
            "convenor_zoom_events", "Posts to the hooks for Zoom, by account and by what became of them",
            ["account", "outcome"], registry=registry,
        )  # fmt: skip

    async def answer(self, request: Request) -> Response:
        """Answer one post."""
        account: str = request.path_params["account"]
        secret = self._secret_of(account) or None  # with an empty key everybody could sign
        known = self._known(account, secret)
        try:
            outcome, response = await self._take(request, account, secret)
        except Problem as refusal:
            outcome = _outcome(refusal)
            log.info("refused", source="zoom", account=known, status=refusal.status_code, reason=outcome)
            self._events.labels(known, outcome).inc()
            if outcome == "late":
                return self._too_late(account, refusal)
            raise
        self._events.labels(known, outcome).inc()
        return response

    async def _take(self, request: Request, account: str, secret: bytes | None) -> tuple[Outcome, Response]:
        if secret is None:
            self._say_once(account)
            raise Problem(404, "There is no such account here.")
        if request.method != "POST":
            raise Problem(405, "Zoom's events are posted here.", headers={"Allow": "POST"})
        body = await body_of(request)
        if not is_one_of({"application/json"}, request):
            raise Problem(415, "Send application/json, in UTF-8, not compressed.")
        self._authenticate(request, body, secret)
        message = _read(body)
        if message["event"] == "endpoint.url_validation":
            return "validation", JSONResponse(_validation(message["payload"], secret))
        return await self._record(account, body)

    async def _record(self, account: str, body: bytes) -> tuple[Outcome, Response]:
        # Events have no id of their own. A retry repeats the bytes; the same event in other bytes is another envelope.
        receipt = await self._inbox.record(
            conference=account, source="zoom", delivery_id=hashlib.sha256(body).hexdigest(),
            content_type="application/json", body=body, seconds=MOST_SECONDS, urgent=True,
        )  # fmt: skip
        said = {"receipt": receipt.id, **({"duplicate": True} if receipt.duplicate else {})}
        answer = JSONResponse(said, background=self._inbox.queueing(receipt))
        return "duplicate" if receipt.duplicate else "accepted", answer

    def _too_late(self, account: str, refusal: Problem) -> Response:
        """What Zoom could not deliver in time it may have said for the last time: it is asked itself, soon. Once in
        five minutes, because what is late now was there when it was asked then."""
        response, now = as_json(refusal.status_code, refusal.detail, refusal.headers), self._clock.machine_now()
        if not self._comparisons.wait(account, now):
            self._comparisons.take(account, now)
            response.background = BackgroundTask(self._compare, account)
        return response

    async def _compare(self, account: str) -> None:
        try:
            await self._inbox.write(partial(_compare_now, account=account, now=self._clock.now()))
        except Problem:
            log.warning("a comparison was not brought forward", account=account)  # it comes at night

    def _authenticate(self, request: Request, body: bytes, secret: bytes) -> None:
        client, now = client_of(request), self._clock.machine_now()
        try:
            authenticate(request.headers, body, secret, self._times())
        except Untrusted as wrong:
            if wrong.outcome != "forged":  # Zoom's own signature: no reason to lock Zoom out
                raise
            if wait := self._failures.wait(client, now):
                raise Problem(429, "Too many posts without a right signature.", retry_after=wait) from None
            self._failures.take(client, now)
            raise

    def _times(self) -> set[datetime]:
        """What counts as now. In a rehearsal senders may live in either of its two times."""
        machine = self._clock.machine_now()
        return {machine, self._clock.now()} if self._clock.rehearsing else {machine}

    def _known(self, account: str, secret: bytes | None) -> str:
        """The account as log and metrics name it: strangers, and the emulator that knows every name, must not add to
        their number."""
        if account in self._settings.zoom_accounts:
            return account
        return "unknown" if secret is None else "emulated"

    def _say_once(self, account: str) -> None:
        """The address works once the secret token is there; until then Zoom's events are turned away as unknown."""
        if account in self._settings.zoom_accounts and account not in self._without_secret:
            self._without_secret.add(account)
            log.warning("webhook_secret is missing in CONVENOR_ZOOM_ACCOUNTS", account=account)


def authenticate(headers: Headers, body: bytes, secret: bytes, times: Collection[datetime]) -> None:
    """Return if Zoom has signed `body` with `secret` within five minutes of one of `times` (UTC).

    The bytes are signed as they came; Zoom's samples write the JSON anew, which changes them.

    Raises:
        Untrusted: 401, for everything else. The outcome of what is rightly signed is late, early or replayed.
    """
    timestamp, signature = (_the_one(headers, f"x-zm-{name}") for name in ("request-timestamp", "signature"))
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Untrusted("forged", "x-zm-request-timestamp must be whole seconds since 1970.")
    expected = f"v0={_mac(secret, f'v0:{timestamp}:'.encode() + body)}"
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise Untrusted("forged", "The signature does not fit. Check the app's secret token.")
    signed_at = datetime.fromtimestamp(int(timestamp), UTC)
    age = min((now - signed_at for now in times), key=abs)
    if age < -WINDOW:
        raise Untrusted("early", "x-zm-request-timestamp is in the future. Check the clocks.")
    if age > WINDOW:
        raise Untrusted("late" if age <= LAST_RETRY else "replayed", "x-zm-request-timestamp is too long ago.")


def _compare_now(session: Session, *, account: str, now: datetime) -> None:
    """Have the registrants of an account's events compared now, where they are compared at all."""
    for event in zoom_events.of_account(session, account):
        if event.state == "ready" and event.reconcile_at is not None:
            event.reconcile_at = min(event.reconcile_at, now)


def _the_one(headers: Headers, name: str) -> str:
    values = headers.getlist(name)
    if len(values) != 1:
        raise Untrusted("forged", f"There must be one header {name}.")
    return values[0]


def _mac(secret: bytes, signed: bytes) -> str:
    return hmac.new(secret, signed, hashlib.sha256).hexdigest()


def _read(body: bytes) -> dict[str, Any]:
    """The event, read as the worker will read it."""
    try:
        message = from_json(body, allow_inf_nan=False)
    except ValueError:
        message = None
    if not (isinstance(message, dict) and isinstance(message.get("payload"), dict)):
        raise Problem(400, "This is not JSON of the form of Zoom's events.")
    if not isinstance(message.get("event"), str):
        raise Problem(400, "The event has no name.")
    return message


def _validation(payload: dict[str, Any], secret: bytes) -> dict[str, str]:
    token = payload.get("plainToken")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Problem(400, "There is no plainToken to encrypt.")
    return {"plainToken": token, "encryptedToken": _mac(secret, token.encode())}


def _outcome(refusal: Problem) -> Outcome:
    if isinstance(refusal, Untrusted):
        return refusal.outcome
    if refusal.status_code == 429:
        return "forged"
    return "failed" if refusal.status_code == 503 else "refused"
