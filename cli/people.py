"""Invented participants for demonstrations and rehearsals. Chance is an argument: the same seed, the same people."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from domain.conferencing.matching import is_zoom_registration
from domain.programme import registrable
from schemas.programme import Conference, Session

_HOMES = (
    # language, country, zone, given names, family names
    ("en", "GB", "Europe/London", ("Alice", "Martin", "Priya"), ("Ashdown", "O'Hara", "Whitcombe-Lee")),
    ("en", "US", "America/New_York", ("Jordan", "Denise", "Caleb"), ("Rivers", "Quill", "Marlowe")),
    ("en", "CA", "America/Toronto", ("Robin", "Thuy"), ("Lafleur", "Nguyen-Hart")),
    ("fr", "FR", "Europe/Paris", ("Élodie", "Gaël"), ("Montclair", "d'Aubrac")),
    ("de", "AT", "Europe/Vienna", ("Jörg", "Mariä"), ("Grünwald", "Strauß-Öhler")),
    ("it", "IT", "Europe/Rome", ("Niccolò", "Giada"), ("Bellomare", "D'Arienzo")),
    ("ru", "KZ", "Asia/Almaty", ("Айгерим", "Тимур"), ("Садыкова-Пример", "Ломов")),
    ("ru", "UA", "Europe/Kyiv", ("Оксана", "Ігор"), ("Вербицька", "Соловей")),
    ("es", "ES", "Europe/Madrid", ("Íñigo", "Begoña"), ("Muñiz", "Peñalver")),
    ("en", "MN", "Asia/Ulaanbaatar", ("Saruul",), ("Bat-Example",)),
    ("en", "JP", "Asia/Tokyo", ("Haruka",), ("Minamoto",)),
    ("en", "IN", "Asia/Kolkata", ("Anand",), ("Verma-Example",)),
    ("en", "TJ", "Asia/Dushanbe", ("Firuza",), ("Rahim",)),
)
_MOST_BY_PAGE = 50
"""The hosted page lets one client register no more than sixty times a minute."""

_WITH_SMTPUTF8 = 6
"""The one whose address is not ASCII before its @: its letters are for mail servers with SMTPUTF8 alone."""

_DOMAINS = ("mission.example.org", "ngo.example.org", "ministry.example.org", "institute.example.org")


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person: the `data` of the native body, and through which door the registration comes."""

    data: dict[str, Any]
    door: str


def people(conference: Conference, number: int, chance: Random) -> Iterator[Invented]:
    """`number` people who register for sessions of this conference, each session by somebody, some for several."""
    sessions = [session for session in registrable(conference) if session.unconfirmed is None]
    if not sessions:
        return
    for count in range(number):
        chosen = _choice(sessions, count, chance)
        yield Invented(_person(chosen, count, chance), _door(chosen, count))


def _choice(sessions: list[Session], count: int, chance: Random) -> list[Session]:
    first = sessions[count % len(sessions)]
    further = chance.sample(sessions, min(len(sessions), chance.choice((0, 0, 0, 1, 2))))
    return [session for session in sessions if session is first or session in further]


def _person(chosen: list[Session], count: int, chance: Random) -> dict[str, Any]:
    language, country, zone, given, family = _HOMES[count % len(_HOMES)]
    wanted = [None, *(chosen[0].interpretation or ())]
    return {
        "full_name": f"{chance.choice(given)} {chance.choice(family)}",
        "email": f"{_mailbox(count)}@{_DOMAINS[count % len(_DOMAINS)]}",
        "organisation": _organisation(zone, count),
        "country": country,
        "language": language,
        "time_zone": zone,
        "sessions": [session.id for session in chosen],
        "attendance": "in-person" if zone == "Europe/Vienna" and chosen[0].format == "hybrid" else "online",
        "interpretation": chance.choice(wanted),
        "visibility": "discreet" if count % 11 == 7 else "standard",
        "needs": "step-free access" if count % 29 == 3 else None,
    }


def _organisation(zone: str, count: int) -> str:
    """Who lives in Vienna is of a delegation there: rooms are for them."""
    if zone == "Europe/Vienna":
        return f"Permanent Mission of Examplia {count % 57 + 1} to the OSCE"
    return f"Example Organisation {count % 57 + 1}"


def _mailbox(count: int) -> str:
    return f"{'участник' if count == _WITH_SMTPUTF8 else 'person'}{count + 1:04}"


def _door(chosen: list[Session], count: int) -> str:
    """The form of the session's organizers, where it is a Google Form or, for most people, Zoom's own page; otherwise a
    signed post or the hosted page."""
    address = str(chosen[0].registration or "")
    if len(chosen) == 1 and "docs.google.com" in address:
        return "google-forms"
    if len(chosen) == 1 and is_zoom_registration(address) and count % 3:
        return "zoom"
    return "hosted" if count % 5 == 4 and count < _MOST_BY_PAGE * 5 else "standard"
