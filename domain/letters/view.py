"""What a letter may say: everything its templates see, and nothing else.

Refuses to hold personal data: the salutation and the join links are blanks, single characters that are filled in
after rendering, so that letters which differ in nothing else are rendered once.

Discreet letters are made discreet here, not in the templates, which cannot print what they do not get: no title of
session or conference, no convenors, no languages, no sender's name. Times, place for those who come, link and contact
are left.
"""

from dataclasses import dataclass, replace

from domain.calendar.lines import is_web_address
from domain.interpretation import languages
from domain.letters.catalogues import Words
from domain.letters.model import Change, LetterError, LetterKind, LinkState, Order, SessionNotConfirmed, Visit
from domain.times import When, describe, session_period
from schemas.programme import LinkInLetters
from schemas.registration import Attendance

FIRST_BLANK = 0xF0000
"""Blanks are of Unicode's private plane, which no programme and no catalogue uses."""

SALUTATION = chr(FIRST_BLANK)
LAST_BLANK = FIRST_BLANK + 0xFFF


def link_blank(position: int) -> str:
    """The blank for the join link of the order's visit at `position`."""
    return chr(FIRST_BLANK + 1 + position)


@dataclass(frozen=True)
class SessionView:
    """A session as letters name it.

    `when` is None while it is to be confirmed. `place` and `in_person_for`: the room, and who may come. `spoken`,
    `into`: the names of the languages of the room and of the interpretation. `channel`: the one to choose in Zoom.
    `missing`: the language that was wished for and is not offered. `leads_to`: what the link opens.
    `attendance_kept`: whether it is recorded who was there.
    """

    title: str
    when: When | None
    attendance: Attendance
    place: str | None
    in_person_for: str | None
    convenors: tuple[str, ...]
    spoken: str | None
    into: str | None
    channel: str | None
    missing: str | None
    link: LinkState
    leads_to: LinkInLetters
    attendance_kept: bool
    url: str


@dataclass(frozen=True)
class View:
    """A letter as its templates see it. `visits` are in order of time; `unconfirmed` have none."""

    kind: LetterKind
    language: str
    direction: str
    event: str
    conference: str | None
    sender: str | None
    visits: tuple[SessionView, ...]
    unconfirmed: tuple[SessionView, ...]
    overlaps: tuple[tuple[SessionView, SessionView], ...]
    changes: tuple[Change, ...]
    under_way: bool
    calendar: bool
    contact: str
    privacy_notice: str | None
    salutation: str = SALUTATION


def view_of(order: Order, words: Words) -> View:
    """What the letter may say. Raises LetterError (SessionNotConfirmed among them) where it must not be written."""
    _check(order)
    conference, discreet = order.conference, order.person.visibility == "discreet"
    seen = {visit.session.id: _session(order, place, words) for place, visit in enumerate(order.visits)}
    return View(
        kind=order.kind,
        language=words.language,
        direction=words.direction,
        event=conference.discreet_title if discreet else conference.title,
        conference=None if discreet else conference.title,
        sender=None if discreet else order.sender.name,
        visits=tuple(seen[visit.session.id] for visit in _in_order_of_time(order)),
        unconfirmed=tuple(seen[visit.session.id] for visit in order.visits if not is_confirmed(visit)),
        overlaps=tuple((seen[one.session.id], seen[other.session.id]) for one, other in order.overlaps),
        changes=order.changes,
        under_way=order.under_way,
        calendar=order.calendar is not None,
        contact=order.contact,
        privacy_notice=None if discreet or conference.privacy_notice is None else str(conference.privacy_notice),
    )


def is_confirmed(visit: Visit) -> bool:
    """Whether the session's time may be told as certain."""
    session = visit.session
    return session.unconfirmed is None and None not in (session.date, session.start, session.end)


def _in_order_of_time(order: Order) -> list[Visit]:
    confirmed = filter(is_confirmed, order.visits)
    return sorted(confirmed, key=lambda visit: session_period(visit.session, order.conference.time_zone).start)


def _check(order: Order) -> None:
    if not order.visits:
        raise LetterError("a letter is about one session at least")
    if order.calendar is not None and len(order.visits) > 1:
        raise LetterError("a calendar entry is about one session")
    if any((visit.link == "present") != (visit.join_link is not None) for visit in order.visits):
        raise LetterError("a join link is there when it is said to be present, and only then")
    if not all(is_web_address(visit.join_link) for visit in order.visits if visit.join_link is not None):
        raise LetterError("a join link is a web address in ASCII")
    overlapping = {visit.session.id for pair in order.overlaps for visit in pair}
    if not overlapping <= {visit.session.id for visit in order.visits if is_confirmed(visit)}:
        raise LetterError("sessions that overlap are among the visits, and their hours are certain")
    certain = order.calendar is not None or order.kind not in ("confirmation", "withdrawal", "notice")
    if certain and not all(map(is_confirmed, order.visits)):
        raise SessionNotConfirmed(f"no {order.kind} may go out for an unconfirmed session")


def _session(order: Order, position: int, words: Words) -> SessionView:
    visit, conference = order.visits[position], order.conference
    session, heard = visit.session, languages(visit.session, conference, visit.interpretation, words)
    has_room = visit.attendance == "in-person" or session.format == "hybrid"
    shown = SessionView(
        title=session.title or words.gettext("A session whose title is not yet known"),
        when=_when(order, visit, words),
        attendance=visit.attendance,
        place=(session.place or conference.place) if has_room else None,
        in_person_for=(session.in_person_for or conference.in_person_for) if has_room else None,
        convenors=session.convenors,
        spoken=heard.spoken,
        into=heard.into,
        channel=heard.channel,
        missing=heard.missing,
        link=visit.link,
        leads_to=visit.leads_to,
        attendance_kept=session.zoom is not None and session.zoom.record_attendance and visit.link != "none",
        url=link_blank(position),
    )
    return shown if order.person.visibility == "standard" else _discreet(shown, conference.discreet_title)


def _when(order: Order, visit: Visit, words: Words) -> When | None:
    if not is_confirmed(visit):
        return None
    venue = order.conference.time_zone
    return describe(session_period(visit.session, venue), venue, order.person.time_zone, words.language, words.gettext)


def _discreet(shown: SessionView, title: str) -> SessionView:
    return replace(
        shown,
        title=title,
        place=shown.place if shown.attendance == "in-person" else None,
        in_person_for=None,
        convenors=(),
        spoken=None,
        into=None,
        channel=None,
        missing=None,
    )
