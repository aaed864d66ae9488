"""Preferences: what a known participant changes on their own page, in one go and in one transaction.

How they are written to is decided here; sessions are withdrawn from and registered for as in every other way
(`workers.registration`), so that there is one decision about places.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from adapters.database import participants
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow
from adapters.toolbox import Toolbox
from domain.registration import Refused, is_over
from schemas.programme import Conference
from schemas.registration import PlaceData, PreferencesData, Reason, RegistrationData, WithdrawalData
from workers import registration

_NOBODY = Reason(field="email", code="not-registered", message="There is no registration to change.")


def change(
    toolbox: Toolbox, session: Session, in_force: InForce, data: PreferencesData, machine_received: datetime
) -> str:
    """Change what a participant has said; the participant's id.

    Of two such messages the one that was received later holds, in whatever order they are judged.

    Raises:
        Refused: where nobody is registered under this address, or one of the sessions cannot be had; then nothing is
            written.
    """
    row = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    if row is None or participants.is_only_noted(row):
        raise Refused(_NOBODY)
    if machine_received >= row.machine_said:
        registration.prefer(toolbox, session, in_force, row, data, machine_received)
    if data.withdrawn:
        leaving = WithdrawalData(email=data.email, sessions=data.withdrawn)
        registration.withdraw(toolbox, session, in_force, leaving, machine_received)
    for one in _submissions(toolbox, row, data, in_force.conference):
        registration.register(toolbox, session, in_force, one, machine_received)
    return row.id


def _submissions(
    toolbox: Toolbox, row: ParticipantRow, data: PreferencesData, conference: Conference
) -> Iterator[RegistrationData]:
    """What a form would have said of the sessions: one submission for those that are to be attended alike. Where some
    are over or cancelled and others are not, it speaks of the others alone: whoever takes back a withdrawal from all
    gets what can still be had."""
    name = participants.opened(row, toolbox.vault).profile.full_name
    now = toolbox.clock.now()
    coming = {one.id for one in conference.sessions if not one.cancelled and not is_over(one, conference, now)}
    places = [one for one in data.places if one.session in coming] or data.places
    for said, them in groupby(sorted(places, key=_repr), key=_manner):
        yield RegistrationData.model_validate(
            {"full_name": name, "email": data.email, "sessions": [one.session for one in them], **dict(said)}
        )


def _manner(place: PlaceData) -> tuple[tuple[str, str | None], ...]:
    """How a session is to be attended, as far as it is said."""
    return tuple(sorted(place.model_dump(exclude_unset=True, exclude={"session"}).items()))


def _repr(place: PlaceData) -> str:
    return repr(_manner(place))
