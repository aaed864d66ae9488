"""What the events of mail providers say. The bodies have their documented form, with invented people."""

import json
from typing import Any

import pytest

from domain.bounces import mailgun, postmark
from domain.bounces.codes import class_of
from domain.bounces.said import NotAReport, Notice, Report

OLGA = "olga@mission.example.org"
LETTER = "let_0123456789abcdefghjkmnpqrs"

BOUNCE = {
    "RecordType": "Bounce", "ID": 901542550, "Type": "HardBounce", "TypeCode": 1, "Name": "Hard bounce", "ServerID": 23,
    "MessageID": "2706ee8a-737c-4285-b032-ccd317af53ed", "MessageStream": "outbound", "Metadata": {"letter": LETTER},
    "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
    "Details": "smtp;550 5.1.1 The account that you tried to reach does not exist.", "Email": OLGA,
    "From": "secretariat@convenor.example.org", "BouncedAt": "2021-06-01T09:31:10.0000000+02:00", "DumpAvailable": True,
    "Inactive": True, "CanActivate": True, "Subject": "Invitation", "Content": "",
}  # fmt: skip

FAILED = {
    "id": "hTWCTD81RtiDN-demo", "event": "failed", "severity": "permanent", "reason": "bounce", "log-level": "error",
    "timestamp": 1622532670.389832, "recipient": OLGA, "recipient-domain": "mission.example.org", "user-variables": {},
    "message": {"headers": {"to": OLGA, "message-id": f"{LETTER}@convenor.example.org", "subject": "Invitation"}},
    "delivery-status": {"attempt-no": 1, "code": 550, "message": "5.1.1 does not exist", "description": ""},
}  # fmt: skip


def of_postmark(**changes: Any) -> Report:
    return postmark.read(json.dumps(BOUNCE | changes).encode())


def of_mailgun(**changes: Any) -> Report:
    return mailgun.read(json.dumps({"signature": {}, "event-data": FAILED | changes}).encode())


def test_a_bounce_of_postmarks_names_our_letter_by_its_metadata() -> None:
    assert of_postmark() == Report((Notice("bounced", (OLGA,), "5.1.1", 550, "hard"),), letters=(LETTER,))


def test_an_event_without_our_metadata_names_no_letter() -> None:
    assert of_postmark(Metadata={}).letters == ()


@pytest.mark.parametrize(
    ("kind", "details", "reason"),
    [
        ("HardBounce", "no details", "hard"), ("BadEmailAddress", "", "hard"), ("SoftBounce", "", "soft"),
        ("SoftBounce", "smtp;552 5.2.2 over quota", "full"), ("HardBounce", "smtp;550 mailbox full", "full"),
        ("HardBounce", "smtp;550 5.7.1 rejected", "policy"), ("Blocked", "smtp;550 no", "policy"),
        ("SpamNotification", "", "policy"), ("DMARCPolicy", "", "policy"), ("Unknown", "", "soft"),
        ("SomethingNew", "", "soft"), ("ManuallyDeactivated", "", "unclear"),
    ],
)  # fmt: skip
def test_postmarks_types_are_ours_but_for_what_its_details_say_better(kind: str, details: str, reason: str) -> None:
    (found,) = of_postmark(Type=kind, Details=details).notices
    assert (found.what, class_of(found)) == ("bounced", reason)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("Transient", "deferred"),
        ("AutoResponder", "autoresponded"),
        ("ChallengeVerification", "autoresponded"),
        ("Unsubscribe", "unsubscribed"),
    ],
)
def test_not_all_that_postmark_calls_a_bounce_is_one(kind: str, what: str) -> None:
    assert [one.what for one in of_postmark(Type=kind, Details="").notices] == [what]


def test_other_events_of_postmarks() -> None:
    assert of_postmark(RecordType="SpamComplaint").notices == (Notice("complained", (OLGA,)),)
    assert of_postmark(RecordType="Delivery", Email=None, Recipient=OLGA).notices == (Notice("delivered", (OLGA,)),)
    changed: dict[str, Any] = {
        "RecordType": "SubscriptionChange",
        "Email": None,
        "Recipient": OLGA,
        "SuppressSending": True,
    }
    assert of_postmark(**changed, SuppressionReason="ManualSuppression").notices == (Notice("unsubscribed", (OLGA,)),)
    assert of_postmark(**changed, SuppressionReason="HardBounce").notices == ()
    assert of_postmark(**(changed | {"SuppressSending": False})).notices == ()
    assert of_postmark(RecordType="Open").notices == ()


def test_a_failure_of_mailguns_names_the_letter_by_its_message_id() -> None:
    assert of_mailgun() == Report(
        (Notice("bounced", (OLGA,), "5.1.1", 550),), message_ids=(f"<{LETTER}@convenor.example.org>",)
    )


@pytest.mark.parametrize(
    ("changes", "what", "reason"),
    [
        ({"severity": "temporary", "delivery-status": {"code": 498, "message": "No MX"}}, "deferred", "soft"),
        ({"delivery-status": {"code": 552, "enhanced-code": "5.2.2", "message": ""}}, "bounced", "full"),
        ({"delivery-status": {"code": 550, "message": "no", "description": ""}}, "bounced", "unclear"),
        ({"delivery-status": {"code": 550, "message": "5.7.1 blocked"}}, "bounced", "policy"),
        (
            {"reason": "suppress-bounce", "delivery-status": {"code": 605, "message": "Not delivering to"}},
            "bounced",
            "hard",
        ),
        ({"event": "rejected", "reject": {"reason": "sandbox"}}, "bounced", "policy"),
        ({"delivery-status": None}, "bounced", "unclear"),
    ],
)
def test_why_mailgun_did_not_deliver(changes: dict[str, Any], what: str, reason: str) -> None:
    (found,) = of_mailgun(**changes).notices
    assert (found.what, class_of(found)) == (what, reason)


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("complained", ["complained"]), ("unsubscribed", ["unsubscribed"]), ("delivered", ["delivered"]),
        ("opened", []), ("clicked", []), ("accepted", []),
    ],
)  # fmt: skip
def test_other_events_of_mailguns(event: str, what: list[str]) -> None:
    assert [one.what for one in of_mailgun(event=event).notices] == what


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"RecordType": 1}', b'{"event-data": []}'])
def test_what_is_of_neither_is_refused(body: bytes) -> None:
    for read in (postmark.read, mailgun.read):
        with pytest.raises(NotAReport):
            read(body)
