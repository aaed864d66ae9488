"""The sessions that a letter is about, as things stand when it goes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, RegistrationRow
from domain import reminders
from domain.letters.model import LetterError
from domain.registration import is_over
from domain.times import local_date, session_period
from schemas.programme import Session
from workers.reminders import is_attended

DIGESTS: Final = frozenset({"week-digest", "digest"})
WAITING: Final = {"pending": "pending", "waitlist": "waitlisted"}
"""The state that a registration must be in for the letter to be true."""

_STANDING: Final = frozenset({"confirmation", "invitation", "update", "notice"})
"""Letters about sessions for which somebody is registered."""


def of(letter: LetterRow, in_force: InForce, places: Mapping[str, RegistrationRow], now: datetime) -> list[Session]:
    """In the programme's order; those of reminders and digests in order of time. `places`: the participant's, by
    session.

    Raises:
        LetterError: for a kind of which nothing says yet when it is true.
    """
    zone = in_force.conference.time_zone
    if letter.kind in DIGESTS:
        attended = [one for one in in_force.sessions.values() if one.id in places and is_attended(one, places[one.id])]
        if letter.kind == "digest":
            attended = [one for one in attended if local_date(start(one, zone), zone).isoformat() == letter.about]
        return sorted(attended, key=lambda one: start(one, zone))
    wanted = places.keys() & letter.sessions
    named = [one for session_id, one in in_force.sessions.items() if session_id in wanted]
    if letter.kind in reminders.BEFOREHAND:
        attended = [one for one in named if is_attended(one, places[one.id])]
        return sorted(attended, key=lambda one: start(one, zone))
    if letter.kind == "withdrawal":
        return [one for one in named if places[one.id].state == "withdrawn"]
    if letter.kind == "cancellation":
        return [one for one in named if places[one.id].state != "withdrawn" and one.cancelled]
    if letter.kind in WAITING:
        return [one for one in named if places[one.id].state == WAITING[letter.kind] and not one.cancelled]
    if letter.kind not in _STANDING:
        raise LetterError(f"nothing says when a letter of the kind {letter.kind} holds")
    standing = [one for one in named if places[one.id].state == "registered" and not one.cancelled]
    if letter.kind == "notice":
        return [one for one in standing if not is_over(one, in_force.conference, now)]
    return standing


def start(planned: Session, zone: str) -> datetime:
    """When a session begins."""
    return session_period(planned, zone).start
