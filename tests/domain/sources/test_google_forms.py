"""A response to a Google form, brought into shape by the programme's mapping."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.sources import NotUnderstood, reader
from schemas.programme import Conference
from schemas.registration import Consents, RegistrationData, RegistrationSubmitted
from tests.domain.sources.sample import CONFERENCE, FORM

NAME, FAMILY, ADDRESS = (100000001, "First name"), (100000002, "Last name"), (100000003, "E-mail")


def post(*answers: tuple[tuple[int, str], Any], form: str | None = FORM, address: str = "") -> bytes:
    """What the script sends: each answer with its item's number and title."""
    listed = [{"item_id": number, "title": title, "type": "TEXT", "value": value} for (number, title), value in answers]
    data = {"provider": "google_forms", "form_id": form, "response_id": "2_example", "respondent_email": address,
            "answers": listed}  # fmt: skip
    return json.dumps({"type": "registration.submitted", "data": data}).encode()


def read(body: bytes, conference: Conference = CONFERENCE) -> RegistrationData:
    found = reader("google-forms").read(body, "application/json", conference)
    assert isinstance(found, RegistrationSubmitted)
    return found.data


def codes(body: bytes, conference: Conference = CONFERENCE) -> list[tuple[str, str]]:
    with pytest.raises(NotUnderstood) as refusal:
        read(body, conference)
    return [(reason.field, reason.code) for reason in refusal.value.reasons]


def person(*more: tuple[str, Any]) -> bytes:
    """A person who has chosen the opening, and answered more questions."""
    fixed = [(NAME, "Елена"), (FAMILY, "Орлова-Пример"), (ADDRESS, "elena.orlova@example.org")]
    chosen = [] if any(title == "Which sessions?" for title, _ in more) else [("Which sessions?", ["Opening"])]
    return post(*fixed, *(((2000 + at, title), value) for at, (title, value) in enumerate([*chosen, *more])))


def test_names_are_joined_and_matched_by_number_or_by_title() -> None:
    assert read(person()) == RegistrationData(
        full_name="Елена Орлова-Пример", email="elena.orlova@example.org", sessions=("opening",), consents=Consents()
    )


def test_a_renamed_question_is_still_known_by_its_number() -> None:
    body = person().replace(b'"First name"', b'"Your given name, please"')
    assert read(body).full_name == "Елена Орлова-Пример"


def test_a_title_is_matched_without_regard_to_case_and_blanks() -> None:
    assert read(person().replace(b'"Last name"', b'"  LAST   name "')).full_name == "Елена Орлова-Пример"


def test_a_question_listed_by_title_and_by_number_is_read_once() -> None:
    mapping: dict[str, Any] = CONFERENCE.model_dump(mode="json")
    mapping["forms"][0]["questions"].append({"question": "First name", "field": "full_name"})
    assert read(person(), Conference.model_validate(mapping)).full_name == "Елена Орлова-Пример"


def test_sessions_are_chosen_by_title_or_id_and_once_each() -> None:
    chosen = ["dams, and who DECIDES", "opening", "Dams, and Who Decides"]
    assert read(person(("Which sessions?", chosen))).sessions == ("dams", "opening")


def test_all_sessions_can_be_chosen_in_a_word() -> None:
    assert read(person(("Which sessions?", "All sessions"))).sessions == "all"


def test_a_session_that_does_not_exist_is_refused_with_everything_else_that_is_wrong() -> None:
    body = person(("Which sessions?", ["Opening", "The Party"]), ("Your time zone", "Atlantis"))
    assert codes(body) == [("sessions", "unknown-session"), ("time_zone", "invalid")]


@pytest.mark.parametrize("said", ["Russian", "русский", "Russisch", "russe", "RU", "ru-RU", " russo "])
def test_a_language_is_understood_in_words(said: str) -> None:
    assert read(person(("Interpretation", said), ("Language of letters", said))) == RegistrationData(
        full_name="Елена Орлова-Пример", email="elena.orlova@example.org", sessions=("opening",), language="ru",
        interpretation="ru", consents=Consents(),
    )  # fmt: skip


@pytest.mark.parametrize("said", ["None", "No interpretation", "нет", "I understand English"])
def test_wanting_no_interpretation_is_said_and_not_only_left_out(said: str) -> None:
    found = read(person(("Interpretation", said)))
    assert (found.interpretation, "interpretation" in found.model_fields_set) == (None, True)


def test_what_was_not_asked_or_not_answered_is_not_said() -> None:
    found = read(person(("Language of letters", " "), ("Interpretation", "")))
    assert found.model_fields_set == {"full_name", "email", "sessions", "consents"}


