"""The native body: what our own pages, other programs and `docs/connect/standard-webhooks.md` send."""

from domain.sources.understanding import NotUnderstood, Submission, because, json_object, shaped
from schemas.programme import Conference
from schemas.registration import (
    LinksRequested,
    OfferAccepted,
    OfferDeclined,
    RegistrationPreferences,
    RegistrationSubmitted,
    RegistrationWithdrawn,
)

_SHAPES: dict[str, type[Submission]] = {
    "registration.submitted": RegistrationSubmitted,
    "registration.withdrawn": RegistrationWithdrawn,
    "registration.links_requested": LinksRequested,
    "registration.preferences": RegistrationPreferences,
    "registration.offer_accepted": OfferAccepted,
    "registration.offer_declined": OfferDeclined,
}


def read(body: bytes, content_type: str, conference: Conference) -> Submission:  # noqa: ARG001 - every reader's form
    """What a native body says.

    Raises:
        NotUnderstood: with a reason for each field that is wrong.
    """
    message = json_object(body)
    shape = _SHAPES.get(str(message.get("type")))
    if shape is None:
        raise NotUnderstood(because("type", "invalid"))
    return shaped(shape, {name: message[name] for name in ("type", "data") if name in message})
