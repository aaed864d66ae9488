"""A small admin for those who test with the emulated Zoom: what is there, what is to go wrong, what the hosts do.

`GET state` and the page show no participant's name or address. Every POST takes JSON, or a form of the page's.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar, get_args

from anyio.to_thread import run_sync
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from web.bodies import body_of, form_of, media_type
from web.pages import Pages
from web.problems import Problem
from web.zoom_emulator.emulator import Emulator
from web.zoom_emulator.endpoints import ENDPOINTS
from web.zoom_emulator.faults import Fault
from web.zoom_emulator.options import Options
from web.zoom_emulator.refusals import CASES, OAUTH_CASES, Refusal
from web.zoom_emulator.work import Body

T = TypeVar("T")


class Clearing(BaseModel):
    """What is to be forgotten."""

    fault: int | None = Field(default=None, description="One fault")
    faults: bool = Field(default=False, description="All faults")
    calls: bool = False
    counters: bool = Field(default=False, description="What the limits have counted")
    notifications: bool = False


class Admin:
    """`/admin/…` of the emulator. Its guard is `LoopbackOnly`."""

    def __init__(self, emulator: Emulator, pages: Pages) -> None:
        self._emulator = emulator
        self._pages = pages
        self._address = f"{pages.base}/admin"

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        post = ["POST"]
        return [
            Route("/", self.page),
            Route("/state", self.state),
            Route("/faults", self.faults, methods=post),
            Route("/clear", self.clear, methods=post),
            Route("/options", self.options, methods=post),
            Route("/deliver", self.deliver, methods=post),
            Route("/events/{number:int}", self.change, methods=post),
            Route("/events/{number:int}/{action}", self.event, methods=post),
            Route("/accounts/{account}/{action}", self.account, methods=post),
        ]

    async def page(self, _request: Request) -> Response:
        """Everything, for people."""
        state = await run_sync(self._emulator.state)
        return self._pages.page(
            "zoom_emulator_admin.html", state=state, admin=self._address, cases=[*CASES, *OAUTH_CASES],
            kinds=get_args(Fault.model_fields["kind"].annotation), endpoints=sorted({one.name for one in ENDPOINTS}),
            accounts=[one["name"] for one in state["accounts"]],
            hints={name: field.description or "" for name, field in Options.model_fields.items()},
        )  # fmt: skip

    async def state(self, _request: Request) -> Response:
        """Everything, for programs."""
        return JSONResponse(await run_sync(self._emulator.state))

    async def faults(self, request: Request) -> Response:
        """A fault, as `web.zoom_emulator.faults.Fault` writes it; its id."""
        said = await _said(request)
        fault = _read(Fault.model_validate, {"times": None, **said} if _is_form(request) else said)
        return self._done(request, {"id": await run_sync(self._emulator.inject, fault)})

    async def clear(self, request: Request) -> Response:
        """Forget faults, calls, what the limits counted, notifications; as `Clearing` writes it."""
        chosen = _read(Clearing.model_validate, await _said(request))
        await run_sync(lambda: self._emulator.forget(**chosen.model_dump()))
        return self._done(request, {})

    async def options(self, request: Request) -> Response:
        """Options that change, as `web.zoom_emulator.options.Options` writes them; all that hold now."""
        said = await _said(request)
        chosen = _read(lambda changes: self._emulator.configure(**changes), said)
        return self._done(request, chosen.model_dump())

    async def deliver(self, request: Request) -> Response:
        """Send the notifications that are due; how many were tried."""
        return self._done(request, {"tried": await self._emulator.deliver_due()})

    async def change(self, request: Request) -> Response:
        """Change an event as its host does on Zoom's pages, with the body of a PATCH."""
        number, said = request.path_params["number"], await _said(request)
        await _attempt(lambda: self._emulator.change(number, said))
        return self._done(request, {})

    async def event(self, request: Request) -> Response:
        """`start`, `end`, `convert`, `delete`; with `registrant` (id or address) `join`, `leave`, `approve`, `deny`,
        `cancel`."""
        number, action = request.path_params["number"], request.path_params["action"]
        registrant = str((await _said(request)).get("registrant", ""))
        await _attempt(lambda: self._emulator.act(number, action, registrant))
        return self._done(request, {})

    async def account(self, request: Request) -> Response:
        """`expire-tokens`, `validate` (its address, again), `deauthorize`, `activate`."""
        account, action = request.path_params["account"], request.path_params["action"]
        await _attempt(lambda: self._emulator.act_on_account(account, action))
        return self._done(request, {})

    def _done(self, request: Request, said: Body) -> Response:
        """People are led back to the page."""
        return RedirectResponse(f"{self._address}/", 303) if _is_form(request) else JSONResponse(said)


def _is_form(request: Request) -> bool:
    return media_type(request) == "application/x-www-form-urlencoded"


async def _said(request: Request) -> Body:
    """The body; of a form, what was filled in."""
    if _is_form(request):
        return {name: value for name, value in (await form_of(request)).items() if value}
    try:
        said: Any = json.loads(await body_of(request) or b"{}")
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Problem(400, "Send a JSON object.")
    return said


def _read(reader: Callable[[Body], T], said: Body) -> T:
    try:
        return reader(said)
    except ValidationError as wrong:
        lines = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in wrong.errors(include_input=False)]
        raise Problem(422, "; ".join(lines)) from None


async def _attempt(action: Callable[[], None]) -> None:
    try:
        await run_sync(action)
    except LookupError as missing:
        raise Problem(404, str(missing.args[0])) from None
    except Refusal as refused:
        raise Problem(409, refused.body["message"]) from None
