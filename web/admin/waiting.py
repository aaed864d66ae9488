"""`/admin/places`: who waits for approval or for a place, masked, and deciding about them.

What is decided is done by an approver that the web part is given; each decision is noted with who, and why.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import participants, places
from adapters.database.census import Census
from adapters.database.places import Waiting
from adapters.database.tables import ParticipantRow
from adapters.toolbox import Toolbox
from domain.admission import Person, is_open, terms_of, ways
from domain.masks import masked
from schemas.programme import Conference
from schemas.registration import Attendance
from web.admin.parts import counted
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

_MOST = 200
_STATES = ("registered", "offered", "pending", "waitlisted", "refused")

Taken = tuple[str, Attendance, int | None, Sequence[int]]
"""Of one session and way of attending it: how many places there are, and how many people stand how."""


class Decided(Protocol):
    """What came of it for one registration."""

    @property
    def participant(self) -> str | None:
        """Who has something to be told; None where nothing was changed."""


class Approver(Protocol):
    """Lets people in, or refuses them, by the ids of their registrations. Called in a thread; `who` as audits name
    people, `reason` for the record alone."""

    def approve(self, ids: Sequence[str], who: str, /) -> Sequence[Decided]:
        """To a place, or the waiting list where all are taken."""

    def refuse(self, ids: Sequence[str], who: str, reason: str, /) -> Sequence[Decided]:
        """Who waits, or has a place."""


class WaitingPeople:
    """The page, and its buttons."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits, approver: Approver) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits
        self._approver = approver

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/places", self._answer, right="correct", posts="correct")]

    async def _answer(self, visit: Visit) -> Response:
        return await (self._decide(visit) if visit.request.method == "POST" else self._page(visit))

    async def _decide(self, visit: Visit) -> Response:
        ids = [str(one) for one in visit.form.getlist("id")][:_MOST]
        reason, deed = visit.said("reason"), visit.said("deed")
        if not ids or (deed == "refuse" and not reason) or deed not in {"approve", "refuse"}:
            return await self._page(visit, 422, missing="reason" if ids else "id")
        if deed == "approve":
            decided = await self._inbox.ask(partial(self._approver.approve, ids, visit.who))
        else:
            decided = await self._inbox.ask(partial(self._approver.refuse, ids, visit.who, reason))
        done = sum(one.participant is not None for one in decided)
        return visit.to(f"/places?done={deed}-{done}-{len(decided)}")

    async def _page(self, visit: Visit, status: int = 200, *, missing: str = "") -> Response:
        waiting, taken, age = await self._inbox.ask(self._read)
        return visit.page("places", status, waiting=waiting, taken=taken, age=age, states=_STATES, missing=missing,
                          done=_done(visit.request.query_params.get("done", "")))  # fmt: skip

    def _read(self) -> tuple[list[tuple[Waiting, Person]], list[tuple[str, list[Taken]]], timedelta]:
        with self._toolbox.database.read() as session:
            conferences = [one.conference for one in self._toolbox.shelf.all(session)]
            census = counted(self._toolbox, session)
            waiting = places.waiting(session, limit=_MOST)
            people = participants.of_ids(session, {one.participant_id for one in waiting})
        shown = [(one, self._shown(people[one.participant_id])) for one in waiting]
        age = self._toolbox.clock.machine_now() - census.machine_counted
        return shown, [(one.id, rows) for one in conferences if (rows := _taken(one, _counts(one, census)))], age

    def _shown(self, row: ParticipantRow) -> Person:
        """What an admin sees of somebody: where from, and not who."""
        known = participants.opened(row, self._toolbox.vault)
        return Person(masked(known.address), known.profile.organisation, known.profile.country)


def _done(said: str) -> tuple[str, int, int] | None:
    """What was just done: to how many, of how many."""
    deed, *numbers = said.split("-")
    if deed not in {"approve", "refuse"} or len(numbers) != 2 or not all(one.isdecimal() for one in numbers):
        return None
    return deed, int(numbers[0][:6]), int(numbers[1][:6])


def _counts(conference: Conference, census: Census) -> dict[tuple[str, str, str], int]:
    """As `places.counts` has them."""
    found: dict[tuple[str, str, str], int] = {}
    for one in census.places:
        if one.conference == conference.id:
            key = one.session, one.attendance, one.state
            found[key] = found.get(key, 0) + one.number
    return found


def _taken(conference: Conference, counts: dict[tuple[str, str, str], int]) -> list[Taken]:
    return [
        (session.id, way, terms_of(session, conference, way).places,
         [counts.get((session.id, way, state), 0) for state in _STATES])
        for session in conference.sessions for way in ways(session) if not is_open(session, conference, way)
    ]  # fmt: skip
