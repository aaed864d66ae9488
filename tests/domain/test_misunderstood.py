"""Which rejected submissions their sender can mend, and whom to write to."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.misunderstood import attempt, is_for_the_participant, may_be_told
from schemas.programme import Conference, Form
from schemas.registration import Attempt, Reason

NOW = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)
FORM = Form.model_validate(
    {
        "source": "google-forms",
        "questions": [
            {"question": "Name", "field": "full_name"}, {"question": "Mail", "field": "email"},
            {"question": "Letters", "field": "language"}, {"question": "Sessions", "field": "sessions"},
        ],
    }
)  # fmt: skip
CONFERENCE = Conference(id="c", title="C", starts=date(2021, 6, 14), ends=date(2021, 6, 16), sessions=(), forms=(FORM,))


def reason(field: str, code: str) -> Reason:
    return Reason(field=field, code=code, message="A sentence.")


@pytest.mark.parametrize(
    ("source", "reasons", "mended"),
    [
        ("google-forms", [("full_name", "missing")], True),
        ("standard", [("sessions", "unknown-session")], True),
        ("typeform", [("sessions", "session-cancelled")], True),
        ("tally", [("sessions", "session-over")], True),
        ("jotform", [("sessions", "missing"), ("full_name", "invalid")], True),
        ("ms-forms", [("needs", "too-long")], True),
        ("standard", [("full_name", "unreadable")], True),
        ("google-forms", [("full_name", "missing"), ("language", "invalid")], False),
        ("google-forms", [("", "form-not-mapped")], False),
        ("standard", [("", "not-json")], False),
        ("standard", [("type", "invalid")], False),
        ("standard", [("email", "invalid")], False),
        ("standard", [("email", "not-registered")], False),
        ("standard", [("conference", "unknown-conference")], False),
        ("hosted", [("sessions", "session-over")], False),
        ("zoom", [("sessions", "session-over")], False),
        ("lost-link", [("full_name", "missing")], False),
        ("standard", [], False),
    ],
)
def test_only_what_whoever_sent_it_can_mend_is_for_them(
    source: str, reasons: list[tuple[str, str]], mended: bool
) -> None:
    assert is_for_the_participant(source, [reason(*one) for one in reasons]) is mended


def of_google(**answers: str) -> bytes:
    said = [{"title": title, "value": value} for title, value in answers.items()]
    return json.dumps({"data": {"form_id": "f", "answers": said}}).encode()


def test_a_forms_answers_say_whom_to_write_to_in_which_language() -> None:
    body = of_google(Mail="olga@mission.example.org", Letters="Russian", Sessions="No such session")
    found = attempt("google-forms", body, "application/json", CONFERENCE)
    assert found == Attempt(email="olga@mission.example.org", language="ru")


def test_a_native_body_does_too_also_where_it_was_understood_and_refused() -> None:
    data = {"full_name": "Olga", "email": "olga@mission.example.org", "sessions": ["gone"], "visibility": "discreet"}
    body = json.dumps({"type": "registration.submitted", "data": data}).encode()
    found = attempt("standard", body, "application/json", CONFERENCE)
    assert found == Attempt(email="olga@mission.example.org", visibility="discreet")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"type": "registration.submitted"}', b'{"type": "registration.submitted", "data": {"email": "x"}}',
     b'{"type": "registration.withdrawn", "data": {"email": "olga@mission.example.org"}}',
     b'{"type": "registration.withdrawn", "data": {"email": "olga@mission.example.org", "sessions": []}}'],
)  # fmt: skip
def test_where_no_address_can_be_read_or_nobody_registers_nobody_is_written_to(body: bytes) -> None:
    assert attempt("standard", body, "application/json", CONFERENCE) is None


def test_one_letter_a_day_and_three_for_a_conference() -> None:
    day = timedelta(days=1)
    assert may_be_told([], NOW)
    assert not may_be_told([NOW - day + timedelta(seconds=1)], NOW)
    assert may_be_told([NOW - day], NOW)
    assert may_be_told([NOW - 2 * day, NOW - day], NOW)
    assert not may_be_told([NOW - 3 * day, NOW - 2 * day, NOW - day], NOW)
