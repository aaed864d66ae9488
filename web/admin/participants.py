"""`/admin/participants`: somebody is found, and how they stand is seen; what is done for them is done by an attendant
whom the web part is given.

What is searched for is posted, so that no address stands in an address. What is masked is shown in one answer, to
whoever may see it and has said why, and is kept nowhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import addresses, audits, dossiers, participants, programmes
from adapters.database.tables import ParticipantRow
from adapters.toolbox import Toolbox
from domain.deeds import is_known, told
from domain.masks import masked
from domain.moments import written
from domain.roles import Right
from schemas.deed import Done
from schemas.programme import CORRESPONDENCE_LANGUAGES
from web.admin import filters
from web.admin.person import Shown, person
from web.admin.visits import Visit, Visits
from web.inbox import Inbox
from web.problems import Problem

_PAGE: Final = 50

DEEDS: Final[Mapping[str, tuple[Right, bool]]] = {
    "reveal": ("reveal", True), "resend": ("operate", False), "hold": ("operate", True), "release": ("operate", False),
    "lift": ("correct", True), "ask-zoom": ("operate", False),
    "correct-address": ("correct", True), "withdraw": ("correct", True), "language": ("correct", False),
    "renew-joining": ("correct", False), "revoke-joining": ("correct", True), "renew-page": ("correct", False),
    "renew-calendar": ("correct", False),
}  # fmt: skip
"""What can be asked for: the right that it takes, and whether a reason must be given."""


class Attendant(Protocol):
    """Does what is asked for one participant, and notes it. Called in a thread; `who` as audits name people, `reason`
    for the record alone. Each may be asked for twice, and is done once."""

    def resend(self, letter: str, who: str, reason: str, /) -> Done:
        """A letter, as things stand now."""

    def hold(self, participant: str, who: str, reason: str, /) -> Done:
        """All their mail."""

    def release(self, participant: str, who: str, reason: str, /) -> Done:
        """Their mail again."""

    def lift(self, participant: str, who: str, reason: str, /) -> Done:
        """What holds letters to their address."""

    def ask_zoom(self, participant: str, who: str, reason: str, /) -> Done:
        """Again, for what it has not of them."""

    def correct_address(self, participant: str, typed: str, who: str, reason: str, /) -> Done:
        """Another address, and everything anew to it."""

    def withdraw(self, participant: str, sessions: Sequence[str], who: str, reason: str, /) -> Done:
        """From sessions."""

    def prefer_language(self, participant: str, language: str, who: str, reason: str, /) -> Done:
        """Of their letters."""

    def renew_joining(self, whose: str, who: str, reason: str, /) -> Done:
        """Join pages' addresses."""

    def revoke_joining(self, whose: str, who: str, reason: str, /) -> Done:
        """Join pages' addresses, untold."""

    def renew_page(self, participant: str, who: str, reason: str, /) -> Done:
        """Their own page's address."""

    def renew_calendar(self, participant: str, who: str, reason: str, /) -> Done:
        """Their calendar feed's address."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody in a list, masked."""

    id: str
    conference: str
    address: str
    since: datetime


