"""Who is let in where: the terms of a session, whom they mean, until when offers stand, and which terms make no sense.

Decides from the programme and from what a registration says. What follows for one registration is for `domain.places`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from babel import Locale

from domain.sources.words import plain
from domain.times import WallTimeError, session_period
from schemas.admission import Terms, Who
from schemas.programme import CORRESPONDENCE_LANGUAGES, Conference, Session
from schemas.registration import Attendance

SHORTEST_OFFER = timedelta(minutes=30)
"""No offer is made that could not stand so long: nobody reads mail by the minute."""

Eligible = Literal["at-once", "approval", "online", "refused"]

_NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Person:
    """What a registration says of somebody, as far as rules of admission look at it."""

    address: str = field(repr=False)
    organisation: str | None = field(default=None, repr=False)
    country: str | None = field(default=None, repr=False)


def terms_of(session: Session, conference: Conference, attendance: Attendance) -> Terms:
    """On which terms somebody attends a session thus: its own, or else the conference's; with none, it is open."""
    for admission in (session.admission, conference.admission):
        terms = None if admission is None else admission.online if attendance == "online" else admission.in_person
        if terms is not None:
            return terms
    return _NO_TERMS


def ways(session: Session) -> tuple[Attendance, ...]:
    """The ways in which a session can be attended."""
    return ("online", "in-person") if session.format == "hybrid" else (session.format,)


def counted(session: Session, conference: Conference) -> tuple[Attendance, ...]:
    """The ways of attending a session whose places are counted."""
    return tuple(way for way in ways(session) if terms_of(session, conference, way).places is not None)


def is_open(session: Session, conference: Conference, attendance: Attendance) -> bool:
    """Whether everybody is let in at once who wants to attend thus."""
    terms = terms_of(session, conference, attendance)
    return terms.places is None and not terms.approval and terms.eligible is None


def eligible(terms: Terms, person: Person) -> Eligible:
    """Whether places are for this person: at once, by approval, or not, and what becomes of them then."""
    rule = terms.eligible
    if rule is None or (rule.at_once and is_meant(rule.at_once, person)):
        return "approval" if terms.approval else "at-once"
    if rule.by_approval and is_meant(rule.by_approval, person):
        return "approval"
    return rule.otherwise


def is_meant(who: Who, person: Person) -> bool:
    """Whether a rule means this person."""
    organisation, domain = plain(person.organisation or ""), person.address.rpartition("@")[2].casefold()
    return (
        any(domain == one or domain.endswith(f".{one}") for one in who.domains)
        or organisation in {plain(one) for one in who.organisations}
        or any(f" {plain(one)} " in f" {_words(organisation)} " for one in who.keywords)
        or _country(person.country) in who.countries
    )


def offer_until(session: Session, conference: Conference, attendance: Attendance, now: datetime) -> datetime | None:
    """Until when an offer that is made `now` stands (UTC); None where none is made any more, or not yet: the session
    has no certain time, was cancelled, or is about to begin."""
    closes = closes_at(session, conference, attendance)
    if closes is None:
        return None
    until = min(now + timedelta(hours=terms_of(session, conference, attendance).offer.hours), closes)
    return until if until - now >= SHORTEST_OFFER else None


def closes_at(session: Session, conference: Conference, attendance: Attendance) -> datetime | None:
    """When the last offer ends (UTC); None where there is none: the session has no certain time, or was cancelled."""
    if session.unconfirmed is not None or session.cancelled:
        return None
    offer = terms_of(session, conference, attendance).offer
    try:
        start = session_period(session, conference.time_zone).start
    except WallTimeError:
        return None
    return start - timedelta(minutes=offer.closes_minutes_before)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule of admission that makes no sense. `part`: of `admission`, where it stands."""

    code: str
    part: str
    sentence: str
    remedy: str


def doubts(session: Session, conference: Conference) -> Iterator[Doubt]:
    """What a person should look at in the terms of a session."""
    own = session.admission
    if own is not None and own.in_person is not None and session.format == "online":
        yield Doubt("no-room", "in_person", "It has rules for the room, and is held online only.",
                    "Take `in_person` out of its `admission`, or correct `format`.")  # fmt: skip
    if own is not None and own.online is not None and session.format == "in-person":
        yield Doubt("not-online", "online", "It has rules for those who follow it online, and is in the room only.",
                    "Take `online` out of its `admission`, or correct `format`.")  # fmt: skip
    for way in ways(session):
        yield from _of_terms(session, conference, way)


def _of_terms(session: Session, conference: Conference, way: Attendance) -> Iterator[Doubt]:
    terms, part = terms_of(session, conference, way), "online" if way == "online" else "in_person"
    rule = terms.eligible
    if rule is not None and rule.otherwise == "online" and session.format != "hybrid":
        said = "Those whom its places are not for would attend online instead, and that cannot be: they are refused."
        yield Doubt("no-instead", part, said, "Write `otherwise: refused`, or `approval`.")
    if rule is not None and rule.at_once is None and rule.by_approval is None and rule.otherwise != "approval":
        said = "Its places are for nobody: `eligible` names no one."
        yield Doubt("for-nobody", part, said, "Name whom they are for.")
    if rule is not None and way == "in-person" and not (session.in_person_for or conference.in_person_for):
        said = "The room is not for everybody, and letters cannot say for whom it is."
        yield Doubt("for-whom", part, said, "Add `in_person_for`, to it or to the conference.")
    if terms.places is not None and session.unconfirmed is not None and terms.waiting_list:
        said = "While it is unconfirmed nobody on its waiting list is offered a place."
        yield Doubt("no-offers-yet", part, said, "Clear up what is open.")


def _words(organisation: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in organisation).split())


def _country(said: str | None) -> str | None:
    return None if said is None else _countries().get(plain(said), said.strip().upper())


@cache
def _countries() -> dict[str, str]:
    """Codes by the countries' names in the languages of letters."""
    return {
        plain(name): code
        for language in CORRESPONDENCE_LANGUAGES
        for code, name in Locale(language).territories.items() if len(code) == 2
    }  # fmt: skip
