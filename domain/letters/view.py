"""What a letter may say: everything its templates see, and nothing else.

Refuses to hold personal data: salutation, join links and other addresses of one person's own are blanks, single
characters that are filled in after rendering, so that letters which differ in nothing else are rendered once.

Discreet letters are made discreet here, not in the templates, which cannot print what they do not get: no title of
session or conference, no convenors, no languages, no sender's name, no address of a page that names the conference, and
for questions the mailbox that answers go to anyway. Times, place for those who come, and link are left.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from domain.calendar.lines import is_web_address
from domain.discretion import discreet_title
from domain.interpretation import languages
from domain.letters.catalogues import Words
from domain.letters.differences import Difference, differences, interpreted, standing
from domain.letters.model import (
    Change,
    LetterError,
    LetterKind,
    LinkState,
    Order,
    SessionNotConfirmed,
    Visit,
    organizer,
)
from domain.places import State, Why
from domain.programme import Said, said
from domain.times import Period, When, describe, session_period
from schemas.programme import Conference, LinkInLetters
from schemas.registration import Attendance

FIRST_BLANK = 0xF0000
"""Blanks are of Unicode's private plane, which no programme and no catalogue uses."""

SALUTATION, MUTE, ANSWER, PAGE = _OWN = tuple(chr(FIRST_BLANK + place) for place in range(4))
"""The blanks for the salutation, for where reminders are stopped, for where an offer is answered, and for the
participant's own page."""

LAST_BLANK = FIRST_BLANK + 0xFFF

_SPEAK_OF_OPEN_TIMES: frozenset[LetterKind] = frozenset(
    {"confirmation", "withdrawal", "cancellation", "pending", "waitlist", "refusal", "notice", "declined"}
)
"""Letters that may be about sessions without a certain time. All others would promise one."""

_MOMENT = re.compile(r"(\d\d:\d\d)–\1")


def link_blank(position: int) -> str:
    """The blank for the join link of the order's visit at `position`."""
    return chr(FIRST_BLANK + len(_OWN) + position)


@dataclass(frozen=True)
class SessionView:
    """A session as letters name it.

    `when` is None while it is to be confirmed; `lines` say it by themselves: day, hours at the conference's place, and
    hours at home. `place` and `in_person_for`: the room, and who may come. `languages`: of the room and of the
    interpretation, in one line; `interpreted`: whether there is any. `channel`: the one to choose in Zoom. `missing`:
    the language that was wished for and is not offered. `leads_to`: what the link opens. `attendance_kept`: whether it
    is recorded who was there. `state`: how the reader stands with it; `why`, not as they asked.
    """

    title: Said
    when: When | None
    lines: tuple[str, ...]
    attendance: Attendance
    place: Said | None
    in_person_for: Said | None
    convenors: Said | None
    languages: str | None
    interpreted: bool
    channel: str | None
    missing: str | None
    link: LinkState
    leads_to: LinkInLetters
    attendance_kept: bool
    url: str
    state: State
    why: Why | None


@dataclass(frozen=True)
class View:
    """A letter as its templates see it.

    `visits` are in order of time; `unconfirmed` have none; `listed` are both. `waiting`: of a confirmation, those in
    which the reader has no place yet, which are in none of the others. `clashes`: those that take place at the
    same time, together. `about`: the title of the one session, or the event's. `until`: when an offer ends, in words
    for a subject; `deadline`: the same in lines. `problems`: codes.
    """

    kind: LetterKind
    language: str
    direction: str
    event: Said
    about: Said
    conference: Said | None
    sender: str | None
    visits: tuple[SessionView, ...]
    unconfirmed: tuple[SessionView, ...]
    listed: tuple[SessionView, ...]
    waiting: tuple[SessionView, ...]
    clashes: tuple[tuple[SessionView, ...], ...]
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    under_way: bool
    calendar: bool
    until: When | None
    deadline: tuple[str, ...]
    problems: tuple[str, ...]
    registering: str | None
    contact: str
    privacy_notice: str | None
    mute: str | None
    page: str | None
    answer: str = ANSWER
    salutation: str = SALUTATION


