"""Postmark's webhooks (postmarkapp.com/developer/webhooks): Bounce, Delivery, SpamComplaint, SubscriptionChange.

Postmark gives a letter another Message-ID and another envelope sender. It is known by the metadata `letter`, which
Postmark takes from the header `X-PM-Metadata-letter` and sends back.
"""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from domain.bounces import codes
from domain.bounces.said import Class, NotAReport, Notice, Report, What
from domain.mail import is_address

HEADER = "X-PM-Metadata-letter"
"""Told with each letter, so that what is said of it can be told apart."""

_TYPES: Mapping[str, tuple[What, Class | None]] = {
    "HardBounce": ("bounced", "hard"), "BadEmailAddress": ("bounced", "hard"),
    "SoftBounce": ("bounced", "soft"), "Undeliverable": ("bounced", "soft"),
    "Transient": ("deferred", "soft"), "DnsError": ("deferred", "soft"),
    "Unknown": ("bounced", "soft"), "ManuallyDeactivated": ("bounced", "unclear"),
    "SpamNotification": ("bounced", "policy"), "Blocked": ("bounced", "policy"),
    "VirusNotification": ("bounced", "policy"), "DMARCPolicy": ("bounced", "policy"),
    "OpenRelayTest": ("bounced", "policy"), "SMTPApiError": ("bounced", "policy"),
    "SpamComplaint": ("complained", None), "Unsubscribe": ("unsubscribed", None),
    "AutoResponder": ("autoresponded", None), "AddressChange": ("autoresponded", None),
    "ChallengeVerification": ("autoresponded", None),
}  # fmt: skip


def read(body: bytes) -> Report:
    """What an event says; without a notice where there is nothing to do.

    Raises:
        NotAReport: where it is none of Postmark's.
    """
    event = from_json(body)
    if not isinstance(event, dict) or not isinstance(event.get("RecordType"), str):
        raise NotAReport("unreadable", "This is no event of Postmark's.")
    metadata = event.get("Metadata")
    letter = metadata.get("letter") if isinstance(metadata, dict) else None
    found = _notice(event)
    return Report((found,) if found else (), letters=(letter,) if isinstance(letter, str) else ())


def _notice(event: dict[str, Any]) -> Notice | None:
    recipient = event.get("Email") or event.get("Recipient")
    recipients = (recipient,) if isinstance(recipient, str) and is_address(recipient) else ()
    match event["RecordType"]:
        case "Bounce":
            what, hint = _TYPES.get(str(event.get("Type")), ("bounced", "soft"))
            details = str(event.get("Details") or "")
            if what not in {"bounced", "deferred"}:
                return Notice(what, recipients)
            hint = _sparing(codes.hinted(details), hint)
            return Notice(what, recipients, codes.telling(codes.enhanced_in(details)), codes.basic_in(details), hint)
        case "SpamComplaint":
            return Notice("complained", recipients)
        case "Delivery":
            return Notice("delivered", recipients)
        case "SubscriptionChange" if event.get("SuppressSending") is True:
            # What a bounce or a complaint has brought about has been told as such.
            wish = event.get("SuppressionReason") == "ManualSuppression"
            return Notice("unsubscribed", recipients) if wish else None
    return None


def _sparing(words: Class | None, said: Class | None) -> Class | None:
    """The provider's own judgement, but for what its words say in the recipient's favour."""
    return words if words is not None and said != "policy" else said
