"""The participant's own page: how long its address holds, how things stand there, and how a change is undone.

Decides only. What can be had is decided where registrations are (`domain.registration`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.registration import is_over
from schemas.programme import Conference, Language, Session
from schemas.registration import (
    Attendance,
    OfferAccepted,
    OfferDeclined,
    PreferencesData,
    Reason,
    RegistrationPreferences,
)

HOLDS_AFTER_THE_LAST_DAY = timedelta(days=30)
"""So long the addresses of the own page and of the calendar feed lead somewhere."""

Stands = Literal["registered", "pending", "waitlisted", "offered", "refused", "withdrawn", "cancelled", "over"]
"""How somebody stands with a session: as their registration does, unless the session is `cancelled` or `over`."""

GONE = Reason(field="", code="page-gone", message="There is no such page any more.")
"""Why a page gets no other address: whoever opens it is told that it leads nowhere, and none of this."""

HELD: frozenset[str] = frozenset({"registered", "pending", "waitlisted", "offered"})
"""States of somebody who attends a session, or may."""

Deed = RegistrationPreferences | OfferAccepted | OfferDeclined


@dataclass(frozen=True, slots=True)
class Held:
    """One registration as it was before a change. `state`: the registration's own."""

    state: str
    attendance: Attendance
    interpretation: Language | None


def holds(conference: Conference, now: datetime) -> bool:
    """Whether a conference's own pages lead somewhere at `now` (the conference's time)."""
    today = now.astimezone(ZoneInfo(conference.time_zone)).date()
    return today <= conference.ends + HOLDS_AFTER_THE_LAST_DAY


def stands(session: Session, state: str, conference: Conference, now: datetime) -> Stands:
    """How somebody stands with a session whose registration is in this `state`."""
    if state in {"withdrawn", "refused"}:
        return "withdrawn" if state == "withdrawn" else "refused"
    if session.cancelled:
        return "cancelled"
    if is_over(session, conference, now):
        return "over"
    found: dict[str, Stands] = {"pending": "pending", "waitlisted": "waitlisted", "offered": "offered"}
    return found.get(state, "registered")


def undoing(deed: Deed, preferred: Mapping[str, Any], held: Mapping[str, Held]) -> dict[str, Any]:
    """What `registration.preferences` says that brings back what was before a deed, without the address.

    `preferred`: language, time zone, visibility and alias as they were; `held`: the registrations by session. A place
    that was given up may be somebody else's by then: whoever wants it back is registered as anybody is.
    """
    data = deed.data
    if not isinstance(data, PreferencesData):
        answered = [one for one in data.sessions if one in held and held[one].state == "offered"]
        if isinstance(deed, OfferDeclined):
            return _back(answered, held)
        return {"withdrawn": answered} if answered else {}
    said = {name: was for name, was in preferred.items() if name in data.model_fields_set}
    named = [one.session for one in data.places]
    new = [one for one in named if one not in held or held[one].state not in HELD]
    back = _back([one for one in (*named, *data.withdrawn) if one not in new], held)
    return said | back | ({"withdrawn": new} if new else {})


def _back(sessions: list[str] | tuple[str, ...], held: Mapping[str, Held]) -> dict[str, Any]:
    places = [
        {"session": one, "attendance": was.attendance, "interpretation": was.interpretation}
        for one in dict.fromkeys(sessions)
        if (was := held.get(one)) is not None and was.state in HELD
    ]
    return {"places": places} if places else {}
