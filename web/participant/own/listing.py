"""The sessions on an own page: in words, on both clocks, with what can be done about each.

Whoever wants discreet letters reads neutral titles here, too, until they ask for the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from adapters.database.tables import RegistrationRow
from domain.discretion import discreet_title
from domain.interpretation import languages
from domain.letters.catalogues import Words
from domain.locales import capital
from domain.own_page import HELD, Stands, stands
from domain.programme import Said, overlaps, said
from domain.registration import is_over
from domain.times import Period, When
from schemas.programme import Conference, Session
from schemas.registration import Attendance
from web.participant.own.visitor import Visitor
from web.participant.place import described, period_of

_OVERLAPPING = frozenset({"registered", "offered"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One session on the page. `stands` is None where there is no registration; `why`: not as was asked for
    (domain.places.Why). `when` is None while the time is not certain; `until`: when an offer ends. `wish`: the language
    of interpretation that was chosen, as a code; `offered`: those that can be, code and name; `heard`: the one that is
    heard, by its name. `attendable`: it is to come, and was not cancelled."""

    id: str
    title: Said
    stands: Stands | None
    when: When | None
    until: When | None
    format: str
    attendance: Attendance
    place: Said | None
    in_person_for: Said | None
    wish: str | None
    offered: tuple[tuple[str, str], ...]
    heard: str | None
    why: str | None
    overlaps: tuple[Said, ...]
    attendable: bool

    @property
    def can_return(self) -> bool:
        """Whether somebody who has withdrawn can register again."""
        return self.stands == "withdrawn" and self.attendable

    @property
    def can_change(self) -> bool:
        """Whether there is a choice of how to attend."""
        return self.stands in {"registered", "pending"} and bool(self.offered or self.format == "hybrid")


@dataclass(frozen=True, slots=True)
class Listing:
    """`own`: what somebody attends, or may; `others`: what they could register for; `former`: what is past, cancelled,
    withdrawn from or refused. Each in the programme's order of time."""

    own: tuple[Entry, ...]
    others: tuple[Entry, ...]
    former: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Lister:
    """Puts sessions into words, for one visitor and one language. `named`: whether titles may be shown."""

    visitor: Visitor
    words: Words
    now: datetime
    named: bool

    def listing(self) -> Listing:
        """All sessions that concern this visitor."""
        conference, places = self.visitor.conference, self.visitor.places
        entries = [self._entry(one, places.get(one.id)) for one in _in_order(conference)]
        return Listing(
            own=tuple(one for one in entries if one.stands in HELD),
            others=tuple(one for one in entries if one.stands is None and one.attendable),
            former=tuple(one for one in entries if one.stands is not None and one.stands not in HELD),
        )

    def _entry(self, session: Session, row: RegistrationRow | None) -> Entry:
        conference, language = self.visitor.conference, self.words.language
        attendance = row.attendance if row else "online" if session.format != "in-person" else "in-person"
        has_room = session.format != "online" and self.named
        stood = stands(session, row.state, conference, self.now) if row else None
        wish = row.interpretation if row else None
        return Entry(
            id=session.id,
            title=self._title(session, attendance),
            stands=stood,
            when=self._when(period_of(session, conference)),
            until=self._when(_moment(row.offered_until)) if row and stood == "offered" else None,
            format=session.format,
            attendance=attendance,
            place=said(conference, "place", language, session) if has_room or attendance == "in-person" else None,
            in_person_for=said(conference, "in_person_for", language, session) if has_room else None,
            wish=wish,
            offered=tuple((code, capital(self.words.language_name(code))) for code in session.interpretation),
            heard=languages(session, conference, wish, self.words).channel,
            why=row.reason if row else None,
            overlaps=tuple(self._overlaps(session)) if self.named and not session.cancelled else (),
            attendable=not session.cancelled and not is_over(session, conference, self.now),
        )

    def _title(self, session: Session, attendance: Attendance) -> Said:
        conference = self.visitor.conference
        found = said(conference, "title", self.words.language, session) if self.named and session.title else None
        if found is None and self.named:
            return Said(self.words.gettext("Title to be announced"), self.words.language)
        return found or Said(*discreet_title(conference, self.words, in_person=attendance == "in-person"))

    def _overlaps(self, session: Session) -> Iterable[Said]:
        """The titles of this visitor's sessions at the same time."""
        conference, places = self.visitor.conference, self.visitor.places
        attended = [
            one for one in conference.sessions
            if (row := places.get(one.id)) and row.state in _OVERLAPPING and not one.cancelled and one.id != session.id
        ]  # fmt: skip
        for pair in overlaps((session, *attended), conference.time_zone):
            if session in (pair.first, pair.second):
                other = pair.second if pair.first is session else pair.first
                yield self._title(other, "online")

    def _when(self, period: Period | None) -> When | None:
        zone = self.visitor.conference.time_zone
        return None if period is None else described(period, zone, self.visitor.time_zone, self.words)


def _moment(moment: datetime | None) -> Period | None:
    """As a period that takes no time."""
    return None if moment is None else Period(moment, moment)


def _in_order(conference: Conference) -> list[Session]:
    """By the time at which they begin, those without one last."""
    begin = {one.id: period.start for one in conference.sessions if (period := period_of(one, conference))}
    dated = sorted((one for one in conference.sessions if one.id in begin), key=lambda one: begin[one.id])
    return dated + [one for one in conference.sessions if one.id not in begin]
