"""`/admin/places`: who waits for approval or for a place, masked, and deciding about them.

What is decided is done by an approver that the web part is given; each decision is noted with who, and why.
"""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.database import participants, places, programmes
from adapters.database.places import Waiting
from adapters.database.tables import ParticipantRow
from adapters.toolbox import Toolbox
from domain.admission import Person, is_open, terms_of, ways
from domain.masks import masked
from schemas.programme import Conference
from schemas.registration import Attendance
from web.admin.badges import Badge
from web.admin.login import Login
from web.bodies import form_of
from web.inbox import Inbox
from web.pages import Pages
from web.problems import Problem

_MOST = 200
_STATES = ("registered", "offered", "pending", "waitlisted", "refused")

Taken = tuple[str, Attendance, int | None, Sequence[int]]
"""Of one session and way of attending it: how many places there are, and how many people stand how."""


class Approver(Protocol):
    """Lets people in, or refuses them, by the ids of their registrations. Called in a thread; `who` as audits name
    people, `reason` for the record alone."""

    def approve(self, ids: Sequence[str], who: str, /) -> object:
        """To a place, or the waiting list where all are taken."""

    def refuse(self, ids: Sequence[str], who: str, reason: str, /) -> object:
        """Who waits, or has a place."""


class WaitingPeople:
    """The page, and its buttons."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages, login: Login, approver: Approver) -> None:
        self._toolbox, self._inbox, self._pages = toolbox, inbox, pages
        self._login, self._approver = login, approver

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [Route("/places", self._answer, methods=["GET", "POST"])]

    async def _answer(self, request: Request) -> Response:
        badge = self._login.expect(request)
        if isinstance(badge, Response):
            return badge
        if request.method == "POST":
            return await self._decide(request, badge)
        return await self._page(badge)

    async def _decide(self, request: Request, badge: Badge) -> Response:
        form = await form_of(request)
        if not self._login.badges.is_of(badge, str(form.get("token", ""))):
            raise Problem(403, "This form is not of this page. Please go back and try again.")
        ids, who = [str(one) for one in form.getlist("id")][:_MOST], f"admin:{badge.name}"
        reason, deed = str(form.get("reason", "")).strip(), form.get("deed")
        if not ids or (deed == "refuse" and not reason) or deed not in {"approve", "refuse"}:
            return await self._page(badge, 422, missing="reason" if ids else "id")
        if deed == "approve":
            await self._inbox.ask(partial(self._approver.approve, ids, who))
        else:
            await self._inbox.ask(partial(self._approver.refuse, ids, who, reason))
        return RedirectResponse(f"{self._pages.base}/admin/places", 303)

    async def _page(self, badge: Badge, status: int = 200, *, missing: str = "") -> Response:
        waiting, taken = await self._inbox.ask(self._read)
        token = self._login.badges.token(badge)
        return self._pages.page(
            "admin/places.html", status, token=token, name=badge.name, waiting=waiting, taken=taken, states=_STATES,
            missing=missing,
        )  # fmt: skip

    def _read(self) -> tuple[list[tuple[Waiting, Person]], list[tuple[str, list[Taken]]]]:
        with self._toolbox.database.read() as session:
            conferences = programmes.all_in_force(session)
            counts = {one.id: places.counts(session, one.id) for one in conferences}
            waiting = places.waiting(session, limit=_MOST)
            people = participants.of_ids(session, {one.participant_id for one in waiting})
        shown = [(one, self._shown(people[one.participant_id])) for one in waiting]
        return shown, [(one.id, rows) for one in conferences if (rows := _taken(one, counts[one.id]))]

    def _shown(self, row: ParticipantRow) -> Person:
        """What an admin sees of somebody: where from, and not who."""
        known = participants.opened(row, self._toolbox.vault)
        return Person(masked(known.address), known.profile.organisation, known.profile.country)


def _taken(conference: Conference, counts: dict[tuple[str, Attendance, str], int]) -> list[Taken]:
    return [
        (session.id, way, terms_of(session, conference, way).places,
         [counts.get((session.id, way, state), 0) for state in _STATES])
        for session in conference.sessions for way in ways(session) if not is_open(session, conference, way)
    ]  # fmt: skip
