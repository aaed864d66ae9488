"""What somebody is told next of one session: which letter, if any, and what stands in the calendar afterwards.

Decides only, from values; whoever writes the outbox and whoever plans a change of the programme ask here, so that both
say the same. SEQUENCE and DTSTAMP are RFC 5545's: the same UID, and a later DTSTAMP with each letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from domain.earlier import (
    Earlier,
    is_in_calendar,
    is_invited,
    known_sequence,
    may_have_arrived,
    next_dtstamp,
    told_before,
)
from domain.letters.told import Heard, Told
from domain.programme import has_zoom_link, said_in, session_in
from domain.registration import is_over, may_follow
from domain.times import session_period
from schemas.draft import Draft
from schemas.programme import Conference, Session
from schemas.registration import Attendance, Visibility

FAREWELL_USEFUL_FOR: Final = timedelta(days=1)
OPEN_USEFUL_FOR: Final = timedelta(days=5)

SETTLES: Final = timedelta(minutes=1)
"""So long a letter about a changed programme waits for further changes: five in a minute send one."""
AT_ONCE_BEFORE: Final = timedelta(hours=2)
"""Where a session begins so soon, or was to, nothing waits."""

CANCELLED: Final = "cancelled"
OF_PROGRAMME: Final = frozenset({"moved", "renamed", "place", "format", "languages", "link", "restored", "confirmed"})
"""What the organiser has changed; a cancellation never waits."""

WAITING: Final = {"pending": "pending", "waitlisted": "waitlist", "offered": "offer"}
"""The letter to whoever has no place yet. It brings neither a link nor a calendar entry."""

_FAREWELLS = {"withdrawn": "withdrawal", "refused": "refusal"}

ONLINE_INSTEAD: Final = "online-instead"
"""Somebody asked for the room: said once, with the invitation or an update."""


@dataclass(frozen=True, slots=True)
class Place:
    """One registration as it stands, with what is kept of what was told of it. The fields are those of the table."""

    session: str
    state: str
    attendance: Attendance
    interpretation: str | None
    link: str
    revision: int
    told_revision: int
    sequence: int
    changes: tuple[str, ...]
    entry: str
    told: dict[str, Any] | None
    offered_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody is written to; the conference's language and zone where they have said none."""

    language: str | None
    time_zone: str | None
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class Word:
    """What is decided: the letter to be written, the ids of planned ones that it overtakes, and what the registration
    then knows: `entry` as the outbox has last said it to the calendar, with which `sequence`, and what was `told`."""

    letter: Draft | None
    withheld: tuple[str, ...]
    entry: str
    sequence: int
    told: dict[str, Any] | None


def awaits_link(place: Place, planned: Session) -> bool:
    """Whether what there is to tell waits for the join link."""
    return place.state == "registered" and place.link == "wanted" and not planned.cancelled


def may_do_without(place: Place, planned: Session, conference: Conference) -> bool:
    """Whether it may be told without the link, once that has been asked for in vain: where the programme lets it
    follow, to who comes to the room, and to who has been invited already."""
    is_invited = place.entry == "requested"
    return place.attendance == "in-person" or is_invited or may_follow(planned, conference)


def heard_now(place: Place, planned: Session, conference: Conference, reader: Reader) -> Heard:
    """What a letter says of the session, in its reader's language."""
    language = reader.language or conference.language
    session, said = session_in(planned, language), said_in(conference, language)
    told = Told.of(session, said, place.attendance, place.interpretation, language)
    zone = reader.time_zone or conference.time_zone
    return Heard(told, language, zone, reader.visibility, has_link=place.link == "present")


