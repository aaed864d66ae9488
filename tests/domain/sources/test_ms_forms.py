"""A response to a Microsoft form, brought into shape by the programme's mapping."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.sources import NotUnderstood, reader
from schemas.registration import Consents, RegistrationData, RegistrationSubmitted
from tests.domain.sources.sample import CONFERENCE

FORM = next(form for form in CONFERENCE.forms if form.source == "ms-forms")


def post(*, form: object = FORM.form, responder: object = "anonymous", **answers: Any) -> bytes:
    """What the flow sends of a person who is known, and has answered more."""
    said = {"first_name": "Amina", "email": "amina.kovac@example.org", **answers}
    return json.dumps({"form_id": form, "response_id": 17, "submitted_at": "9/1/2026 9:05:13 AM",
                       "responder": responder, "answers": said}).encode()  # fmt: skip


def read(body: bytes) -> RegistrationData:
    found = reader("ms-forms").read(body, "application/json", CONFERENCE)
    assert isinstance(found, RegistrationSubmitted)
    return found.data


def codes(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(NotUnderstood) as refusal:
        read(body)
    return [(reason.field, reason.code) for reason in refusal.value.reasons]


def test_questions_may_have_names_of_the_flows_own() -> None:
    assert read(post(language="Russian")) == RegistrationData(
        full_name="Amina",
        email="amina.kovac@example.org",
        sessions=("opening",),
        interpretation="ru",
        consents=Consents(),
    )


def test_a_moment_that_says_its_offset_is_when_the_answers_were_given() -> None:
    body = json.loads(post()) | {"submitted_at": "2026-09-01T09:05:13Z"}
    found = reader("ms-forms").read(json.dumps(body).encode(), "application/json", CONFERENCE)
    unclear = reader("ms-forms").read(post(), "application/json", CONFERENCE)
    assert isinstance(found, RegistrationSubmitted)
    assert isinstance(unclear, RegistrationSubmitted)
    assert (found.submitted_at, unclear.submitted_at) == (datetime(2026, 9, 1, 9, 5, 13, tzinfo=UTC), None)


@pytest.mark.parametrize("said", ['["I agree"]', ' [ "I agree" ] ', "I agree", ["I agree"]])
def test_several_choices_come_as_json_in_a_text(said: object) -> None:
    assert read(post(consent=said)).consents == Consents(recording=True)


@pytest.mark.parametrize("said", ["[I agree", '["I agree"] ]', "[", "[]", '["No"]'])
def test_a_bracket_that_somebody_has_written_is_no_consent(said: str) -> None:
    assert read(post(consent=said)).consents in (Consents(), None)


def test_a_name_that_begins_with_a_bracket_is_taken_as_it_stands() -> None:
    assert read(post(first_name="[Amina")).full_name == "[Amina"


def test_files_are_a_reason_where_they_were_asked_for_and_else_passed_over() -> None:
    files = json.dumps([{"name": "cv.pdf", "link": "https://example.org/cv.pdf"}])
    assert codes(post(language=files)) == [("interpretation", "unreadable")]
    assert read(post(upload=files)).full_name == "Amina"


def test_who_is_logged_in_is_known_by_the_address_where_no_question_asks_for_it() -> None:
    assert read(post(email="", responder="amina@mission.example.org")).email == "amina@mission.example.org"
    assert read(post(responder="amina@mission.example.org")).email == "amina.kovac@example.org"


def test_the_address_may_stand_among_the_details_of_the_response() -> None:
    answers = {"first_name": "Amina", "responder": "amina@mission.example.org"}
    body = json.dumps({"form_id": FORM.form, "response_id": 17, "answers": answers}).encode()
    assert read(body).email == "amina@mission.example.org"


@pytest.mark.parametrize("responder", [None, "", "anonymous", "Anonymous", [], {}, 5])
def test_an_anonymous_responder_has_no_address(responder: object) -> None:
    assert codes(post(email="", responder=responder)) == [("email", "missing")]


@pytest.mark.parametrize("form", ["another", None, 7])
def test_another_form_has_no_mapping(form: object) -> None:
    assert codes(post(form=form)) == [("", "form-not-mapped")]


@pytest.mark.parametrize("body", [b"{}", b'{"answers": []}', b'{"answers": "none"}', b'{"answers": null}'])
def test_what_is_no_response_has_a_reason(body: bytes) -> None:
    assert codes(body) == [("answers", "missing" if body == b"{}" else "invalid")]