class Participants:
    """The search, and the pages."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits, attendant: Attendant) -> None:
        self._toolbox, self._inbox, self._visits, self._attendant = toolbox, inbox, visits, attendant

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [
            self._visits.route("/participants", self._search, right="masked", posts="masked"),
            self._visits.route("/participants/{id}", self._one, right="masked", posts="masked"),
        ]

    async def _search(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return await self._newest(visit)
        given = visit.said("given")[:320]
        found = await self._inbox.ask(partial(self._found, given)) if given else []
        if len(found) == 1:
            return visit.to(f"/participants/{found[0].id}")
        return visit.page("participants", 200 if found else 404, given=given, found=found, listed=(), conference="",
                          conferences=await self._inbox.ask(self._conferences), after=None)  # fmt: skip

    async def _newest(self, visit: Visit) -> Response:
        conference, after = (visit.request.query_params.get(name, "") for name in ("conference", "after"))
        conferences = await self._inbox.ask(self._conferences)
        listed = await self._inbox.ask(partial(self._listed, conference, after)) if conference in conferences else []
        further = listed[_PAGE - 1].id if len(listed) > _PAGE else None
        return visit.page("participants", given="", found=None, listed=listed[:_PAGE], conference=conference,
                          conferences=conferences, after=further)  # fmt: skip

    def _conferences(self) -> list[str]:
        with self._toolbox.database.read() as session:
            return programmes.ids(session)

    def _listed(self, conference: str, after: str) -> list[Listed]:
        with self._toolbox.database.read() as session:
            last = session.get(ParticipantRow, after) if after else None
            before = None if last is None else (last.created_at, last.id)
            return self._shown(participants.newest(session, conference, _PAGE + 1, before))

    def _found(self, given: str) -> list[Listed]:
        with self._toolbox.database.read() as session:
            return self._shown(found(self._toolbox, session, given))

    def _shown(self, rows: Sequence[ParticipantRow]) -> list[Listed]:
        vault = self._toolbox.vault
        return [
            Listed(one.id, one.conference, masked(participants.address(one, vault)), one.created_at) for one in rows
        ]

    async def _one(self, visit: Visit) -> Response:
        if visit.request.method == "POST":
            return await self._do(visit)
        done = await self._inbox.ask(partial(self._done, visit))
        return await self._page(visit, said=done)

    async def _do(self, visit: Visit) -> Response:
        participant, deed, reason = visit.request.path_params["id"], visit.said("deed"), visit.said("reason")
        if deed not in DEEDS:
            raise Problem(422, "This page has no such form.")
        right, needs_reason = DEEDS[deed]
        if not visit.may(right):
            raise Problem(403, "Your role does not allow this.")
        if needs_reason and not reason:
            return await self._page(visit, 422, wrong=deed)
        if deed == "reveal":
            return await self._reveal(visit, participant, reason)
        done = await self._inbox.ask(self._asked(visit, participant, deed, reason))
        told_by = f"done={done.audit}" if done.audit is not None else f"said={done.what}"
        return visit.to(f"/participants/{participant}?{told_by}")

    def _asked(self, visit: Visit, participant: str, deed: str, reason: str) -> Callable[[], Done]:
        attendant, who = self._attendant, visit.who
        mine = partial(self._theirs, participant)
        of_whom: Mapping[str, Callable[[], Done]] = {
            "resend": lambda: mine(visit.said("letter"), lambda one: attendant.resend(one, who, reason)),
            "hold": lambda: attendant.hold(participant, who, reason),
            "release": lambda: attendant.release(participant, who, reason),
            "lift": lambda: attendant.lift(participant, who, reason),
            "ask-zoom": lambda: attendant.ask_zoom(participant, who, reason),
            "correct-address": lambda: attendant.correct_address(participant, visit.said("address"), who, reason),
            "withdraw": lambda: attendant.withdraw(participant, [visit.said("session")], who, reason),
            "language": lambda: attendant.prefer_language(participant, _language(visit), who, reason),
            "renew-joining": lambda: mine(visit.said("whose"), lambda one: attendant.renew_joining(one, who, reason)),
            "revoke-joining": lambda: mine(visit.said("whose"), lambda one: attendant.revoke_joining(one, who, reason)),
            "renew-page": lambda: attendant.renew_page(participant, who, reason),
            "renew-calendar": lambda: attendant.renew_calendar(participant, who, reason),
        }
        return of_whom[deed]

    def _theirs(self, participant: str, given: str, deed: Callable[[str], Done]) -> Done:
        """A letter or registration that a form of this page names, and no other."""
        with self._toolbox.database.read() as session:
            owner = dossiers.whose(session, given)
        return deed(given) if owner == participant else Done("nobody")

    async def _reveal(self, visit: Visit, participant: str, reason: str) -> Response:
        noted = await self._inbox.ask(
            partial(reveal, self._toolbox, participant, visit.who, reason, "participant-revealed")
        )
        if not noted:
            raise Problem(404, "There is no such participant.")
        return await self._page(visit, revealed=True)

    async def _page(
        self, visit: Visit, status: int = 200, *, said: str = "", wrong: str = "", revealed: bool = False
    ) -> Response:
        participant = visit.request.path_params["id"]
        shown = await self._inbox.ask(partial(person, self._toolbox, participant, revealed=revealed))
        if shown is None:
            raise Problem(404, "There is no such participant.")
        oldest = visit.request.query_params.get("order") == "oldest"
        return visit.page(
            "participant", status, one=shown, lines=shown.lines if oldest else shown.lines[::-1], oldest=oldest,
            said=said, wrong=wrong, theirs=partial(_theirs, shown), languages=CORRESPONDENCE_LANGUAGES,
            ways=[one.path for one in visit.menu],
            may_deed={deed: visit.may(right) for deed, (right, _) in DEEDS.items()},
        )  # fmt: skip

    def _done(self, visit: Visit) -> str:
        """What was done, as the page's address names it: an audit about this participant, or why nothing was."""
        done, said = (visit.request.query_params.get(name, "") for name in ("done", "said"))
        if is_known(said):
            return told(Done(said))
        if (number := filters.number(done)) is None:
            return ""
        with self._toolbox.database.read() as session:
            audit = audits.find(session, self._toolbox.vault, number)
            owner = dossiers.whose(session, audit.about or "") if audit else None
        if audit is None or owner != visit.request.path_params["id"]:
            return ""
        return told(Done(audit.action, audit.id, audit.details))


def found(toolbox: Toolbox, session: Session, given: str) -> list[ParticipantRow]:
    """Whom an address, an id, a receipt, a letter or a Message-ID means; an address may mean one in each conference."""
    if (owner := dossiers.whose(session, given)) is not None:
        return [session.get_one(ParticipantRow, owner)]
    return addresses.wearers(session, toolbox.vault, given, programmes.ids(session)) if "@" in given else []


def reveal(toolbox: Toolbox, participant: str, who: str, reason: str, action: str) -> bool:
    """Note that somebody is shown what is masked, before they are; whether there is such a participant."""
    clock = toolbox.clock
    with toolbox.database.write() as session:
        row = session.get(ParticipantRow, participant)
        if row is None:
            return False
        audits.note(session, toolbox.vault, who=who, action=action, conference=row.conference, about=participant,
                    reason=reason, now=clock.now(), machine_now=clock.machine_now())  # fmt: skip
    return True


def _language(visit: Visit) -> str:
    said = visit.said("language")
    if said not in CORRESPONDENCE_LANGUAGES:
        raise Problem(422, "Letters are not written in this language.")
    return said


def _theirs(shown: Shown, moment: datetime) -> str:
    """An instant by the participant's own clocks."""
    return written(moment, shown.time_zone)
