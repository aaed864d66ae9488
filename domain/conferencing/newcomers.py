"""What to call somebody who registered on Zoom's own page."""

from pydantic import TypeAdapter, ValidationError

from domain.conferencing.posted import printable
from domain.sources.understanding import NotUnderstood, because
from schemas.registration import PersonName
from schemas.zoom import ZoomRegistrant

_PERSON_NAME: TypeAdapter[str] = TypeAdapter(PersonName)


def full_name(registrant: ZoomRegistrant) -> str:
    """First and last name in one. Where they have no letter ("."), what stands before the address's @: Zoom lets such
    people in, and they must not be lost here.

    Raises:
        NotUnderstood: where that has none either.
    """
    for words in (f"{registrant.first_name} {registrant.last_name}", registrant.email.partition("@")[0]):
        try:
            return _PERSON_NAME.validate_python(printable(words)[:200])
        except ValidationError:
            continue
    raise NotUnderstood(because("full_name", "invalid"))
