"""What people see of the emulated Zoom: where a link leads, and the page on which they register by themselves."""

import json
import sqlite3
from collections.abc import Collection
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from web.bodies import form_of
from web.pages import Pages
from web.problems import Problem
from web.zoom_emulator import registrants, validation
from web.zoom_emulator.emulator import Emulator
from web.zoom_emulator.links import registration_url
from web.zoom_emulator.refusals import Refusal
from web.zoom_emulator.work import Body, Work

_FIELDS = ("first_name", "last_name", "email", "language")


class Visiting:
    """Pages for participants."""

    def __init__(self, emulator: Emulator, pages: Pages) -> None:
        self._emulator = emulator
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/w/{number}", self.join),
            Route("/j/{number}", self.opened),
            Route("/{kind:str}/register/{token}", self.register, methods=["GET", "POST"]),
            Route("/{kind:str}/register/{source}/{token}", self.register, methods=["GET", "POST"]),
        ]

    async def join(self, request: Request) -> Response:
        """A personal link: here Zoom would open. Without the right key it leads to the registration page."""
        number, tk = request.path_params["number"], request.query_params.get("tk", "")
        page = await run_sync(self._registration_page, number, tk)
        return RedirectResponse(page, 302) if page else await self.opened(request)

    async def opened(self, _request: Request) -> Response:
        """The same page for every link."""
        return self._pages.page("zoom_emulator.html")

    async def register(self, request: Request) -> Response:
        """Zoom's own registration page, for people who do not come by us."""
        kind, token = request.path_params["kind"], request.path_params["token"]
        event = await run_sync(self._event, kind, token)
        if request.method != "POST":
            return self._page(event)
        form = await form_of(request)
        said = {name: str(form.get(name) or "") for name in _FIELDS}
        said["source_id"] = request.path_params.get("source", "")
        try:
            status = await run_sync(self._add, event, said)
        except Refusal as refused:
            wrong = {one["field"] for one in refused.body.get("errors", [])}
            return self._page(event, said, wrong, "" if wrong else refused.body["message"], status=422)
        return self._pages.page("zoom_emulator_registered.html", topic=_topic(event), approved=status == "approved")

    def _page(
        self, event: sqlite3.Row, said: Body | None = None, wrong: Collection[str] = (), message: str = "",
        *, status: int = 200,
    ) -> Response:  # fmt: skip
        shown: dict[str, Any] = {"topic": _topic(event), "said": said or dict.fromkeys(_FIELDS, ""), "wrong": wrong}
        return self._pages.page(
            "zoom_emulator_register.html", status, message=message, languages=validation.LANGUAGES, **shown
        )

    def _event(self, kind: str, token: str) -> sqlite3.Row:
        with self._emulator.working() as work:
            row = work.one("SELECT * FROM events WHERE token = ? AND kind = ?", token, kind)
        if row is None:
            raise Problem(404, "The emulated Zoom has no such event.")
        return row

    def _add(self, event: sqlite3.Row, said: Body) -> str:
        with self._emulator.working() as work:
            registrants.open_for_registration(work, event, batch=False)
            validation.registrant(said, {})
            account = self._emulator.account(event["account"])
            return str(registrants.add(work, account, event, said, by_api=False)["status"])

    def _registration_page(self, number: str, tk: str) -> str | None:
        """Where a link without a registrant's key leads; None where it has one, or there is no such page."""
        with self._emulator.working() as work:
            event = _numbered(work, number)
            if event is None or registrants.with_link(work, event["number"], tk) is not None:
                return None
            return registration_url(work.base_url, event["kind"], event["token"])


def _numbered(work: Work, number: str) -> sqlite3.Row | None:
    known = number.isdecimal() and len(number) <= 18
    return work.one("SELECT * FROM events WHERE number = ?", int(number)) if known else None


def _topic(event: sqlite3.Row) -> str:
    return str(json.loads(event["details"])["topic"])
