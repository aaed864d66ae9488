"""What happened to somebody's registrations and letters, in the words of the monitor."""

import re
from collections.abc import Mapping
from typing import Final

from domain.reasons import explained

LETTERS: Final[Mapping[str, str]] = {
    "confirmation": "Confirmation",
    "invitation": "Invitation",
    "update": "Update",
    "cancellation": "Cancellation",
    "withdrawal": "Confirmation of the withdrawal",
    "week-digest": "Programme of the week to come",
    "digest": "Programme of the next day",
    "reminder": "Reminder",
    "last-reminder": "Last reminder",
    "pending": "Notice that approval is awaited",
    "waitlist": "Notice of the waiting list",
    "offer": "Offer of a place",
    "refusal": "Refusal",
    "not-understood": "Notice that a registration was not understood",
    "notice": "Notice",
}

STATES: Final[Mapping[str, str]] = {
    "planned": "planned",
    "claimed": "being handed over",
    "sent": "accepted by the mail server",
    "skipped": "not sent",
    "expired": "not sent: too late",
    "failed": "refused by the mail server",
    "held": "held for a person",
    "bounced": "came back after the mail server had accepted it",
    "deferred": "delayed by a server on the way",
    "complained": "reported as unwanted by its reader",
    "unsubscribed": "its reader wants no more reminders",
}

REGISTRATIONS: Final[Mapping[str, str]] = {
    "registered": "registered",
    "pending": "awaits approval",
    "waitlisted": "on the waiting list",
    "offered": "has been offered a place",
    "refused": "refused",
    "withdrawn": "withdrawn",
}

AT_ZOOM: Final[Mapping[str, str]] = {
    "unasked": "Zoom does not have them yet",
    "pending": "awaits approval at Zoom",
    "approved": "registered at Zoom",
    "denied": "denied at Zoom",
    "gone": "not at Zoom any more",
}

ANSWERS: Final[Mapping[str, str]] = {
    "accepted": "accepted",
    "tentative": "tentative",
    "declined": "declined",
    "delegated": "delegated to somebody else",
    "countered": "asked for another time",
}

SOURCES: Final[Mapping[str, str]] = {
    "standard": "a signed post",
    "google-forms": "Google Forms",
    "typeform": "Typeform",
    "tally": "Tally",
    "jotform": "Jotform",
    "ms-forms": "Microsoft Forms",
    "hosted": "the registration page",
    "self-service": "their own page",
    "lost-link": "the page for lost links",
    "import": "an import",
    "zoom": "Zoom",
    "zoom-list": "Zoom’s list",
}

_CODE: Final = re.compile(r"\d.*")


def because(reason: str | None) -> str:
    """Why a letter came to where it is: a sentence, with the code where it is a mail server's."""
    if not reason:
        return ""
    known, code = explained(reason), _CODE.search(reason)
    if known is None:
        return reason
    return f"{known.meaning.removesuffix('.')} ({code[0]})." if code else known.meaning
