"""The way of every call to one account's API: a token, a place in the budget, the wire, the answer, the log.

No log line holds a link, a token, an address or a path: only the account's name, the endpoint, status, code and Zoom's
tracking id.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import httpx2
import structlog

from adapters.zoom.answers import Reply, ZoomRefused, no_answer, read
from adapters.zoom.budget import Budget
from adapters.zoom.calls import Call
from adapters.zoom.tokens import Token, Tokens
from adapters.zoom.wire import exchange
from schemas.zoom import Refusal

log = structlog.get_logger(__name__)

_LONGEST_SLEEP: Final = 2.0
"""Seconds a call waits here for its place; for a later one the worker comes again."""

_PAUSES: Final = (0.1, 0.4)
"""Seconds before an asking call is repeated."""

_YOUNG: Final = 60.0
"""Seconds for which a token is not renewed for the sake of its scopes."""


class Line:
    """To one account. `now` is the machine's time; `sleep` takes seconds."""

    def __init__(
        self, name: str, http: httpx2.Client, tokens: Tokens, budget: Budget, now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep, rehearsed: Callable[[], datetime] | None = None,
    ) -> None:  # fmt: skip
        self._name = name
        self._http = http
        self._tokens = tokens
        self._budget = budget
        self._now = now
        self._sleep = sleep
        self._rehearsed = rehearsed or now

    def ask(self, call: Call) -> dict[str, Any]:
        """The JSON object that answers; empty for 204.

        A token that Zoom does not take is renewed once. What only asks is sent a second time where the connection
        broke; what changes something never is: the caller looks first what has happened.

        Raises:
            ZoomRefused: for everything else.
        """
        token = self._tokens.get()
        try:
            return self._patiently(call, token)
        except ZoomRefused as refused:
            if not self._wants_new_token(refused.refusal, token):
                raise
        return self._patiently(call, self._tokens.renew(token))

    def _patiently(self, call: Call, token: Token) -> dict[str, Any]:
        """What only asks is asked again, twice, where Zoom stumbles for a moment: in a listing of hundreds of events
        one of the calls always fails, and it must not begin anew."""
        for pause in _PAUSES if call.repeatable else ():
            try:
                return self._once(call, token)
            except ZoomRefused as refused:
                if not _passes(refused.refusal):
                    raise
                self._sleep(pause)
        return self._once(call, token)

    def _wants_new_token(self, refusal: Refusal, token: Token) -> bool:
        """After 401; and where scopes are missing: those that were added in Zoom's portal are in new tokens only."""
        if refusal.code == 4711:
            return (self._now() - token.begun).total_seconds() > _YOUNG
        return refusal.status == 401 or refusal.code == 124

    def _once(self, call: Call, token: Token) -> dict[str, Any]:
        self._find_place(call)
        begun = time.monotonic()
        try:
            reply = self._sent(call, token)
            told = read(call, reply, self._now(), self._rehearsed())
        except ZoomRefused as refused:
            self._complain(call, refused.refusal, begun)
            self._learn(call, refused.refusal)
            raise
        log.debug(
            "asked Zoom", account=self._name, endpoint=call.endpoint, kind=call.kind, status=reply.status,
            tracking_id=reply.tracking_id, seconds=_since(begun),
        )  # fmt: skip
        if reply.ends_second:
            self._budget.rest(call.category, 1.0)
        return told

    def _find_place(self, call: Call) -> None:
        place = self._budget.take(call.category, _LONGEST_SLEEP)
        if not place.granted:
            refusal = Refusal(
                endpoint=call.endpoint, kind=call.kind, category=call.category, daily=place.daily,
                retry_after=max(place.wait, 1.0), ours="budget",
            )  # fmt: skip
            log.info("no call: the budget is used up", account=self._name, endpoint=call.endpoint)
            raise ZoomRefused(refusal)
        if place.wait > 0:
            self._sleep(place.wait)

    def _sent(self, call: Call, token: Token) -> Reply:
        request = self._http.build_request(
            call.method, token.api_url + call.path, params=dict(call.params) or None, json=call.body,
            headers={"Authorization": f"Bearer {token.text}"},
        )  # fmt: skip
        try:
            return exchange(self._http, request, again=call.repeatable)
        except httpx2.RequestError as lost:
            raise no_answer(call, lost) from None

    def _learn(self, call: Call, refusal: Refusal) -> None:
        """What a 429 says of the account's budget, for all workers."""
        if 429 not in {refusal.status, refusal.code}:
            return
        if not refusal.daily:
            self._budget.rest(call.category, min(refusal.retry_after or 1.0, 60.0))
        elif not refusal.limits_one:
            self._budget.end_day(call.category, refusal.retry_after)

    def _complain(self, call: Call, refusal: Refusal, begun: float) -> None:
        silent = refusal.status is None
        log.warning(
            "Zoom does not answer" if silent else "Zoom refuses", account=self._name, endpoint=call.endpoint,
            kind=call.kind, status=refusal.status, code=refusal.code, tracking_id=refusal.tracking_id,
            seconds=_since(begun), reason=refusal.message if silent else None,
        )  # fmt: skip


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)


def _passes(refusal: Refusal) -> bool:
    """Whether an answer may be another one in a second: a failure of Zoom's, or its limit per second."""
    if refusal.ours or refusal.status is None:
        return False  # a budget is waited for elsewhere, and silence has cost enough time
    limited = 429 in {refusal.status, refusal.code}
    return (limited and not refusal.daily and (refusal.retry_after or 0) <= _LONGEST_SLEEP) or refusal.status >= 500
