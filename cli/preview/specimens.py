"""A specimen of every letter: the order for each kind and each invented person, of the programme of June 2021.

The same call makes the same order: nothing here asks the time or draws a number.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from cli.preview.personas import OWN, Persona
from config.programmes import load_programme
from config.settings import ROOT
from domain import programme
from domain.letters.desk import Desk
from domain.letters.model import CalendarPart, LetterKind, LinkState, Offer, Order, Person, Sender, Visit
from domain.letters.pseudo import PSEUDO, pseudo_catalogue
from domain.letters.told import Told
from domain.places import State
from domain.times import instant, previous_day_at, session_period
from schemas.programme import Conference, Session

KINDS: tuple[LetterKind, ...] = get_args(LetterKind)

HOUSE = "https://convenor.example.org"
SENDER = Sender("Conference Secretariat", "secretariat@convenor.example.org")
REGISTERED = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)

_ABOUT_ALL = frozenset({"confirmation", "week-digest", "notice"})
_WITHOUT_LINK = frozenset({"cancellation", "withdrawal", "pending", "waitlist", "offer", "refusal"})
_STATES: Mapping[str, State] = {
    "pending": "pending", "waitlist": "waitlisted", "offer": "offered", "refusal": "refused", "withdrawal": "withdrawn",
}  # fmt: skip
_REMINDERS = frozenset({"week-digest", "digest", "reminder", "last-reminder"})
_SCHEDULED: Mapping[str, Callable[[datetime, str], datetime]] = {
    "week-digest": lambda start, _: start - timedelta(days=7),
    "digest": lambda start, zone: previous_day_at(start, time(17), zone),
    "reminder": lambda start, _: start - timedelta(minutes=60),
    "last-reminder": lambda start, _: start - timedelta(minutes=10),
}


def desk(*, pseudo: bool = False) -> Desk:
    """The writing desk, with the house's own templates and catalogues, and with the pseudo-language if wanted."""
    templates, locale = ROOT / "templates" / "email", ROOT / "locale"
    if not pseudo:
        return Desk(templates, locale)
    with TemporaryDirectory() as folder:
        more = Path(folder) / "locale"
        shutil.copytree(locale, more)
        invented = more / PSEUDO / "LC_MESSAGES" / "messages.po"
        invented.parent.mkdir(parents=True)
        invented.write_bytes(pseudo_catalogue((locale / "messages.pot").read_bytes()))
        return Desk(templates, more)


def programme_shown() -> Conference:
    """The programme that the specimens are about, as it is in the checkout. Raises ProgrammeError."""
    return load_programme(ROOT / "config" / "conferences" / "alliance-2021.yaml")


def specimen(kind: LetterKind, persona: Persona, language: str, conference: Conference) -> Order | None:
    """The order for a letter of `kind` to `persona`, who reads `language` (ISO 639).

    `conference` is the programme that the personas' sessions are of. None where such a letter never goes out: people
    who come are not reminded in the last hour.
    """
    if kind in ("reminder", "last-reminder") and persona.attendance == "in-person":
        return None
    visits = _visits(kind, persona, language, conference)
    order = Order(
        kind=kind,
        conference=conference,
        person=_person(persona, language),
        visits=visits,
        message_id=f"<{kind}.{persona.id}.{language}@convenor.example.org>",
        date=_date(kind, persona, conference),
        sender=SENDER,
        contact=conference.contact or SENDER.address,
        calendar=_calendar(kind, persona, visits),
        overlaps=_overlaps(visits, conference.time_zone),
        page=None if kind == "not-understood" else f"{HOUSE}/r/{_token(persona.id)}",
        mute=f"{HOUSE}/u/{_token(persona.id)}" if kind in _REMINDERS else None,
    )
    return replace(order, **_own(kind, persona, order))


def _person(persona: Persona, language: str) -> Person:
    return Person(
        participant_id=f"par_{persona.id}", full_name=persona.full_name, address=persona.address, title=persona.title,
        language=language, time_zone=persona.time_zone, visibility=persona.visibility,
    )  # fmt: skip


def _visits(kind: str, persona: Persona, language: str, conference: Conference) -> tuple[Visit, ...]:
    visits = tuple(_visit(kind, one, persona, language) for one in _sessions(kind, persona, conference))
    if kind != "confirmation" or persona.id != "several":
        return visits
    waiting: tuple[State, ...] = ("pending", "waitlisted")
    return *visits[:-2], *(
        replace(visit, state=state, link="none") for visit, state in zip(visits[-2:], waiting, strict=True)
    )


