"""Admission: all that a verdict about a place rests on, under a lock where places are counted.

Whoever counts places locks them first, before any participant: so that no two give the last one, and nobody waits for
each other.
"""

from collections.abc import Iterable
from typing import Literal

from sqlalchemy.orm import Session

from adapters.database import participants, places
from adapters.database.tables import ParticipantRow
from adapters.toolbox import Toolbox
from domain.admission import Person, counted, is_open, ways
from domain.places import Door, Figures
from schemas.programme import Conference
from schemas.programme import Session as ProgrammeSession
from schemas.registration import RegistrationData


def hold(session: Session, conference: Conference, sessions: Iterable[str] | Literal["all"]) -> bool:
    """Lock the places of those of these sessions where they are counted; whether any are."""
    wanted = [(one.id, way) for one in _named(conference, sessions) for way in counted(one, conference)]
    places.hold(session, conference.id, wanted)
    return bool(wanted)


def is_limited(planned: ProgrammeSession, conference: Conference) -> bool:
    """Whether not everybody is let in at once who wants to follow a session online."""
    return "online" in ways(planned) and not is_open(planned, conference, "online")


def door_for(
    toolbox: Toolbox, session: Session, conference: Conference, sessions: Iterable[str] | Literal["all"], person: Person
) -> Door:
    """The door of these sessions, whose places are locked until the transaction ends, as this person finds it."""
    hold(session, conference, sessions)
    figures = {
        (one.id, way): Figures(
            places.taken(session, conference.id, one.id, way), places.is_waited_for(session, conference.id, one.id, way)
        )
        for one in _named(conference, sessions)
        for way in counted(one, conference)
    }
    return Door(conference, person, figures, toolbox.clock.now())


def person_of(toolbox: Toolbox, known: ParticipantRow | None, data: RegistrationData | None = None) -> Person:
    """What is known of somebody by which they are let in, or not; what they have just said comes first."""
    if known is None:
        assert data is not None  # noqa: S101 - who is not known has said something
        return Person(data.email, data.organisation, data.country)
    opened = participants.opened(known, toolbox.vault)
    organisation, country = (data.organisation, data.country) if data else (None, None)
    return Person(opened.address, organisation or opened.profile.organisation, country or opened.profile.country)


def _named(conference: Conference, sessions: Iterable[str] | Literal["all"]) -> list[ProgrammeSession]:
    if sessions == "all":
        return list(conference.sessions)
    ids = set(sessions)
    return [one for one in conference.sessions if one.id in ids]
