"""`/admin/programmes`: which programmes' files differ from what is in force, what each would do, and applying it.

The form carries the digest of the plan that the page shows: what is applied is that, or nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import programmes
from adapters.toolbox import Toolbox
from config.programmes import ProgrammeError
from domain.plans.plan import NotApplied, Plan, said_hours
from schemas.programme import IDENTIFIER, Conference
from web.admin.visits import Visit, Visits
from web.inbox import Inbox
from web.problems import Problem

_IDENTIFIER: Final = re.compile(rf"(?=.{{1,64}}$){IDENTIFIER}")


class Planner(Protocol):
    """Plans and applies what the programmes' files say. Called in a thread; each raises ProgrammeError where a file
    cannot be used."""

    def in_file(self, conference: str, /) -> Conference:
        """The programme in the conference's file."""

    def plan(self, conference: str, /, *, most: int) -> Plan:
        """What putting it in force would do. Raises NotApplied where the conference is not in force at all, or has more
        people than `most` to be looked at."""

    def apply(self, conference: str, digest: str, who: str, /, *, most: int) -> Plan:
        """Do what the plan of this digest says; an empty plan where that has been done. Raises NotApplied where it does
        not hold any more, or as `plan`."""


MOST: Final = 3_000
"""People for whom a plan is worked out while somebody waits for a page: it takes about a millisecond for each, and
applying it some more. For more people there is the command line."""


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

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits, planner: Planner) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits
        self._planner = planner

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [
            self._visits.route("/programmes", self._list, right="programme"),
            self._visits.route("/programmes/{conference}", self._one, right="programme", posts="programme"),
        ]

    async def _list(self, visit: Visit) -> Response:
        return visit.page("programmes", listed=await self._inbox.ask(self._listed))

    async def _one(self, visit: Visit) -> Response:
        conference = visit.request.path_params["conference"]
        if not _IDENTIFIER.fullmatch(conference):  # it becomes the name of a file
            raise Problem(404, "There is no such programme.")
        try:
            if visit.request.method == "POST":
                return await self._apply(visit, conference)
            plan = await self._inbox.ask(partial(self._planner.plan, conference, most=MOST))
        except ProgrammeError as wrong:
            return _refused(visit, conference, [str(one) for one in wrong.problems], None)
        except NotApplied as refused:
            return _refused(visit, conference, refused.reasons, refused.plan)
        return _shown(visit, plan)

    async def _apply(self, visit: Visit, conference: str) -> Response:
        await self._inbox.ask(
            partial(self._planner.apply, conference, visit.said("digest"), visit.who, most=MOST)
        )  # fmt: skip
        return visit.to(f"/programmes/{conference}")

    def _listed(self) -> list[Listed]:
        with self._toolbox.database.read() as session:
            found, since = self._toolbox.shelf.all(session), programmes.since(session)
        return [
            Listed(one.conference, one.version, since[one.conference.id], *self._compared(one.conference))
            for one in found
        ]

    def _compared(self, conference: Conference) -> tuple[bool, Sequence[str]]:
        try:
            return self._planner.in_file(conference.id) != conference, ()
        except ProgrammeError as wrong:
            return False, [str(one) for one in wrong.problems]


def _refused(visit: Visit, conference: str, reasons: Sequence[str], plan: Plan | None) -> Response:
    if plan is None:
        return visit.page("programme", 409, plan=None, name_of=conference, reasons=reasons)
    return _shown(visit, plan, 409, reasons=[one for one in reasons if one not in plan.refusals])


def _shown(visit: Visit, plan: Plan, status: int = 200, *, reasons: Sequence[str] = ()) -> Response:
    return visit.page("programme", status, plan=plan, name_of=plan.conference, reasons=reasons, said_hours=said_hours)
