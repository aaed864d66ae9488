"""A programme as the registration page shows it: days, sessions in their order, what overlaps, what is open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from babel.lists import format_list

from domain.locales import capital, locale_of, plain
from domain.programme import Said, Text, dates, overlaps, registrable, said
from domain.registration import is_over
from domain.times import WallTimeError, describe, full_date, session_period
from schemas.programme import Conference, Session


@dataclass(frozen=True, slots=True)
class Choice:
    """One session to be ticked, in words. Titles are None where the programme has none yet; `day` is empty where
    its `dates` ("one or the other") leave a choice, or there is none."""

    id: str
    title: Said | None
    day: str
    hours: str
    dates: str
    unconfirmed: bool
    over: bool
    format: str
    place: Said | None
    in_person_for: Said | None
    convenors: Said | None
    interpretation: tuple[str, ...]
    overlaps: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The sessions of one day. `date` is empty for those whose date is to be confirmed."""

    date: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Agenda:
    """What can be chosen. `interpretation`: code and name of what any session offers. `choice_of_place`: whether any
    session can be attended both online and in the room."""

    days: tuple[Day, ...]
    interpretation: tuple[tuple[str, str], ...]
    choice_of_place: bool


def agenda(conference: Conference, language: str, now: datetime, gettext: Callable[[str], str] = str) -> Agenda:
    """The agenda in `language`. `now` (the conference's time) tells which sessions are over."""
    sessions = registrable(conference)
    choices = list(_choices(conference, sessions, language, now, gettext))
    dated = [choice for choice in choices if choice.day]
    undated = tuple(choice for choice in choices if not choice.day)
    days = [Day(day, tuple(them)) for day, them in groupby(dated, key=lambda choice: choice.day)]
    codes = dict.fromkeys(code for session in sessions for code in session.interpretation)
    return Agenda(
        days=(*days, Day("", undated)) if undated else tuple(days),
        interpretation=tuple((code, capital(language_name(code, language))) for code in codes),
        choice_of_place=any(session.format == "hybrid" for session in sessions),
    )


def language_name(code: str, language: str) -> str:
    """What a language is called in `language`: Russian, русский."""
    return str(locale_of(language).languages.get(code, code))


def _choices(
    conference: Conference, sessions: tuple[Session, ...], language: str, now: datetime, gettext: Callable[[str], str]
) -> Iterator[Choice]:
    same_time: dict[str, list[Session]] = {}
    for pair in overlaps(sessions, conference.time_zone):
        same_time.setdefault(pair.first.id, []).append(pair.second)
        same_time.setdefault(pair.second.id, []).append(pair.first)
    for session in sessions:
        named = tuple(capital(full_date(day, language)) for day in dates(session))
        yield Choice(
            id=session.id,
            title=_own(conference, "title", language, session),
            day=named[0] if len(named) == 1 else "",
            hours=_hours(session, conference.time_zone, language, gettext),
            dates=plain(format_list(named, style="or", locale=locale_of(language))),
            unconfirmed=session.unconfirmed is not None,
            over=is_over(session, conference, now),
            format=session.format,
            place=_own(conference, "place", language, session),
            in_person_for=_own(conference, "in_person_for", language, session),
            convenors=_own(conference, "convenors", language, session),
            interpretation=tuple(language_name(code, language) for code in session.interpretation),
            overlaps=tuple(_name(conference, one, language) for one in same_time.get(session.id, ())),
        )


def _own(conference: Conference, text: Text, language: str, session: Session) -> Said | None:
    """The session's own text, and none of the conference's instead: that stands at the head of the page."""
    return said(conference, text, language, session) if getattr(session, text) else None


def _name(conference: Conference, session: Session, language: str) -> Said:
    return _own(conference, "title", language, session) or Said(session.id, conference.language)


def _hours(session: Session, zone: str, language: str, gettext: Callable[[str], str]) -> str:
    try:
        return describe(session_period(session, zone), zone, zone, language, gettext).venue_line
    except WallTimeError:
        return ""
