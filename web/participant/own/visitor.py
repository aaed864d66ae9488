"""Who stands before an own page, by the token in its address: everything that is known of them, read at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from adapters.database import answers, participants, registrations
from adapters.database.participants import Participant
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.own_page import Held, holds
from schemas.programme import Conference


@dataclass(frozen=True, slots=True)
class Visitor:
    """One participant, opened, with their registrations by session. `calendar_domain` is that of their entries' UIDs;
    `calendar_version` of their feed's address. `declined`: registrations that their calendar has declined."""

    person: Participant = field(repr=False)
    conference: Conference
    calendar_domain: str
    places: Mapping[str, RegistrationRow]
    muted: bool
    calendar_version: int
    declined: frozenset[str] = frozenset()

    @property
    def language(self) -> str:
        """Of their letters (ISO 639)."""
        return self.person.language or self.conference.language

    @property
    def time_zone(self) -> str:
        """Their own, or the conference's (IANA)."""
        return self.person.time_zone or self.conference.time_zone

    @property
    def is_discreet(self) -> bool:
        """Whether nothing that others might see may name the conference or a session."""
        return self.person.visibility == "discreet"

    def preferred(self) -> dict[str, Any]:
        """How they are written to and called, as `registration.preferences` says it."""
        return {
            "language": self.language, "time_zone": self.time_zone, "visibility": self.person.visibility,
            "alias": self.person.profile.alias,
        }  # fmt: skip

    def held(self) -> dict[str, Held]:
        """Their registrations, as a change finds them."""
        return {one.session: Held(one.state, one.attendance, one.interpretation) for one in self.places.values()}


def visitor(
    toolbox: Toolbox, session: Session, known: tuple[str, int] | None, now: datetime, *, of_calendar: bool = False
) -> Visitor | None:
    """Whose token says this id and version; None where it is none, was revoked, or is too old. `of_calendar`: it is one
    of a calendar feed.

    Raises:
        VaultError: where the participant cannot be opened with the keys at hand.
    """
    row = None if known is None else session.get(ParticipantRow, known[0])
    in_force = None if row is None else toolbox.shelf.get(session, row.conference)
    if known is None or row is None or in_force is None or participants.is_only_noted(row):
        return None
    version = row.calendar_version if of_calendar else row.page_version
    if version != known[1] or not holds(in_force.conference, now):
        return None
    places = registrations.of_participant(session, row.id)
    return Visitor(
        participants.opened(row, toolbox.vault), in_force.conference, in_force.calendar_domain, places,
        row.muted_at is not None, row.calendar_version, answers.declined(session, [one.id for one in places.values()]),
    )  # fmt: skip
