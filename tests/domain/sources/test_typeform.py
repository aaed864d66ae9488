"""A response to a typeform, brought into shape by the programme's mapping."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.sources import NotUnderstood, reader
from schemas.programme import Conference
from schemas.registration import Consents, RegistrationData, RegistrationSubmitted
from tests.domain.sources.sample import CONFERENCE

FORM = next(form for form in CONFERENCE.forms if form.source == "typeform")


def asking(*questions: dict[str, Any]) -> Conference:
    """The programme with more questions in its typeform."""
    mapping = CONFERENCE.model_dump(mode="json")
    mapping["forms"][CONFERENCE.forms.index(FORM)]["questions"] += questions
    return Conference.model_validate(mapping)


def answer(ref: str, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    """An answer as it stands in a response."""
    return {"type": kind, kind: value, "field": {"id": f"fld_{ref}", "type": "any", "ref": ref}, **more}


NAME, ADDRESS = answer("first_name", "text", "Amina"), {
    "type": "email", "email": "amina.kovac@example.org", "field": {"id": "fld000000002", "type": "email", "ref": "x"},
}  # fmt: skip


def post(*answers: dict[str, Any], **response: Any) -> bytes:
    """A post in which the person is known, and more was answered."""
    said = {"form_id": FORM.form, "token": "t", "answers": [NAME, ADDRESS, *answers], **response}
    return json.dumps({"event_id": "e", "event_type": "form_response", "form_response": said}).encode()


def read(body: bytes, conference: Conference = CONFERENCE) -> RegistrationData:
    found = reader("typeform").read(body, "application/json", conference)
    assert isinstance(found, RegistrationSubmitted)
    return found.data


def codes(body: bytes, conference: Conference = CONFERENCE) -> list[tuple[str, str]]:
    with pytest.raises(NotUnderstood) as refusal:
        read(body, conference)
    return [(reason.field, reason.code) for reason in refusal.value.reasons]


def test_a_question_is_known_by_its_ref_or_its_id() -> None:
    assert read(post()) == RegistrationData(
        full_name="Amina", email="amina.kovac@example.org", sessions=("opening",), consents=Consents()
    )


def test_it_says_when_the_answers_were_given() -> None:
    found = reader("typeform").read(post(submitted_at="2026-09-01T09:05:13Z"), "application/json", CONFERENCE)
    assert isinstance(found, RegistrationSubmitted)
    assert found.submitted_at == datetime(2026, 9, 1, 9, 5, 13, tzinfo=UTC)


def test_a_question_is_known_by_its_title_in_the_definition() -> None:
    definition = {"fields": [{"id": "fld_z", "ref": "z", "title": "Interpretation  LANGUAGE"}]}
    assert read(post(answer("z", "choice", {"label": "Russian"}), definition=definition)).interpretation == "ru"


@pytest.mark.parametrize("definition", [None, {}, {"fields": None}])
def test_a_response_without_a_definition_is_read(definition: object) -> None:
    assert read(post(definition=definition)).full_name == "Amina"


@pytest.mark.parametrize(
    ("kind", "value", "needs"),
    [
        ("text", "A ramp", "A ramp"),
        ("choice", {"id": "c", "label": "A ramp"}, "A ramp"),
        ("choice", {"other": "A ladder"}, "A ladder"),
        ("choices", {"ids": ["a", "b"], "labels": ["A ramp", "A lift"]}, "A ramp A lift"),
        ("choices", {"labels": ["A ramp"], "other": "A ladder"}, "A ramp A ladder"),
        ("boolean", True, "yes"),
        ("boolean", False, "no"),
        ("number", 2, "2"),
        ("date", "2026-10-22", "2026-10-22"),
        ("phone_number", "+43 1 0000000", "+43 1 0000000"),
        ("url", "https://example.org/", "https://example.org/"),
        ("file_url", "https://example.org/cv.pdf", "https://example.org/cv.pdf"),
        ("text", " ", None),
        ("text", None, None),
        ("choice", {"label": None}, None),
    ],
)
def test_each_kind_of_answer_is_read(kind: str, value: Any, needs: str | None) -> None:
    asked = asking({"question": "needs", "field": "needs"})
    assert read(post(answer("needs", kind, value)), asked).needs == needs


@pytest.mark.parametrize("kind", ["payment", "multi_format", "a kind of next year"])
def test_what_is_no_words_is_a_reason_where_it_was_asked_for_and_else_passed_over(kind: str) -> None:
    body = post(answer("needs", kind, {"amount": "10", "name": "Amina"}))
    assert codes(body, asking({"question": "needs", "field": "needs"})) == [("needs", "unreadable")]
    assert read(body).needs is None


def test_an_answer_without_a_kind_is_no_answer() -> None:
    body = post({"field": {"ref": "needs"}}, {"type": "text", "field": {"ref": "needs"}})
    assert read(body, asking({"question": "needs", "field": "needs"})).needs is None


def test_a_hidden_field_can_be_asked_for() -> None:
    asked = asking({"question": "source", "field": "sessions", "answers": {"dams-page": "dams"}})
    assert read(post(hidden={"source": "dams-page", "utm": "x"}), asked).sessions == ("dams",)


def test_a_hidden_field_that_filled_in_a_question_is_not_read_twice() -> None:
    assert read(post(hidden={"first_name": "A."})).full_name == "Amina"


def test_a_hidden_field_gives_no_consent() -> None:
    """It stands in the address of the form, which anybody may have made."""
    asked = asking({"question": "photographs", "field": "consents.photography"})
    assert read(post(hidden={"consent": "yes", "Photographs": "yes"}), asked).consents == Consents()
    assert read(post(answer("consent", "boolean", True), hidden={"consent": "no"})).consents == Consents(recording=True)


def test_what_is_missing_is_named() -> None:
    assert codes(post(answers=None)) == [("full_name", "missing"), ("email", "missing")]


def test_another_form_has_no_mapping() -> None:
    assert codes(post(form_id="another")) == [("", "form-not-mapped")]


@pytest.mark.parametrize("response", [None, [], {"answers": "none"}, {"answers": [1]}, {"answers": [{"type": "text"}]}])
def test_what_is_no_response_has_a_reason(response: object) -> None:
    assert codes(json.dumps({"event_type": "form_response", "form_response": response}).encode())
