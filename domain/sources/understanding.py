"""What all readers share: bytes to an object, an object to a shape, and errors to reasons that people can act on.

Nothing here repeats what was written: a reason names the field, and its sentence says what belongs there.
"""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from schemas.base import ForeignShape
from schemas.programme import Conference
from schemas.registration import (
    LinksRequested,
    OfferAccepted,
    OfferDeclined,
    Reason,
    RegistrationPreferences,
    RegistrationSubmitted,
    RegistrationWithdrawn,
)

Shape = TypeVar("Shape", bound=ForeignShape)

Submission = (
    RegistrationSubmitted | RegistrationWithdrawn | LinksRequested
    | RegistrationPreferences | OfferAccepted | OfferDeclined
)  # fmt: skip
"""What a native body may say."""


class Reader(Protocol):
    """A module of this package."""

    def read(self, body: bytes, content_type: str, conference: Conference) -> Submission:
        """What the body says. Raises NotUnderstood."""


N_ = str
"""Marks a sentence for the catalogues; pages translate it when they show it."""

_CODES = {
    "missing": "missing", "string_too_short": "missing", "too_short": "missing",
    "string_too_long": "too-long", "too_long": "too-long",
}  # fmt: skip

_SENTENCES = {
    "full_name": {
        "missing": N_("Give your full name."),
        "too-long": N_("The name may have 200 characters at most."),
        "invalid": N_("Write the name on one line, in letters."),
    },
    "email": {
        "missing": N_("Give an e-mail address."),
        "invalid": N_("Give an e-mail address like name@example.org."),
    },
    "sessions": {
        "missing": N_("Choose at least one session."),
        "invalid": N_("Choose sessions by their ids, or all of them."),
    },
    "language": {"invalid": N_("Choose English, French, German, Italian, Russian or Spanish.")},
    "time_zone": {"invalid": N_("Choose a time zone from the list, such as Europe/Vienna.")},
    "attendance": {"invalid": N_("Choose whether to attend online or in person.")},
    "interpretation": {"invalid": N_("Choose one of the languages of interpretation.")},
    "visibility": {"invalid": N_("Choose standard or discreet letters.")},
    "needs": {"too-long": N_("Shorten this to 2000 characters.")},
    "type": {"invalid": N_("This kind of message is not known here.")},
}  # fmt: skip

_OTHERWISE = {
    "missing": N_("This is missing."),
    "too-long": N_("This is too long."),
    "invalid": N_("This cannot be understood."),
}


class NotUnderstood(Exception):
    """What was posted is not a registration that can be used. Trying again does not help; somebody must correct it.

    `reasons` names everything that is wrong, in the order in which it was found. `said` is what was to be understood,
    as far as it came; it is personal, and stands in no message.
    """

    def __init__(self, *reasons: Reason, said: object = None) -> None:
        super().__init__(", ".join(f"{reason.field}: {reason.code}" for reason in reasons))
        self.reasons = reasons
        self.said = said


def because(field: str, code: str) -> Reason:
    """The reason of this code for this field, with its sentence."""
    sentence = _SENTENCES.get(field, {}).get(code) or _OTHERWISE.get(code, _OTHERWISE["invalid"])
    return Reason(field=field, code=code, message=sentence)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, read strictly: UTF-8, no NaN, no lone surrogates, nested 200 deep at most.

    Raises:
        NotUnderstood: where it is none.
    """
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise NotUnderstood(Reason(field="", code="not-json", message=N_("This is not JSON."))) from None
    if not isinstance(found, dict):
        raise NotUnderstood(Reason(field="", code="not-an-object", message=N_("This is not a JSON object.")))
    return found


def shaped(shape: type[Shape], data: object, found: Iterable[Reason] = ()) -> Shape:
    """`data` as `shape`.

    Raises:
        NotUnderstood: with `found`, which a reader knew to be wrong before, and one more reason for each other field.
    """
    known = tuple(found)
    try:
        good = shape.model_validate(data)
    except ValidationError as wrong:
        raise NotUnderstood(*_together(known, reasons(wrong)), said=data) from None
    if known:
        raise NotUnderstood(*known, said=data)
    return good


def reasons(wrong: ValidationError) -> tuple[Reason, ...]:
    """One reason for each field that is wrong: a field that may be of two kinds is not reported once for each."""
    each = (
        because(_field(error["loc"]), _CODES.get(error["type"], "invalid"))
        for error in wrong.errors(include_input=False, include_url=False, include_context=False)
    )
    return _together((), each)


def _together(first: Iterable[Reason], more: Iterable[Reason]) -> tuple[Reason, ...]:
    by_field: dict[str, Reason] = {}
    for reason in (*first, *more):
        by_field.setdefault(reason.field, reason)
    return tuple(by_field.values())


def _field(place: tuple[int | str, ...]) -> str:
    """`email`, `consents.recording`: without the envelope's `data`, list positions and names of a union's kinds."""
    inner = place[1:] if place[:1] == ("data",) and len(place) > 1 else place
    return ".".join(str(part) for part in inner[: 2 if inner[:1] == ("consents",) else 1])
