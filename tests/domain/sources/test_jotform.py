"""A submission of a Jotform form, brought into shape by the programme's mapping."""

import json
from typing import Any

import pytest

from domain.sources import NotUnderstood, reader
from schemas.registration import Consents, RegistrationData, RegistrationSubmitted
from tests.domain.sources.sample import CONFERENCE

FORM = next(form for form in CONFERENCE.forms if form.source == "jotform")


def post(form: str | None = FORM.form, **answers: Any) -> bytes:
    """What the door keeps of a submission in which the person is known, and more was answered."""
    said = {"slug": "submit/1/", "q3_name": {"first": "Noor", "last": ""}, "q4_email": "noor.single@example.org"}
    return json.dumps({"formID": form, "submissionID": "1", "rawRequest": json.dumps(said | answers)}).encode()


def read(body: bytes) -> RegistrationData:
    found = reader("jotform").read(body, "application/json", CONFERENCE)
    assert isinstance(found, RegistrationSubmitted)
    return found.data


def codes(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(NotUnderstood) as refusal:
        read(body)
    return [(reason.field, reason.code) for reason in refusal.value.reasons]


def test_a_question_is_known_by_its_number_its_name_or_both() -> None:
    assert read(post(q5_language="French")) == RegistrationData(
        full_name="Noor", email="noor.single@example.org", sessions=("opening",), interpretation="fr",
        consents=Consents(),
    )  # fmt: skip


def test_a_name_in_parts_is_joined_in_their_order() -> None:
    name = {"prefix": "Dr", "first": "Tomás", "middle": "", "last": "O&#039;Ferreira"}
    assert read(post(q3_name=name)).full_name == "Dr Tomás O'Ferreira"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("I&#039;ll &amp; &quot;you&quot; &lt;3", 'I\'ll & "you" <3'),
        ("&#x27;&#39;&apos;", "'''"),
        ("&amp;lt;", "&lt;"),  # once, and not what that would give
        ("R&D, Q&A", "R&D, Q&A"),
        ("black&copy white", "black&copy white"),
        ("&nosuch;", "&nosuch;"),
        ("&#" + "9" * 5000 + ";", None),
    ],
)
def test_what_jotform_has_escaped_is_read_as_it_was_typed(sent: str, meant: str | None) -> None:
    if meant is None:
        assert codes(post(q7_remarks=sent)) == [("needs", "too-long")]
    else:
        assert read(post(q7_remarks=sent)).needs == meant


@pytest.mark.parametrize("sneaked", ["Eve&#10;Bcc: all", "Eve&#x202e;evE", "Eve&#x2028;evE"])
def test_escaping_smuggles_nothing_into_a_name(sneaked: str) -> None:
    assert codes(post(q3_name=sneaked)) == [("full_name", "invalid")]


@pytest.mark.parametrize("nothing", ["Eve&#0;", "Eve&#55296;", "Eve&#xFFFFFF;"])
def test_what_stands_for_no_sign_is_replaced(nothing: str) -> None:
    assert read(post(q3_name=nothing)).full_name == "Eve\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("agreed", [["I agree"], {"0": "I agree"}, "I agree", ["I agree", ""]])
def test_a_tick_box_may_come_as_a_list_or_by_number(agreed: object) -> None:
    assert read(post(q6_consent=agreed)).consents == Consents(recording=True)


def test_an_answer_that_the_programme_explains_wins() -> None:
    found = read(post(q5_language="English (original)"))
    assert (found.interpretation, "interpretation" in found.model_fields_set) == (None, True)


def test_dates_grids_and_empty_answers_of_unmapped_questions_break_nothing() -> None:
    more: dict[str, Any] = {
        "q8_when": {"month": "10", "day": "22", "year": "2026"},
        "q9_grid": {"0": ["a", {"b": "c"}]},
        "q10_": "",
        "q_x": 1,
        "q11_none": None,
        "q12_number": 5,
        "event_id": "e",
    }
    assert read(post(**more)).full_name == "Noor"


def test_an_empty_answer_is_none() -> None:
    assert read(post(q5_language="", q6_consent=[], q7_remarks=None)).model_fields_set == {
        "full_name", "email", "sessions", "consents",
    }  # fmt: skip


def test_another_form_has_no_mapping() -> None:
    assert codes(post(form="another")) == [("", "form-not-mapped")]


@pytest.mark.parametrize("raw", [None, 1, "", "[]", "{", '{"q3_name": NaN}', '{"q3_name": "\\ud800"}'])
def test_what_is_no_submission_has_a_reason(raw: object) -> None:
    assert codes(json.dumps({"formID": FORM.form, "rawRequest": raw}).encode())
