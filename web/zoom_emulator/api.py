"""The way of a call through the emulated API: who calls, what was to go wrong, how often may they, what they want."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from web.bodies import body_of
from web.zoom_emulator import accounts, calls, faults, limits
from web.zoom_emulator.accounts import Accounts, EmulatedAccount
from web.zoom_emulator.endpoints import Call, Endpoint
from web.zoom_emulator.faults import Answer, Fault
from web.zoom_emulator.refusals import Refusal, refusal
from web.zoom_emulator.work import Body, Work, Working


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as it came in."""

    endpoint: Endpoint
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    authorization: str
    tracking_id: str

    @property
    def event(self) -> int | None:
        """The number of the event in the address."""
        number = self.path.get("number", "")
        return int(number) if number.isdecimal() else None

    def said(self) -> Body:
        """The body. Raises Refusal (300) where it is no JSON object."""
        if self.endpoint.name == "token":
            return dict(parse_qsl(self.body.decode("utf-8", "replace")))
        try:
            said: Any = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise Refusal(400, {"code": 300, "message": "Request Body should be a valid JSON object."})
        return said


class HungUp(Response):
    """No answer at all: the connection is closed under the caller."""

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        """Close what uvicorn holds; where nothing can be closed, fail as a broken connection does."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionAbortedError("the emulated Zoom has hung up")
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


class Api:
    """Answers calls."""

    def __init__(self, working: Working, known: Accounts) -> None:
        self._working = working
        self._accounts = known

    async def answer(self, endpoint: Endpoint, request: Request) -> Response:
        """Answer one call. What it did is committed before its answer goes out, or does not."""
        asked = Asked(
            endpoint, request.path_params, request.query_params, await body_of(request),
            request.headers.get("authorization", ""), calls.new_tracking_id(),
        )  # fmt: skip
        answer = await run_sync(self._take, asked)
        if isinstance(answer, Fault):
            await anyio.sleep(answer.seconds)
            answer = await run_sync(self._late, asked, answer)
        await anyio.sleep(answer.delay)
        return _response(answer, asked)

    def _take(self, asked: Asked) -> Answer | Fault:
        """Do it, in one transaction; or nothing yet, where it is to wait first."""
        with self._working() as work:
            caller = self._caller(work, asked)
            fault = faults.take(work, asked.endpoint.name, _name(caller), asked.event)
            if fault is not None and fault.kind == "latency" and not fault.committed:
                return fault
            return _answer(work, asked, caller, fault)

    def _late(self, asked: Asked, fault: Fault) -> Answer:
        """Do what has waited. Whoever asked may be gone by now."""
        with self._working() as work:
            return _answer(work, asked, self._caller(work, asked), fault)

    def _caller(self, work: Work, asked: Asked) -> EmulatedAccount | Refusal:
        """Whose app calls; or what it is answered where that is nobody's."""
        if asked.endpoint.name == "token":
            parameters = {**asked.query, **asked.said()}
            found = accounts.find(self._accounts, parameters.get("account_id", ""))
            return found or refusal("oauth_unknown_account")
        scheme, _, token = asked.authorization.partition(" ")
        row = work.one("SELECT * FROM tokens WHERE token = ?", token) if scheme.lower() == "bearer" else None
        if row is None:
            return refusal("token_invalid")
        if row["expires_at"] <= work.machine_now.timestamp():
            return refusal("token_expired")
        return accounts.find(self._accounts, row["account"]) or refusal("token_invalid")


def _answer(work: Work, asked: Asked, caller: EmulatedAccount | Refusal, fault: Fault | None) -> Answer:
    """Right or spoilt, and written down."""
    if fault is None:
        answer = _perform(work, asked, caller)
    elif fault.kind == "latency":
        answer = replace(_perform(work, asked, caller), delay=fault.seconds if fault.committed else 0.0)
    else:
        if fault.committed:
            _perform(work, asked, caller)
        answer = faults.spoilt(work, fault, _values(asked))
    calls.note(work, asked.endpoint, _name(caller), asked.event, answer, fault, asked.tracking_id)
    return answer


def _name(caller: EmulatedAccount | Refusal) -> str | None:
    return caller.name if isinstance(caller, EmulatedAccount) else None


def _perform(work: Work, asked: Asked, caller: EmulatedAccount | Refusal) -> Answer:
    """The right answer. A refusal keeps what was done before it."""
    endpoint, headers = asked.endpoint, dict[str, str]()
    try:
        if isinstance(caller, Refusal):
            raise caller
        if endpoint.scope and caller.scopes is not None and endpoint.scope not in caller.scopes:
            raise refusal("scope_missing", {"scope": endpoint.scope}, variant=work.options.variant)
        if endpoint.category is not None:
            headers = limits.take_call(work, caller.name, caller.plan, endpoint.category)
        call = Call(work, caller, endpoint.kind, asked.path, asked.query, asked.said(), asked.authorization)
        status, body = endpoint.do(call)
    except Refusal as refused:
        return faults.as_answer(refused.status, refused.body, refused.headers or headers)
    return faults.as_answer(status, body, headers)


def _values(asked: Asked) -> dict[str, object]:
    """What the texts of errors name."""
    try:
        address = asked.said().get("email", "")
    except Refusal:
        address = ""
    what = f"Add a {asked.endpoint.kind} registrant"
    named = {"number": asked.event or "", "scope": asked.endpoint.scope, "what": what}
    return {**named, "registrant": asked.path.get("registrant", ""), "address": address}


def _response(answer: Answer, asked: Asked) -> Response:
    if answer.dropped:
        return HungUp()
    headers = {**answer.headers, "x-zm-trackingid": asked.tracking_id}
    return Response(answer.content, answer.status, headers, answer.media_type)
