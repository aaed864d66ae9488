"""Reasons of Zoom's side in plain words: of registrants that wait or are held, and of events. The codes are made in
`outcomes` and by the corridor; what they begin with is Zoom's number, and how they end says what is meant."""

import re
from collections.abc import Mapping
from typing import Final

_MEANS: Final[Mapping[str, str]] = {
    "address-too-long-for-zoom": "The address is too long for Zoom",
    "alias-not-allowed": "An alias was asked for, and the session allows none: speak with the participant",
    "not-looked-up": "The event has not been looked up yet",
    "account-not-configured": "The programme names a Zoom account that is not set up here",
    "app-deauthorized": "Our app was taken out of the Zoom account",
    "denied": "Somebody has denied them at Zoom",
    "denied-there": "Somebody has denied them at Zoom",
    "down": "Zoom is disturbed",
    "event-ambiguous": "Several Zoom events could be meant",
    "event-not-found": "The Zoom event was not found",
    "full": "The Zoom event is full",
    "host": "Zoom says that they are the event’s host",
    "invalid": "Zoom takes something in their data for invalid, mostly the address",
    "no-answer": "Zoom does not answer",
    "no-batch": "Zoom does not take several at once; they are added one by one",
    "no-event": "Zoom knows no such event",
    "no-host": "Zoom knows no such host",
    "no-licence": "The Zoom account’s licence does not allow it",
    "no-permission": "Zoom does not permit it to our app",
    "no-registrant": "Zoom does not know them any more",
    "no-registration": "Registration is switched off at the Zoom event",
    "no-zoom-event": "The programme names no Zoom event",
    "not-approved-yet": "Zoom’s host has not approved them yet",
    "other-kind": "The Zoom event is of another kind than the programme says",
    "over": "The Zoom event is over",
    "paid-registration": "The Zoom event asks for payment",
    "panelist": "Zoom says that they are a panelist of the event",
    "per-day": "Zoom takes no more calls today",
    "per-second": "Zoom takes no more calls at once",
    "questions": "Zoom’s questions to registrants could not be read",
    "refused": "Zoom refuses them",
    "registration-not-enabled": "Registration is switched off at the Zoom event",
    "scopes": "Our app lacks a scope at Zoom",
    "token": "Zoom refuses our app’s login",
    "unknown": "Zoom refuses, and its answer is not known here",
    "unreadable": "Zoom’s answer could not be read",
    "work-address": "Zoom takes work addresses only",
}
_ENDS: Final = re.compile(r"zoom-(?:\d+-)?(?:(?:person|event)-(?=per-day))?(?P<name>.+)")


def said(code: str) -> str:
    """What a code means, with the code, by which the log has it: `Zoom does not answer (zoom-no-answer)`."""
    if code.startswith("zoom-token-"):
        return f"{_MEANS['token']} ({code})"
    ends = _ENDS.fullmatch(code)
    means = _MEANS.get(code) or (_MEANS.get(ends["name"]) if ends else None)
    return f"{means} ({code})" if means else code