def _sessions(kind: str, persona: Persona, conference: Conference) -> list[Session]:
    """What a letter of this kind is about, in the programme's order."""
    first, chosen = _first(persona, conference), programme.select(conference, persona.sessions)
    if kind == "not-understood":
        return []
    if kind == "digest":
        return [one for one in chosen if one.date == first.date]
    if kind == "withdrawal":
        return list(chosen[:2])
    return list(chosen) if kind in _ABOUT_ALL else [first]


def _visit(kind: str, session: Session, persona: Persona, language: str) -> Visit:
    link = _link(kind)
    return Visit(
        session=session,
        attendance="in-person" if session.format == "hybrid" and persona.attendance == "in-person" else "online",
        interpretation=_wish(session, persona, language),
        join_link=f"{HOUSE}/j/{_token(persona.id + session.id)}" if link == "present" else None,
        link=link,
        state=_STATES.get(kind, "registered"),
    )


def _wish(session: Session, persona: Persona, language: str) -> str | None:
    if persona.interpretation != OWN:
        return persona.interpretation
    return language if language in session.interpretation else None


def _link(kind: str) -> LinkState:
    if kind in ("confirmation", "link-follows"):
        return "follows"
    return "none" if kind in _WITHOUT_LINK else "present"


def _calendar(kind: str, persona: Persona, visits: tuple[Visit, ...]) -> CalendarPart | None:
    cancels = kind in ("cancellation", "withdrawal")
    if len(visits) != 1 or not (cancels or kind in ("invitation", "link-follows", "update")):
        return None
    return CalendarPart(
        method="CANCEL" if cancels else "REQUEST",
        uid=f"{sha256(persona.sessions[0].encode()).hexdigest()[:32]}@convenor.example.org",
        sequence=0 if kind in ("invitation", "link-follows") else 1,
        dtstamp=REGISTERED,
    )


def _overlaps(visits: tuple[Visit, ...], zone: str) -> tuple[tuple[Visit, Visit], ...]:
    by_id = {visit.session.id: visit for visit in visits}
    pairs = programme.overlaps([visit.session for visit in visits], zone)
    return tuple((by_id[pair.first.id], by_id[pair.second.id]) for pair in pairs)


def _date(kind: str, persona: Persona, conference: Conference) -> datetime:
    """When it would be sent: a reminder in its time, all others on the morning of registration."""
    start = session_period(_first(persona, conference), conference.time_zone).start
    return _SCHEDULED[kind](start, conference.time_zone) if kind in _SCHEDULED else REGISTERED


def _own(kind: str, persona: Persona, order: Order) -> dict[str, Any]:
    """What letters of this kind alone are made from."""
    if kind == "update":
        return _news(persona, order)
    if kind == "offer":
        until = instant(date(2021, 6, 10), time(17), order.conference.time_zone)
        return {"offer": Offer(until, f"{HOUSE}/r/{_token(persona.id)}")}
    if kind == "not-understood":
        problems = ("missing", "unknown-session")
        return {"problems": problems, "registering": f"{HOUSE}/register/{order.conference.id}"}
    if kind in ("withdrawal", "refusal"):
        return {"registering": f"{HOUSE}/register/{order.conference.id}"}
    return {}


def _news(persona: Persona, order: Order) -> dict[str, Any]:
    """What has changed, something else for each person: the link, the place, the languages, or date and hours."""
    visit = order.visits[0]
    told = Told.of(visit.session, order.conference, visit.attendance, visit.interpretation)
    if persona.id == "far-west":
        return {"changes": ("link-arrived",), "before": told}
    if persona.id == "long-address":
        return {"changes": ("link-renewed",), "before": told}
    if persona.id == "in-person":
        return {"changes": ("details",), "before": replace(told, place="Congress Centre, Room 2, Vienna, Austria")}
    if persona.id == "not-offered":
        return {"changes": ("details",), "before": replace(told, into=("uk", *told.into))}
    earlier = timedelta(days=1, minutes=30)
    before = replace(told, start=told.start - earlier, end=told.end - earlier)
    return {"changes": ("link-arrived", "details") if persona.id == "several" else ("details",), "before": before}


def _first(persona: Persona, conference: Conference) -> Session:
    """What letters about a single session are about. Raises UnknownSessions where the programme has none such."""
    (session,) = programme.select(conference, persona.sessions[:1])
    return session


def _token(seed: str) -> str:
    """As long as the tokens in real addresses are, and leading nowhere."""
    return f"{sha256(seed.encode()).hexdigest()[:26]}.1.{'Specimen-of-a-link-0000'[:22]}"