def view_of(order: Order, words: Words) -> View:
    """What the letter may say. Raises LetterError (SessionNotConfirmed among them) where it must not be written."""
    _check(order)
    conference, discreet = order.conference, order.person.visibility == "discreet"
    title = _neutral(order.visits, conference, words) if discreet else _of_conference(conference, words)
    seen = {visit.session.id: _session(order, place, words) for place, visit in enumerate(order.visits)}
    waits = {visit.session.id for visit in order.visits if order.kind == "confirmation" and visit.state != "registered"}
    visits = tuple(seen[one.session.id] for one in _in_order_of_time(order) if one.session.id not in waits)
    open_ones = [one.session.id for one in order.visits if not is_confirmed(one)]
    unconfirmed = tuple(seen[one] for one in open_ones if one not in waits)
    listed = visits + unconfirmed
    until = None if order.offer is None else _moment(order.offer.until, order, words)
    return View(
        kind=order.kind,
        language=words.language,
        direction=words.direction,
        event=title,
        about=listed[0].title if len(listed) == 1 else title,
        conference=None if discreet else title,
        sender=None if discreet else order.sender.name,
        visits=visits,
        unconfirmed=unconfirmed,
        listed=listed,
        waiting=tuple(seen[visit.session.id] for visit in order.visits if visit.session.id in waits),
        clashes=tuple(tuple(seen[one] for one in group) for group in _clashes(order)),
        changes=order.changes,
        differences=differences(order, words),
        under_way=order.under_way,
        calendar=order.calendar is not None,
        until=until,
        deadline=() if until is None else tuple(_MOMENT.sub(r"\1", line) for line in standing(until)),
        problems=tuple(sorted(set(order.problems))),
        registering=None if discreet else order.registering,
        contact=organizer(order.sender) if discreet else order.contact,
        privacy_notice=None if discreet or conference.privacy_notice is None else str(conference.privacy_notice),
        mute=None if order.mute is None else MUTE,
        page=None if order.page is None else PAGE,
    )


Likeness = tuple[object, ...]
"""What letters that differ only in what is filled in have in common."""


def likeness(order: Order, words: Words) -> Likeness:
    """All that `view_of` and the calendar entry look at, without what is one person's: equal for letters of one form.

    Programmes are large, and known by their identity: whoever keeps a likeness keeps them.
    """
    person, calendar = order.person, order.calendar
    return (
        order.kind, words.language, id(order.conference), person.visibility, order.sender, order.contact,
        None if calendar is None else calendar.method, order.changes, order.under_way, order.mute is None,
        order.page is None, order.before,
        None if order.offer is None else order.offer.until, order.problems, order.registering,
        *[(id(one.session), one.attendance, one.interpretation, one.join_link is None, one.link, one.leads_to,
           one.state, one.why) for one in order.visits],
        *_own_clock(order, words),
        *[(one.session.id, other.session.id) for one, other in order.overlaps],
    )  # fmt: skip


def _own_clock(order: Order, words: Words) -> tuple[object, ...]:
    """What letters say of hours on the reader's own clock: who lives in other zones may read the same."""
    if order.before is not None or order.offer is not None:
        return (order.person.time_zone,)
    return tuple(_when(order, visit, words) for visit in order.visits)


def check_addresses(order: Order) -> None:
    """Raises LetterError where an address that will be filled in is none."""
    if not all(map(is_web_address, _addresses(order))):
        raise LetterError("a join link is a web address in ASCII, and so are all addresses of one person's own")


def is_confirmed(visit: Visit) -> bool:
    """Whether the session's time may be told as certain."""
    session = visit.session
    return session.unconfirmed is None and None not in (session.date, session.start, session.end)


def _in_order_of_time(order: Order) -> list[Visit]:
    confirmed = filter(is_confirmed, order.visits)
    return sorted(confirmed, key=lambda visit: session_period(visit.session, order.conference.time_zone).start)


def _clashes(order: Order) -> list[list[str]]:
    """The ids of sessions that overlap, in order of time; whoever overlaps with one of a group is in it."""
    groups: list[set[str]] = []
    for pair in order.overlaps:
        together = {visit.session.id for visit in pair}.union(
            *(group for group in groups if any(visit.session.id in group for visit in pair))
        )
        groups = [group for group in groups if group.isdisjoint(together)] + [together]
    in_order = [visit.session.id for visit in _in_order_of_time(order)]
    listed = [[one for one in in_order if one in group] for group in groups]
    return sorted(listed, key=lambda group: in_order.index(group[0]))


