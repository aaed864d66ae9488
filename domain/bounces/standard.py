"""Reports as the standards have them: delivery status (RFC 3464, internationalised by RFC 6533), and complaints in the
Abuse Reporting Format (RFC 5965)."""

import re
from collections.abc import Iterator

from domain.bounces import codes
from domain.bounces.said import Notice, What
from domain.mail import Mail, addresses, fields, groups_of_fields, header, is_address, message_ids, written_in

STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
COMPLAINT = "message/feedback-report"
_RETURNED = frozenset({
    "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/rfc822-headers",
})  # fmt: skip
"""The letter, or its headers. The last is in no standard, and is sent all the same."""

_ACTIONS: dict[str, What] = {
    "failed": "bounced", "delayed": "deferred", "delivered": "delivered", "relayed": "relayed", "expanded": "expanded",
}  # fmt: skip
_BY_CLASS: dict[str, What] = {"5": "bounced", "4": "deferred", "2": "delivered"}
_COMPLAINTS: dict[str, What] = {
    "abuse": "complained", "fraud": "complained", "opt-out": "unsubscribed", "opt-out-list": "unsubscribed",
}  # fmt: skip
"""RFC 5965 7.3, with MARF's extensions. `not-spam` and `virus` are no wish of the recipient's."""

_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")


def notices(part: Mail) -> tuple[Notice, ...]:
    """What a part with delivery statuses says, recipient by recipient."""
    found = (_notice(group) for group in groups_of_fields(written_in(part)))
    return tuple(one for one in found if one is not None)


def _notice(group: Mail) -> Notice | None:
    """What one group of fields says of one recipient; None for the group about the message, or about nothing."""
    words = header(group, "Diagnostic-Code").partition(";")[2]
    status = codes.enhanced_in(header(group, "Status"))[:1]
    action = (header(group, "Action").lower().split() or [""])[0]
    what = _ACTIONS.get(action) or (_BY_CLASS.get(status[0][0]) if status else None)
    if what is None:
        return None
    return Notice(
        what=what,
        recipients=tuple(_recipients(group)),
        enhanced=codes.telling([*status, *codes.enhanced_in(words)]),
        code=codes.basic_in(words),
        hint=codes.hinted(words) if what in {"bounced", "deferred"} else None,
    )


def _recipients(group: Mail) -> Iterator[str]:
    for name in ("Original-Recipient", "Final-Recipient", "X-Actual-Recipient"):
        kind, _, address = header(group, name).partition(";")
        plain = address.strip().strip("<>")
        if kind.strip().lower() == "utf-8":
            plain = _ESCAPED.sub(_letter, plain)
        if is_address(plain):
            yield plain


def _letter(escaped: re.Match[str]) -> str:
    """A letter written by its number (RFC 6533 3, utf-8-addr-xtext)."""
    number = int(escaped[1], 16)
    return chr(number) if number < 0xD800 or 0xDFFF < number <= 0x10FFFF else "\ufffd"


def complaint(part: Mail) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """What a complaint says, and the envelope senders that it names. Without a notice it is none."""
    report = fields(written_in(part))
    what = _COMPLAINTS.get(header(report, "Feedback-Type").lower())
    recipients = addresses(report, "Original-Rcpt-To", "Removal-Recipient")
    senders = addresses(report, "Original-Mail-From")
    return ((Notice(what, recipients),) if what else ()), senders


def returned(part: Mail) -> Mail | None:
    """The headers of the letter that a report brings back, where this part has them."""
    return fields(written_in(part)) if part.get_content_type() in _RETURNED else None


def known_by(letter: Mail) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """By what a returned letter can be known: its envelope sender, and its Message-ID."""
    return addresses(letter, "Return-Path"), message_ids(header(letter, "Message-ID"))
