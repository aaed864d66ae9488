"""What a registration may say, and in which ways people and programs say nothing."""

import pytest
from pydantic import ValidationError

from schemas.registration import RegistrationData, RegistrationSubmitted, RegistrationWithdrawn

PERSON = {"full_name": "Olga Petrenko", "email": "olga@mission.example.org", "sessions": ["survivor-voices"]}


@pytest.mark.parametrize(
    "name",
    ["", "   ", "A\nB", "A\x00B", "A\x81B", "A\u0085B", "\u200b\u200b", "...", "A\u202eB",
     "http://evil.example.org/ click here", "WWW.evil.example.org"],
)  # fmt: skip
def test_a_name_that_nobody_typed_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        RegistrationData.model_validate(PERSON | {"full_name": name})


@pytest.mark.parametrize("name", ["O'Hara", "Ng", "Иванова-Пример", "José María", "李", 'Anna "Ana" Öz, PhD', "X Æ 12"])
def test_a_name_that_people_have_is_taken(name: str) -> None:
    assert RegistrationData.model_validate(PERSON | {"full_name": f"  {name} "}).full_name == name


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_choice_says_nothing(nothing: str | None) -> None:
    names = ("title", "organisation", "country", "language", "time_zone", "attendance", "interpretation", "visibility",
             "alias", "needs")  # fmt: skip
    said = RegistrationData.model_validate(PERSON | dict.fromkeys(names, nothing))
    assert [getattr(said, name) for name in names] == [None] * len(names)


def test_codes_are_understood_in_either_case() -> None:
    said = RegistrationData.model_validate(
        PERSON | {"language": "RU", "interpretation": "Fr", "attendance": "In_Person", "visibility": "Discreet"}
    )
    assert (said.language, said.interpretation, said.attendance, said.visibility) == (
        "ru", "fr", "in-person", "discreet",
    )  # fmt: skip


def test_a_consent_that_is_null_is_none_given() -> None:
    said = RegistrationData.model_validate(PERSON | {"consents": {"recording": None, "photography": True}})
    assert said.consents is not None
    assert (said.consents.recording, said.consents.photography) == (False, True)


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", 5])
def test_what_a_sender_takes_the_time_for_keeps_nobody_out(timestamp: object) -> None:
    body = {"type": "registration.submitted", "timestamp": timestamp, "data": PERSON}
    assert RegistrationSubmitted.model_validate(body).data.full_name == "Olga Petrenko"


def test_a_withdrawal_that_names_no_session_is_from_all() -> None:
    for data in ({}, {"sessions": None}, {"sessions": "all"}):
        body = {"type": "registration.withdrawn", "data": {"email": "olga@mission.example.org", **data}}
        assert RegistrationWithdrawn.model_validate(body).data.sessions == "all"
