"""`/cal/{token}.ics`: somebody's sessions as a calendar to subscribe to; and `/r/{token}/sessions.ics`: the same as a
file, to be downloaded once.

Only what somebody is registered for is in them, with the UID, SEQUENCE and DTSTAMP that were told last, so that they
and the invitations are the same entries. A session that they have withdrawn from is left out, as it is in nobody's
calendar. One that the organisers have cancelled stays in the feed with STATUS:CANCELLED, for programs that go by the
UID would keep it as it was, and is left out of the file.

Neither has the own page's address, as invitations do: who reads a calendar that is fetched can change nothing by it.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property, partial

from sqlalchemy.orm import Session as DatabaseSession
from starlette.requests import Request
from starlette.responses import Response

from adapters.database import letters, registrations
from adapters.database.tables import LetterRow, RegistrationRow
from adapters.ids import entry_uid
from adapters.tokens import CalendarTokens, JoinTokens, PageTokens
from adapters.toolbox import Toolbox
from config.settings import ROOT
from domain.calendar.publication import Heading
from domain.discretion import discreet_title
from domain.letters.model import CalendarPart, LinkState, Order, Person, Sender, Visit
from domain.letters.publication import Publisher
from domain.programme import leads_to, said
from schemas.programme import Session
from web.inbox import Inbox
from web.pages import Pages
from web.participant.own.visitor import Visitor, visitor
from web.participant.place import period_of
from web.participant.refusals import NOINDEX, refused, unknown
from web.problems import Problem

_SUFFIX = ".ics"
_TYPE = "text/calendar; charset=utf-8"
_PRIVATE = {"Cache-Control": "no-store, private"} | NOINDEX
_LINKS: dict[str, LinkState] = {"present": "present", "wanted": "follows", "none": "none"}

Read = Callable[[DatabaseSession], Visitor | None]


class Calendars:
    """`GET`, `HEAD /cal/{token}.ics` and `/r/{token}/sessions.ics`."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages) -> None:
        self._toolbox = toolbox
        self._inbox = inbox
        self._pages = pages
        self._feeds = CalendarTokens(toolbox.vault)
        self._own_pages = PageTokens(toolbox.vault)
        self._joining = JoinTokens(toolbox.vault)

    async def feed(self, request: Request) -> Response:
        """The calendar as it is now; 304 where the reader has it."""
        token: str = request.path_params["token"]
        known = self._feeds.participant(token.removesuffix(_SUFFIX)) if token.endswith(_SUFFIX) else None
        return await self._answer(request, known, of_calendar=True)

    async def file(self, request: Request) -> Response:
        """The same to be kept, with alarms."""
        return await self._answer(request, self._own_pages.participant(request.path_params["token"]))

    async def _answer(self, request: Request, known: tuple[str, int] | None, *, of_calendar: bool = False) -> Response:
        try:
            content = await self._inbox.ask(partial(self._content, known, of_calendar=of_calendar))
        except Problem as problem:
            return refused(self._pages, request, problem)
        if content is None:
            return unknown(self._pages, request, self._toolbox.settings.reply_to)
        headers = _PRIVATE | {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        if not of_calendar:
            headers["Content-Disposition"] = 'attachment; filename="sessions.ics"'
        return Response(content, 200, {"Content-Type": _TYPE} | headers)

    def _content(self, known: tuple[str, int] | None, *, of_calendar: bool) -> bytes | None:
        now = self._toolbox.clock.now()
        with self._toolbox.database.read() as session:
            found = visitor(self._toolbox, session, known, now, of_calendar=of_calendar)
            if found is None:
                return None
            told = letters.of_participant(session, found.person.id, letters.SESSION_KINDS)
            orders = list(self._orders(found, told, now))
        if not of_calendar:
            orders = [one for one in orders if one.kind != "cancellation"]
        return self._publisher.write(self._heading(found, alarms=not of_calendar), orders)

    @cached_property
    def _publisher(self) -> Publisher:
        """Made when it is first asked for: its catalogues take a moment to read."""
        return Publisher(ROOT / "templates" / "email", ROOT / "locale")

    def _heading(self, found: Visitor, *, alarms: bool) -> Heading:
        conference, words = found.conference, self._pages.words(found.language)
        title = None if found.is_discreet else said(conference, "title", words.language)
        name = title.text if title else discreet_title(conference, words)[0]
        return Heading(name, conference.time_zone, alarms)

    def _orders(self, found: Visitor, told: list[LetterRow], now: datetime) -> Iterator[Order]:
        """What an invitation would be made from, or a cancellation: of what has a certain time."""
        settings = self._toolbox.settings
        for planned in found.conference.sessions:
            row = found.places.get(planned.id)
            if row is None or row.state != "registered" or period_of(planned, found.conference) is None:
                continue
            visit = self._visit(found, planned, row)
            follows = visit.link == "follows"
            yield Order(
                kind="cancellation" if planned.cancelled else "link-follows" if follows else "invitation",
                conference=found.conference,
                person=_person(found),
                visits=(visit,),
                message_id="",
                date=now,
                sender=Sender(*settings.sender, settings.reply_to),
                contact=found.conference.contact or settings.reply_to,
                calendar=self._part(found, planned, row, told),
            )

    def _visit(self, found: Visitor, planned: Session, row: RegistrationRow) -> Visit:
        leads = leads_to(planned, found.conference, found.person.visibility)
        link = None
        if row.link == "present" and not planned.cancelled:
            link = (
                registrations.join_link(row, self._toolbox.vault) if leads == "zoom"
                else self._own_address("j", self._joining.of(row.id, row.join_version))
            )  # fmt: skip
        state = _LINKS[row.link] if not planned.cancelled else "none"
        return Visit(planned, row.attendance, row.interpretation, link, state, leads)

    def _part(self, found: Visitor, planned: Session, row: RegistrationRow, told: list[LetterRow]) -> CalendarPart:
        """As it was told last; of what has not been told yet, as it was changed."""
        stamps = [one.dtstamp for one in told if one.about == row.session and one.dtstamp is not None]
        last = max(stamps) if stamps and row.told_revision == row.revision else row.changed_at.replace(microsecond=0)
        return CalendarPart(
            method="CANCEL" if planned.cancelled else "REQUEST",
            uid=entry_uid(self._toolbox.vault, found.conference.id, planned.id, found.calendar_domain),
            sequence=row.sequence, dtstamp=max([last, *stamps]),
        )  # fmt: skip

    def _own_address(self, door: str, token: str) -> str:
        return f"{self._toolbox.settings.public_url.rstrip('/')}/{door}/{token}"


def _person(found: Visitor) -> Person:
    """How somebody is written to. Entries that are published name nobody."""
    person = found.person
    return Person(person.id, "", person.address, None, found.language, found.time_zone, person.visibility)
