"""The native body, as other programs send it."""

import json
from datetime import UTC, datetime

import pytest

from domain.sources import NotUnderstood, reader
from schemas.registration import (
    Consents,
    LinksData,
    LinksRequested,
    Reason,
    RegistrationData,
    RegistrationSubmitted,
    RegistrationWithdrawn,
    WithdrawalData,
)  # fmt: skip
from tests.domain.sources.sample import CONFERENCE, native


def read(message: object) -> object:
    return reader("standard").read(json.dumps(message).encode(), "application/json", CONFERENCE)


def test_when_it_was_submitted_is_not_taken_from_a_native_body() -> None:
    message = {"type": "registration.submitted", "data": native(), "submitted_at": "2026-09-01T09:05:13Z"}
    found = read(message)
    assert isinstance(found, RegistrationSubmitted)
    assert found.submitted_at is None


def refused(body: bytes) -> tuple[Reason, ...]:
    with pytest.raises(NotUnderstood) as refusal:
        reader("standard").read(body, "application/json", CONFERENCE)
    return refusal.value.reasons


def test_a_submission_is_read_whole() -> None:
    data = native(language="ru", time_zone="Europe/Kyiv", interpretation="ru", consents={"recording": True})
    found = read({"type": "registration.submitted", "timestamp": "2026-09-01T09:05:13.000Z", "data": data})
    assert found == RegistrationSubmitted(
        type="registration.submitted",
        timestamp=datetime(2026, 9, 1, 9, 5, 13, tzinfo=UTC),
        data=RegistrationData(
            full_name="Amina Kovač-Demo", email="amina.kovac@example.org", sessions=("opening",), language="ru",
            time_zone="Europe/Kyiv", interpretation="ru", consents=Consents(recording=True),
        ),
    )  # fmt: skip


def test_a_withdrawal_without_sessions_is_from_all_of_them() -> None:
    found = read({"type": "registration.withdrawn", "data": {"email": "amina.kovac@example.org"}})
    assert found == RegistrationWithdrawn(
        type="registration.withdrawn", data=WithdrawalData(email="amina.kovac@example.org", sessions="all")
    )


def test_somebody_may_ask_for_their_links() -> None:
    found = read({"type": "registration.links_requested", "data": {"email": "amina.kovac@example.org", "all": True}})
    assert found == LinksRequested(
        type="registration.links_requested", data=LinksData(email="amina.kovac@example.org")
    )  # fmt: skip


def test_links_that_are_asked_for_without_an_address_are_refused() -> None:
    assert refused(b'{"type": "registration.links_requested", "data": {}}') == (
        Reason(field="email", code="missing", message="Give an e-mail address."),
    )


def test_what_the_shape_does_not_know_is_dropped() -> None:
    found = read({"type": "registration.submitted", "data": native(passport="X-1"), "extra": 1})
    assert "X-1" not in repr(found)


def test_everything_that_is_wrong_is_said_at_once_and_no_value_is_repeated() -> None:
    data = native(email="not-an-address", time_zone="Mars", full_name="Eve\r\nBcc: all", sessions=[],
                  consents={"recording": "perhaps"})  # fmt: skip
    body = json.dumps({"type": "registration.submitted", "data": data}).encode()
    reasons = refused(body)
    assert [(reason.field, reason.code) for reason in reasons] == [
        ("full_name", "invalid"),
        ("email", "invalid"),
        ("time_zone", "invalid"),
        ("sessions", "missing"),
        ("consents.recording", "invalid"),
    ]
    assert not any(word in repr(reasons) for word in ("not-an-address", "Mars", "Bcc", "perhaps"))


def test_a_field_of_two_kinds_gets_one_reason() -> None:
    body = json.dumps({"type": "registration.submitted", "data": native(sessions={"id": 1})}).encode()
    assert refused(body) == (
        Reason(field="sessions", code="invalid", message="Choose sessions by their ids, or all of them."),
    )


def test_missing_data_is_said_of_the_whole() -> None:
    assert refused(b'{"type": "registration.submitted"}') == (
        Reason(field="data", code="missing", message="This is missing."),
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b"\xff\xfe", "not-json"),
        (b'{"type": "\\ud800"}', "not-json"),
        (b'{"a": NaN}', "not-json"),
        (b"[" * 100_000, "not-json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not-json"),
        (b"[]", "not-an-object"),
        (b'{"type": "registration.baked"}', "invalid"),
        (b'{"type": {"registration": "submitted"}}', "invalid"),
    ],
)
def test_what_is_no_message_of_ours_has_one_reason(body: bytes, code: str) -> None:
    assert [reason.code for reason in refused(body)] == [code]


def test_an_unknown_source_is_a_reason_too() -> None:
    with pytest.raises(NotUnderstood) as refusal:
        reader("carrier-pigeon")
    assert [reason.code for reason in refusal.value.reasons] == ["unknown-source"]


def test_the_message_of_a_refusal_names_fields_and_codes_only() -> None:
    with pytest.raises(NotUnderstood) as refusal:
        read({"type": "registration.submitted", "data": native(email="secret@")})
    assert str(refusal.value) == "email: invalid"
