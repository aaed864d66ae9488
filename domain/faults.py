"""What a registration would be refused for, before anybody records it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.admission import Person
from domain.places import Door
from domain.registration import Refused, register
from domain.sources import NotUnderstood
from domain.sources.understanding import shaped
from schemas.programme import Conference
from schemas.registration import Reason, RegistrationSubmitted


def faults(body: Mapping[str, Any], conference: Conference, now: datetime) -> tuple[Reason, ...]:
    """What a worker would refuse this body for. `now` is the conference's time."""
    try:
        submitted = shaped(RegistrationSubmitted, body)
        door = Door(conference, Person(submitted.data.email), {}, now)
        register(submitted.data, door, {}, known=None)
    except (NotUnderstood, Refused) as refusal:
        return refusal.reasons
    return ()
