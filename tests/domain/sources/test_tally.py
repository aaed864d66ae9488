"""A response to a Tally form, brought into shape by the programme's mapping."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.sources import NotUnderstood, reader
from schemas.programme import Conference
from schemas.registration import Consents, RegistrationData, RegistrationSubmitted
from tests.domain.sources.sample import CONFERENCE

FORM = next(form for form in CONFERENCE.forms if form.source == "tally")
NAME = {"key": "question_f00001", "label": "First name", "type": "INPUT_TEXT", "value": "Tomás"}
ADDRESS = {"key": "question_f00002", "label": "E-mail", "type": "INPUT_EMAIL", "value": "tomas.ferreira@example.org"}
LANGUAGES = [{"id": "e1", "text": "French"}, {"id": "e2", "text": "Russian"}]


def field(key: str, value: Any, **more: Any) -> dict[str, Any]:
    """A question as it stands in a response."""
    return {"key": key, "label": None, "type": "ANY", "value": value, **more}


def post(*fields: dict[str, Any], **data: Any) -> bytes:
    """A post in which the person is known, and more was answered."""
    said = {"formId": FORM.form, "submissionId": "s", "fields": [NAME, ADDRESS, *fields], **data}
    return json.dumps({"eventId": "e", "eventType": "FORM_RESPONSE", "data": said}).encode()


def read(body: bytes, conference: Conference = CONFERENCE) -> RegistrationData:
    found = reader("tally").read(body, "application/json", conference)
    assert isinstance(found, RegistrationSubmitted)
    return found.data


def codes(body: bytes, conference: Conference = CONFERENCE) -> list[tuple[str, str]]:
    with pytest.raises(NotUnderstood) as refusal:
        read(body, conference)
    return [(reason.field, reason.code) for reason in refusal.value.reasons]


def test_a_question_is_known_by_its_key_or_its_label() -> None:
    assert read(post()) == RegistrationData(
        full_name="Tomás", email="tomas.ferreira@example.org", sessions=("opening",), consents=Consents()
    )


def test_it_says_when_the_answers_were_given() -> None:
    found = reader("tally").read(post(createdAt="2026-09-01T09:05:13.000Z"), "application/json", CONFERENCE)
    assert isinstance(found, RegistrationSubmitted)
    assert found.submitted_at == datetime(2026, 9, 1, 9, 5, 13, tzinfo=UTC)


@pytest.mark.parametrize("chosen", [["e2"], "e2"])
def test_what_was_chosen_is_looked_up_in_the_options(chosen: object) -> None:
    assert read(post(field("question_f00003", chosen, options=LANGUAGES))).interpretation == "ru"


def test_what_was_written_beside_other_is_taken_as_it_stands() -> None:
    assert read(post(field("question_f00003", ["русский"], options=LANGUAGES))).interpretation == "ru"


def test_a_choice_that_no_option_explains_is_refused_where_it_matters() -> None:
    assert codes(post(field("question_f00003", ["e9"], options=LANGUAGES))) == [("interpretation", "invalid")]


def test_an_id_that_no_option_explains_is_not_taken_for_words() -> None:
    unknown = "00000000-0000-4000-8000-0000000000e9"
    assert codes(post(field("question_f00005", [unknown], options=LANGUAGES)), with_needs()) == [
        ("needs", "unreadable"),
    ]  # fmt: skip
    assert read(post(field("question_f00005", unknown)), with_needs()).needs == unknown


def with_needs() -> Conference:
    """The programme with one more question in its form."""
    mapping = CONFERENCE.model_dump(mode="json")
    mapping["forms"][CONFERENCE.forms.index(FORM)]["questions"].append(
        {"question": "question_f00005", "field": "needs"}
    )
    return Conference.model_validate(mapping)


def test_tick_boxes_that_stand_there_once_more_for_each_option_are_read_once() -> None:
    boxes = [
        field("question_f00004", ["c1"], options=[{"id": "c1", "text": "I agree"}]),
        field("question_f00004_c1", True),
    ]
    assert read(post(*boxes)).consents == Consents(announcements=True)


@pytest.mark.parametrize(("ticked", "meant"), [(True, True), (False, False)])
def test_a_single_tick_box_is_yes_or_no(ticked: bool, meant: bool) -> None:
    assert read(post(field("question_f00004", ticked))).consents == Consents(announcements=meant)


@pytest.mark.parametrize(
    "value", [[{"id": "f", "name": "cv.pdf", "url": "https://example.org/cv.pdf"}], {"row": ["column"]}, [["a", {}]]]
)
def test_what_is_no_words_is_a_reason_where_it_was_asked_for_and_else_passed_over(value: object) -> None:
    assert codes(post(field("question_f00003", value))) == [("interpretation", "unreadable")]
    assert read(post(field("question_unmapped", value))).full_name == "Tomás"


@pytest.mark.parametrize("options", ["none", [1], [{"id": ["a"], "text": "b"}], {"e1": "French"}])
def test_options_of_another_kind_break_nothing(options: object) -> None:
    assert read(post(field("question_f00003", "ru", options=options))).interpretation == "ru"


def test_an_empty_answer_is_none() -> None:
    assert read(post(field("question_f00003", None), field("question_f00004", []))).model_fields_set == {
        "full_name", "email", "sessions", "consents",
    }  # fmt: skip


def test_another_form_has_no_mapping() -> None:
    assert codes(post(formId="another")) == [("", "form-not-mapped")]


@pytest.mark.parametrize("data", [None, [], {}, {"fields": "none"}, {"fields": [1]}, {"fields": [{"key": []}]}])
def test_what_is_no_response_has_a_reason(data: object) -> None:
    assert codes(json.dumps({"eventType": "FORM_RESPONSE", "data": data}).encode())