def _check(order: Order) -> None:
    if not order.visits and order.kind not in {"not-understood", "notice"}:
        raise LetterError("a letter is about one session at least")
    if order.calendar is not None and len(order.visits) != 1:
        raise LetterError("a calendar entry is about one session")
    if order.before is not None and len(order.visits) != 1:
        raise LetterError("what was told before is about one session")
    if (order.kind == "offer") != (order.offer is not None):
        raise LetterError("an offer says until when it holds, and no other letter does")
    if order.kind == "declined" and order.page is None:
        raise LetterError("whoever is asked whether a decline is meant is told where to say so")
    if any(visit.link != "none" and visit.state != "registered" for visit in order.visits):
        raise LetterError("nobody gets a link before there is a place")
    if any((visit.link == "present") != (visit.join_link is not None) for visit in order.visits):
        raise LetterError("a join link is there when it is said to be present, and only then")
    overlapping = {visit.session.id for pair in order.overlaps for visit in pair}
    if not overlapping <= {visit.session.id for visit in order.visits if is_confirmed(visit)}:
        raise LetterError("sessions that overlap are among the visits, and their hours are certain")
    certain = order.calendar is not None or order.kind not in _SPEAK_OF_OPEN_TIMES
    if certain and not all(map(is_confirmed, order.visits)):
        raise SessionNotConfirmed(f"no {order.kind} may go out for an unconfirmed session")


def _addresses(order: Order) -> list[str]:
    links = (visit.join_link for visit in order.visits)
    answer = None if order.offer is None else order.offer.answer
    return [one for one in (*links, order.mute, order.registering, order.page, answer) if one is not None]


def _of_conference(conference: Conference, words: Words) -> Said:
    return said(conference, "title", words.language) or Said(conference.title, conference.language)


def _session(order: Order, position: int, words: Words) -> SessionView:
    visit, conference = order.visits[position], order.conference
    session, heard = visit.session, languages(visit.session, conference, visit.interpretation, words)
    has_room = visit.attendance == "in-person" or session.format == "hybrid"
    # Translators: in place of a title
    untitled = Said(words.gettext("A session whose title is not yet known"), words.language)
    when = _when(order, visit, words)
    shown = SessionView(
        title=(said(conference, "title", words.language, session) if session.title else None) or untitled,
        when=when,
        lines=() if when is None else standing(when),
        attendance=visit.attendance,
        place=said(conference, "place", words.language, session) if has_room else None,
        in_person_for=said(conference, "in_person_for", words.language, session) if has_room else None,
        convenors=said(conference, "convenors", words.language, session) if session.convenors else None,
        languages=interpreted(heard.spoken, heard.into, words) if heard.into else heard.spoken,
        interpreted=heard.into is not None,
        channel=heard.channel,
        missing=heard.missing,
        link=visit.link,
        leads_to=visit.leads_to,
        attendance_kept=session.zoom is not None and session.zoom.record_attendance and visit.link != "none",
        url=link_blank(position),
        state=visit.state,
        why=visit.why,
    )
    return shown if order.person.visibility == "standard" else _discreet(shown, _neutral((visit,), conference, words))


def _neutral(visits: tuple[Visit, ...], conference: Conference, words: Words) -> Said:
    in_person = any(visit.attendance == "in-person" for visit in visits)
    return Said(*discreet_title(conference, words, in_person=in_person))


def _when(order: Order, visit: Visit, words: Words) -> When | None:
    if not is_confirmed(visit):
        return None
    return _described(session_period(visit.session, order.conference.time_zone), order, words)


def _moment(moment: datetime, order: Order, words: Words) -> When:
    """As a period that takes no time."""
    return _described(Period(moment, moment), order, words)


def _described(period: Period, order: Order, words: Words) -> When:
    return describe(period, order.conference.time_zone, order.person.time_zone, words.language, words.gettext)


def _discreet(shown: SessionView, title: Said) -> SessionView:
    return replace(
        shown,
        title=title,
        place=shown.place if shown.attendance == "in-person" else None,
        in_person_for=None,
        convenors=None,
        languages=None,
        interpreted=False,
        channel=None,
        missing=None,
    )
