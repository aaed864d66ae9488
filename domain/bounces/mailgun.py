"""Mailgun's webhooks (documentation.mailgun.com, "Webhooks" and "Event structure").

Mailgun keeps the Message-ID of a letter, and writes it without its brackets.
"""

from typing import Any

from pydantic_core import from_json

from domain.bounces import codes
from domain.bounces.said import Class, NotAReport, Notice, Report, What
from domain.mail import is_address

_KNOWN_THERE: dict[str, tuple[What, Class | None]] = {
    "suppress-bounce": ("bounced", "hard"),
    "suppress-complaint": ("complained", None),
    "suppress-unsubscribe": ("unsubscribed", None),
}
"""Mailgun has a list of its own, and did not send the letter to whom it has there."""


def read(body: bytes) -> Report:
    """What an event says; without a notice where there is nothing to do.

    Raises:
        NotAReport: where it is none of Mailgun's.
    """
    message = from_json(body)
    event = message.get("event-data") if isinstance(message, dict) else None
    if not isinstance(event, dict):
        raise NotAReport("unreadable", "This is no event of Mailgun's.")
    found = _notice(event)
    message_id = _within(event, "message", "headers", "message-id")
    return Report((found,) if found else (), message_ids=(f"<{message_id.strip('<>')}>",) if message_id else ())


def _notice(event: dict[str, Any]) -> Notice | None:
    recipient = event.get("recipient")
    recipients = (recipient,) if isinstance(recipient, str) and is_address(recipient) else ()
    match event.get("event"):
        case "failed":
            return _failure(event, recipients)
        case "rejected":  # by Mailgun itself, for what is in the letter or who sends it
            return Notice("bounced", recipients, hint="policy")
        case "complained":
            return Notice("complained", recipients)
        case "unsubscribed":
            return Notice("unsubscribed", recipients)
        case "delivered":
            return Notice("delivered", recipients)
    return None


def _failure(event: dict[str, Any], recipients: tuple[str, ...]) -> Notice:
    known = _KNOWN_THERE.get(str(event.get("reason")))
    if known is not None:
        return Notice(known[0], recipients, hint=known[1])
    words = f"{_within(event, 'delivery-status', 'message')}\n{_within(event, 'delivery-status', 'description')}"
    status = event.get("delivery-status")
    code = status.get("code") if isinstance(status, dict) else None
    return Notice(
        what="bounced" if event.get("severity") == "permanent" else "deferred",
        recipients=recipients,
        enhanced=codes.telling(codes.enhanced_in(f"{_within(event, 'delivery-status', 'enhanced-code')}\n{words}")),
        code=code if isinstance(code, int) and 400 <= code <= 599 else None,  # theirs begin at 600
        hint=codes.hinted(words),
    )


def _within(found: object, *names: str) -> str:
    """A text within objects within objects; empty where it is not there."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