@pytest.mark.parametrize("blank", [[], [("Recording", "")], [("Recording", []), ("Photographs", None)]])
def test_a_consent_that_is_asked_for_and_left_blank_is_not_given(blank: list[tuple[str, Any]]) -> None:
    """Whoever comes back and unticks the box has withdrawn it. Providers leave out what was left blank."""
    found = read(person(*blank)).consents
    assert found is not None
    assert found.model_dump(exclude_unset=True) == {"recording": False, "photography": False}


def test_a_form_that_asks_for_no_consent_says_nothing_of_any() -> None:
    body = post(((1, "Name"), "Tomás Ferreira"), (ADDRESS, "tomas@example.org"), form="another")
    assert read(body).consents is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-09-01T09:05:13.000Z", datetime(2026, 9, 1, 9, 5, 13, tzinfo=UTC)),
        ("2026-09-01T11:05:13+02:00", datetime(2026, 9, 1, 9, 5, 13, tzinfo=UTC)),
        ("2026-09-01T09:05:13", None),
        ("9/1/2026 9:05:13 AM", None),
        ("0001-01-01T00:00:00+14:00", None),
        (1788253513, None),
        (None, None),
    ],
)
def test_it_says_when_the_answers_were_given_and_not_when_they_were_sent(said: object, meant: datetime | None) -> None:
    post = json.loads(person()) | {"timestamp": "2026-09-02T00:00:00Z"}
    post["data"]["submitted_at"] = said
    found = reader("google-forms").read(json.dumps(post).encode(), "application/json", CONFERENCE)
    assert isinstance(found, RegistrationSubmitted)
    assert found.submitted_at == meant


def test_a_city_stands_for_its_zone() -> None:
    assert read(person(("Your time zone", "kyiv"))).time_zone == "Europe/Kyiv"


def test_a_meaning_given_by_the_programme_wins() -> None:
    assert read(person(("Will you come?", "at the HOFBURG"))).attendance == "in-person"


@pytest.mark.parametrize(("said", "meant"), [("Yes", "discreet"), ("да", "discreet"), ("No", "standard")])
def test_discreet_letters_are_a_yes_or_no_question(said: str, meant: str) -> None:
    assert read(person(("Discreet letters?", said))).visibility == meant


@pytest.mark.parametrize("yes", ["Yes", "oui", "Ja", "sì", "Sí", "да", ["Yes"]])
def test_a_consent_is_a_plain_yes_in_any_of_the_languages(yes: object) -> None:
    assert read(person(("Recording", yes))).consents == Consents(recording=True)


@pytest.mark.parametrize("answer", ["No", "Yes, but not my face", "Perhaps", ["Yes", "No"]])
def test_what_is_not_a_plain_yes_is_no_consent(answer: object) -> None:
    assert read(person(("Recording", answer))).consents == Consents()


def test_a_longer_answer_consents_where_the_programme_says_so() -> None:
    assert read(person(("Photographs", ["I may be in pictures"]))).consents == Consents(photography=True)


def test_the_address_that_google_collects_stands_in_for_a_question() -> None:
    body = post((NAME, "Tomás"), ((9, "Which sessions?"), "Opening"), address="tomas@example.org")
    assert read(body).email == "tomas@example.org"


def test_an_answered_address_is_preferred_to_the_one_that_google_collects() -> None:
    body = post((NAME, "Tomás"), (ADDRESS, "work@example.org"), ((9, "Which sessions?"), "Opening"),
                address="home@example.org")  # fmt: skip
    assert read(body).email == "work@example.org"


def test_a_form_without_a_mapping_of_its_own_uses_the_one_for_all() -> None:
    body = post(((1, "Name"), "Tomás Ferreira"), (ADDRESS, "tomas@example.org"), form="another")
    assert read(body).sessions == ("dams",)


def test_a_form_that_the_programme_does_not_know_is_refused_with_that_reason() -> None:
    unmapped = CONFERENCE.model_copy(update={"forms": CONFERENCE.forms[:1]})
    assert codes(post(form="another"), unmapped) == [("", "form-not-mapped")]


def test_what_is_missing_is_named() -> None:
    assert codes(post()) == [("full_name", "missing"), ("email", "missing"), ("sessions", "missing")]


def test_grids_numbers_and_blanks_are_read_without_breaking() -> None:
    assert read(person(("Unmapped grid", [["a", "b"], [None, 1]]), ("Scale", 5), ("Nothing", None))).email


@pytest.mark.parametrize("data", [{}, {"answers": "none"}, {"answers": [1]}, {"answers": [{"item_id": []}]}])
def test_a_post_without_a_list_of_answers_is_refused(data: object) -> None:
    body = json.dumps({"type": "registration.submitted", "data": data}).encode()
    assert [field for field, _ in codes(body)] == ["answers"]
