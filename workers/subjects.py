"""The sessions that a letter is about, as things stand when it goes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, RegistrationRow
from domain import reminders
from domain.letters.model import LetterError
from domain.places import STANDING, State
from domain.rearming import is_attended
from domain.registration import is_over
from domain.times import local_date, session_period
from schemas.programme import Session

DIGESTS: Final = frozenset({"week-digest", "digest"})
_TRUE_IN: Final[Mapping[str, frozenset[State]]] = {
    "pending": frozenset({"pending"}), "waitlist": frozenset({"waitlisted"}), "offer": frozenset({"offered"}),
    "refusal": frozenset({"refused"}), "withdrawal": frozenset({"withdrawn"}), "confirmation": STANDING,
    **dict.fromkeys(("invitation", "update", "notice"), frozenset[State]({"registered"})),
}  # fmt: skip
"""The states in which a registration must be for the letter to be true."""


def of(letter: LetterRow, in_force: InForce, places: Mapping[str, RegistrationRow], now: datetime) -> list[Session]:
    """In the programme's order; those of reminders and digests in order of time. `places`: the participant's, by
    session.

    Raises:
        LetterError: for a kind of which nothing says yet when it is true.
    """
    zone = in_force.conference.time_zone
    if letter.kind in DIGESTS:
        attended = [one for one in in_force.sessions.values() if one.id in places and _attends(one, places[one.id])]
        if letter.kind == "digest":
            attended = [one for one in attended if local_date(start(one, zone), zone).isoformat() == letter.about]
        return sorted(attended, key=lambda one: start(one, zone))
    wanted = places.keys() & letter.sessions
    named = [one for session_id, one in in_force.sessions.items() if session_id in wanted]
    if letter.kind in reminders.BEFOREHAND:
        attended = [one for one in named if _attends(one, places[one.id])]
        return sorted(attended, key=lambda one: start(one, zone))
    if letter.kind == "cancellation":
        return [one for one in named if places[one.id].state in STANDING and one.cancelled]
    if letter.kind not in _TRUE_IN:
        raise LetterError(f"nothing says when a letter of the kind {letter.kind} holds")
    gone = letter.kind == "withdrawal"
    standing = [one for one in named if places[one.id].state in _TRUE_IN[letter.kind] and (gone or not one.cancelled)]
    if letter.kind == "notice":
        return [one for one in standing if not is_over(one, in_force.conference, now)]
    return standing


def start(planned: Session, zone: str) -> datetime:
    """When a session begins."""
    return session_period(planned, zone).start


def _attends(planned: Session, place: RegistrationRow) -> bool:
    return is_attended(planned, place.state, place.entry)
