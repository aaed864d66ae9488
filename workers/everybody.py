"""Everybody of a conference, with what has been written to them, as the domain sees people: read with few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from adapters.database import letters, participants, registrants, registrations
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from domain.plans.decisions import Person
from domain.rearming import Spoken
from domain.reminders import BEFOREHAND, KINDS
from workers.standing import earlier_of, place_of, reader_of, standing_of


@dataclass(frozen=True, slots=True)
class Everybody:
    """The rows: participants in order of id, registrations by participant and session, letters by participant."""

    people: Sequence[ParticipantRow]
    places: Mapping[str, dict[str, RegistrationRow]]
    letters: Mapping[str, list[LetterRow]]
    gone: frozenset[str]
    to_be_asked_for: frozenset[str]

    @classmethod
    def of(cls, session: Session, conference: str, *, lock: bool) -> "Everybody":
        """With `lock` all stay as they are until the transaction ends; locked in the order in which the corridor does,
        so that nobody waits for one who waits for them."""
        people = participants.of_conference(session, conference, lock=lock)
        places = registrations.of_conference(session, conference, lock=lock)
        known = letters.of_conference(session, conference, (*letters.SESSION_KINDS, *KINDS), lock=lock)
        about_sessions = [one for each in known.values() for one in each if one.kind in letters.SESSION_KINDS]
        gone = letters.may_have_gone(session, about_sessions)
        return cls(people, places, known, gone, registrants.to_be_asked_for(session, conference))

    @classmethod
    def nobody(cls) -> "Everybody":
        """Of whom nothing need be asked."""
        return cls((), {}, {}, frozenset(), frozenset())

    def person(self, row: ParticipantRow) -> Person:
        """One of them."""
        places, known = self.places.get(row.id, {}), self.letters.get(row.id, [])
        about: dict[str, list[LetterRow]] = {}
        for one in known:
            if one.kind in letters.SESSION_KINDS:
                about.setdefault(one.about, []).append(one)
        return Person(
            id=row.id,
            reader=reader_of(row),
            places={name: place_of(place) for name, place in places.items()},
            letters={name: earlier_of(found, self.gone) for name, found in about.items()},
            reminders=standing_of(one for one in known if one.kind in KINDS),
            spoken=[_spoken(one) for one in known if _has_spoken(one)],
            tried=frozenset(name for name, place in places.items() if place.id not in self.to_be_asked_for),
        )


def _has_spoken(one: LetterRow) -> bool:
    """See adapters.database.letters.spoken_of."""
    if one.kind in letters.SESSION_KINDS:
        return one.state != "skipped"
    return one.kind in BEFOREHAND and one.state in {"claimed", "sent"}


def _spoken(one: LetterRow) -> Spoken:
    return Spoken(one.id, one.kind, tuple(one.sessions), one.due_at, one.not_after)