def next_word(
    place: Place, planned: Session, conference: Conference, reader: Reader, earlier: Sequence[Earlier], now: datetime
) -> Word:
    """What is to be told of a registration of which something is untold. `earlier`: every letter about it so far, in
    order of revision."""
    # An invitation that may have gone goes again, and what is new after it: an update must not be the first that
    # somebody hears of a session.
    standing = place.state == "registered" and not planned.cancelled
    unsent = [one for one in earlier if one.state == "planned"]
    again = {one.id for one in unsent if standing and one.kind == "invitation" and one.may_have_gone}
    # What else was planned and has not gone is overtaken by this letter.
    overtaken = [one for one in unsent if one.id not in again]
    noted = [*(why for one in overtaken for why in one.changes), *place.changes]
    known = known_sequence(earlier)
    place = replace(place, changes=tuple(dict.fromkeys(noted)), sequence=_sequence(place, known))
    in_calendar = is_in_calendar(earlier)
    before = told_before(place.told, earlier) if in_calendar else None
    waits = all([place.changes, *(one.changes for one in overtaken)]) and OF_PROGRAMME.issuperset(place.changes)
    invited = bool(again) or is_invited(earlier)
    letter, entry = draft_of(place, planned, conference, before, now, in_calendar=in_calendar, invited=invited)
    told, sequence = place.told, place.sequence
    if letter is not None and letter.method is not None:
        letter = replace(letter, dtstamp=next_dtstamp(now, earlier), before=before)
    if letter is not None and waits and not _is_soon(planned, conference, before, now):
        letter = replace(letter, due_at=now + SETTLES)
    if letter is not None and letter.method == "REQUEST":
        heard = heard_now(place, planned, conference, reader)
        if letter.kind == "update" and not may_have_arrived(earlier):
            other_link = _has_other_link(place, planned, conference)
            letter = _if_news(letter, heard, before, has_other_link=other_link)
        told = before if letter is None else heard.to_keep()
        sequence = sequence if letter is not None or known is None else known
    elif letter is not None and place.state in WAITING and "moved" in place.changes:
        letter, told = _of_another_hour(letter, place, planned, conference, overtaken, may_be_nothing=waits), None
    return Word(letter, tuple(one.id for one in overtaken), entry, sequence, told)


def _if_news(letter: Draft, heard: Heard, before: dict[str, Any] | None, *, has_other_link: bool) -> Draft | None:
    """An update with what is news in it, or None where it would say what was said before. `has_other_link`: a link
    that the letter before did not have is news by itself."""
    told = None if before is None else Heard.kept(before)
    if told is None or has_other_link or (heard.has_link and not told.has_link):
        return letter
    news = heard.news_since(told, letter.changes)
    return None if news is None else replace(letter, changes=news)


def _has_other_link(place: Place, planned: Session, conference: Conference) -> bool:
    """Zoom's own link is another after a withdrawal; our join page's address stays."""
    return "withdrawn" in place.changes and has_zoom_link(planned, conference)


def _sequence(place: Place, known: int | None) -> int:
    """One more than calendars know where anything has raised it since: five moves that are told as one are one."""
    return place.sequence if known is None else min(place.sequence, known + 1)


def is_farewell(place: Place, planned: Session) -> bool:
    """Whether what there is to tell is an end: the participant's, or the session's."""
    return place.state in _FAREWELLS or planned.cancelled


def draft_of(
    place: Place, planned: Session, conference: Conference, before: Mapping[str, Any] | None, now: datetime, *,
    in_calendar: bool, invited: bool,
) -> tuple[Draft | None, str]:  # fmt: skip
    """The letter for what is new about one registration, None where nothing may be said or there is nobody to tell;
    and what the calendar has then been told. `in_calendar`: it may show the entry; `invited`: who attends knows of
    it."""
    stands = place.state == "registered" and not planned.cancelled
    entry = place.entry if stands else "cancelled" if in_calendar else "none"
    if is_over(planned, conference, now) and not _is_still_expected(before, now):
        return _of_old(replace(place, entry=entry), in_calendar=in_calendar, now=now), entry
    draft = Draft(kind="invitation", about=place.session, revision=place.revision, sessions=(place.session,),
                  due_at=now, not_after=_useful_until(planned, conference, before, now),
                  changes=place.changes)  # fmt: skip
    if is_farewell(place, planned):
        return _farewell(place, draft, in_calendar=in_calendar), entry
    if place.state in WAITING:
        return _waiting(place, draft, in_calendar=in_calendar), entry
    if planned.unconfirmed is not None:
        return None, entry
    requesting = replace(draft, method="REQUEST", sequence=place.sequence)
    if in_calendar and invited:
        return replace(requesting, kind="update"), "requested"
    instead = tuple(why for why in place.changes if why == ONLINE_INSTEAD)
    return replace(requesting, changes=instead), "requested"


