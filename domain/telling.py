"""What somebody is told next of one session: which letter, if any, and what stands in the calendar afterwards.

Decides only, from values; whoever writes the outbox and whoever plans a change of the programme ask here, so that both
say the same. SEQUENCE and DTSTAMP are RFC 5545's: the same UID, and a later DTSTAMP with each letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

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

_WAITING = {"pending": "pending", "waitlisted": "waitlist", "offered": "offer"}
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
class Earlier:
    """A letter about the session that was written before. `may_have_gone`: a mail server has taken it, or may have."""

    id: str
    kind: str
    state: str
    tries: int
    method: str | None
    changes: tuple[str, ...]
    before: dict[str, Any] | None
    dtstamp: datetime | None
    may_have_gone: bool


@dataclass(frozen=True, slots=True)
class Word:
    """What is decided: the letter to be written, the ids of planned ones that it overtakes, and what the registration
    then knows: `entry` as the outbox has last said it to the calendar, and what was `told`."""

    letter: Draft | None
    withheld: tuple[str, ...]
    entry: str
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
    again = {one.id for one in earlier if standing and one.kind == "invitation" and one.may_have_gone}
    # What else was planned and has not gone is overtaken by this letter.
    overtaken = [one for one in earlier if one.state == "planned" and one.id not in again]
    noted = [*(why for one in overtaken for why in one.changes), *place.changes]
    place = replace(place, changes=tuple(dict.fromkeys(noted)))
    in_calendar = _in_calendar(earlier)
    before = _told_before(place, earlier) if in_calendar else None
    waits = all([place.changes, *(one.changes for one in overtaken)]) and OF_PROGRAMME.issuperset(place.changes)
    letter, entry = _draft(place, planned, conference, before, now, in_calendar=in_calendar)
    told = place.told
    if letter is not None and letter.method is not None:
        letter = replace(letter, dtstamp=_dtstamp(now, earlier), before=before)
    if letter is not None and waits and not _is_soon(planned, conference, before, now):
        letter = replace(letter, due_at=now + SETTLES)
    if letter is not None and letter.method == "REQUEST":
        heard = heard_now(place, planned, conference, reader)
        if letter.kind == "update" and not _may_have_arrived(earlier):
            other_link = _has_other_link(place, planned, conference)
            letter = _if_news(letter, heard, before, has_other_link=other_link)
        told = before if letter is None else heard.to_keep()
    return Word(letter, tuple(one.id for one in overtaken), entry, told)


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


def _may_have_arrived(earlier: Sequence[Earlier]) -> bool:
    """Whether after the last letter that is known to have gone another was offered to the mail server, and taken back
    with no answer: nobody can say which of them the calendar shows."""
    for letter in reversed([one for one in earlier if one.method is not None]):
        if letter.state in {"sent", "claimed"}:
            return False
        if letter.tries > 0 and letter.state != "failed":
            return True
    return False


def _told_before(place: Place, earlier: Sequence[Earlier]) -> dict[str, Any] | None:
    """What the last letter said that is known to have gone. Those that were held back or refused since then hand on
    what came before them: five changes in a minute are told as one, from the first to the last."""
    before = place.told
    for letter in reversed([one for one in earlier if one.method is not None]):
        if letter.state in {"sent", "claimed"}:
            break
        before = letter.before or before
    return before


def _in_calendar(earlier: Sequence[Earlier]) -> bool:
    """Whether the participant's calendar may have the entry: the last letter that a mail server may have taken asked
    for it. One that was offered and never answered for may have arrived; one that was refused has not."""
    may_have_gone = [one for one in earlier if one.method is not None and one.may_have_gone]
    return bool(may_have_gone) and may_have_gone[-1].method == "REQUEST"


def _dtstamp(now: datetime, earlier: Sequence[Earlier]) -> datetime:
    """Whole seconds, and later than any before: calendar programs take an equal one for a repetition."""
    known = [one.dtstamp for one in earlier if one.dtstamp is not None]
    return max([now.replace(microsecond=0), *(one + timedelta(seconds=1) for one in known)])


def _draft(
    place: Place, planned: Session, conference: Conference, before: Mapping[str, Any] | None, now: datetime, *,
    in_calendar: bool,
) -> tuple[Draft | None, str]:  # fmt: skip
    """The letter for what is new about one registration, None where nothing may be said or there is nobody to tell;
    and what the calendar has then been told."""
    stands = place.state == "registered" and not planned.cancelled
    entry = place.entry if stands else "cancelled" if in_calendar else "none"
    if is_over(planned, conference, now) and not _is_still_expected(before, now):
        return _of_old(replace(place, entry=entry), in_calendar=in_calendar, now=now), entry
    draft = Draft(kind="invitation", about=place.session, revision=place.revision, sessions=(place.session,),
                  due_at=now, not_after=_useful_until(planned, conference, before, now),
                  changes=place.changes)  # fmt: skip
    if place.state in _FAREWELLS or planned.cancelled:
        return _farewell(place, draft, in_calendar=in_calendar), entry
    if place.state in _WAITING:
        return _waiting(place, draft, in_calendar=in_calendar), entry
    if planned.unconfirmed is not None:
        return None, entry
    requesting = replace(draft, method="REQUEST", sequence=place.sequence)
    if in_calendar:
        return replace(requesting, kind="update"), "requested"
    instead = tuple(why for why in place.changes if why == ONLINE_INSTEAD)
    return replace(requesting, changes=instead), "requested"


def _waiting(place: Place, draft: Draft, *, in_calendar: bool) -> Draft:
    """To whoever has no place yet. Where a calendar may still show the entry of before, it is taken out."""
    told = replace(draft, kind=_WAITING[place.state])
    if place.offered_until is not None:
        told = replace(told, not_after=place.offered_until)
    return replace(told, method="CANCEL", sequence=place.sequence) if in_calendar else told


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
