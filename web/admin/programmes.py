"""`/admin/programmes`: which programmes' files differ from what is in force, what each would do, and applying it.

The form carries the digest of the plan that the page shows: what is applied is that, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.database import programmes
from adapters.toolbox import Toolbox
from config.programmes import ProgrammeError
from domain.plans.plan import NotApplied, Plan, said_hours
from schemas.programme import Conference
from web.admin.badges import Badge
from web.admin.login import Login
from web.bodies import form_of
from web.inbox import Inbox
from web.pages import Pages
from web.problems import Problem


class Planner(Protocol):
    """Plans and applies what the programmes' files say. Called in a thread; each raises ProgrammeError where a file
    cannot be used."""

    def in_file(self, conference: str, /) -> Conference:
        """The programme in the conference's file."""

    def plan(self, conference: str, /) -> Plan:
        """What putting it in force would do. Raises NotApplied where the conference is not in force at all."""

    def apply(self, conference: str, digest: str, who: str, /) -> Plan:
        """Do what the plan of this digest says; an empty plan where that has been done. Raises NotApplied where it does
        not hold any more."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A programme in force, and whether its file differs; `problems` where the file cannot be used."""

    conference: Conference
    version: int
    since: datetime
    differs: bool
    problems: Sequence[str]


class Programmes:
    """The programmes' pages."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages, login: Login, planner: Planner) -> None:
        self._toolbox, self._inbox, self._pages = toolbox, inbox, pages
        self._login, self._planner = login, planner

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [
            Route("/programmes", self._list),
            Route("/programmes/{conference}", self._one, methods=["GET", "POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        badge = self._login.expect(request)
        if isinstance(badge, Response):
            return badge
        return self._page("programmes", badge, listed=await self._inbox.ask(self._listed))

    async def _one(self, request: Request) -> Response:
        badge = self._login.expect(request)
        if isinstance(badge, Response):
            return badge
        conference = request.path_params["conference"]
        try:
            if request.method == "POST":
                return await self._apply(request, badge, conference)
            plan = await self._inbox.ask(partial(self._planner.plan, conference))
        except ProgrammeError as wrong:
            return self._refused(badge, conference, [str(one) for one in wrong.problems], None)
        except NotApplied as refused:
            return self._refused(badge, conference, refused.reasons, refused.plan)
        return self._shown(badge, plan)

    async def _apply(self, request: Request, badge: Badge, conference: str) -> Response:
        form = await form_of(request)
        if not self._login.badges.is_of(badge, str(form.get("token", ""))):
            raise Problem(403, "This form is not of this page. Please go back and try again.")
        who, digest = f"admin:{badge.name}", str(form.get("digest", ""))
        await self._inbox.ask(partial(self._planner.apply, conference, digest, who))
        return RedirectResponse(f"{self._pages.base}/admin/programmes/{conference}", 303)

    def _refused(self, badge: Badge, conference: str, reasons: Sequence[str], plan: Plan | None) -> Response:
        if plan is None:
            return self._page("programme", badge, 409, plan=None, name_of=conference, reasons=reasons)
        return self._shown(badge, plan, 409, reasons=[one for one in reasons if one not in plan.refusals])

    def _shown(self, badge: Badge, plan: Plan, status: int = 200, *, reasons: Sequence[str] = ()) -> Response:
        return self._page(
            "programme", badge, status, plan=plan, name_of=plan.conference, reasons=reasons, said_hours=said_hours
        )

    def _page(self, template: str, badge: Badge, status: int = 200, /, **context: Any) -> Response:  # noqa: ANN401 - a template takes what it takes
        token = self._login.badges.token(badge)
        return self._pages.page(f"admin/{template}.html", status, token=token, name=badge.name, **context)

    def _listed(self) -> list[Listed]:
        with self._toolbox.database.read() as session:
            found = [programmes.in_force(session, one) for one in programmes.ids(session)]
        return [
            Listed(conference, row.version, row.in_force_at, *self._compared(conference))
            for conference, row in filter(None, found)
        ]

    def _compared(self, conference: Conference) -> tuple[bool, Sequence[str]]:
        try:
            return self._planner.in_file(conference.id) != conference, ()
        except ProgrammeError as wrong:
            return False, [str(one) for one in wrong.problems]