def _waiting(place: Place, draft: Draft, *, in_calendar: bool) -> Draft:
    """To whoever has no place yet. Where a calendar may still show the entry of before, it is taken out."""
    told = replace(draft, kind=WAITING[place.state])
    if place.offered_until is not None:
        told = replace(told, not_after=place.offered_until)
    return replace(told, method="CANCEL", sequence=place.sequence) if in_calendar else told


def _of_another_hour(
    letter: Draft, place: Place, planned: Session, conference: Conference, overtaken: Sequence[Earlier], *,
    may_be_nothing: bool,
) -> Draft | None:  # fmt: skip
    """A letter to who waits, with the hour that they know: that of the first letter which this one overtakes. None
    where that is the hour again, and it was all that there was to tell."""
    before = next((one.before for one in overtaken if one.before is not None), place.told)
    if before is None:
        return letter
    known, now = Told.kept(before), session_period(planned, conference.time_zone)
    is_the_same = (known.start, known.end) == (now.start, now.end)
    return None if may_be_nothing and is_the_same else replace(letter, before=before)


def _is_still_expected(before: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether a calendar shows the session at an hour that is still to come: it was moved into the past since."""
    return before is not None and Told.kept(before).end > now


def _is_soon(planned: Session, conference: Conference, before: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether the session begins soon, or was to."""
    starts = [] if before is None else [Told.kept(before).start]
    if planned.unconfirmed is None:
        starts.append(session_period(planned, conference.time_zone).start)
    return any(start < now + AT_ONCE_BEFORE for start in starts)


def _of_old(place: Place, *, in_calendar: bool, now: datetime) -> Draft | None:
    """Of a session that is over nothing is told, but for who wants to be discreet: the entry still shows its title."""
    shows = in_calendar and place.state == "registered" and place.entry == "requested"
    if not shows or "visibility" not in place.changes:
        return None
    return Draft(kind="update", about=place.session, revision=place.revision, sessions=(place.session,), due_at=now,
                 not_after=now + OPEN_USEFUL_FOR, changes=("visibility",), method="REQUEST",
                 sequence=place.sequence)  # fmt: skip


def _farewell(place: Place, draft: Draft, *, in_calendar: bool) -> Draft | None:
    """The participant's withdrawal, or the organiser's cancellation, which is told once; with what takes the entry out
    of a calendar that may have it."""
    kind = _FAREWELLS.get(place.state, "cancellation")
    if kind == "cancellation" and not in_calendar and CANCELLED not in place.changes:
        return None
    told = replace(draft, kind=kind, not_after=max(draft.not_after, draft.due_at + FAREWELL_USEFUL_FOR))
    return replace(told, method="CANCEL", sequence=place.sequence) if in_calendar else told


def _useful_until(
    planned: Session, conference: Conference, before: Mapping[str, Any] | None, now: datetime
) -> datetime:
    """The end of the session, or the one that the calendar shows, should that be later; of one whose time is open, some
    days from now."""
    if planned.unconfirmed is not None:
        return now + OPEN_USEFUL_FOR
    end = session_period(planned, conference.time_zone).end
    return end if before is None else max(end, Told.kept(before).end)
