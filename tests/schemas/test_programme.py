"""A programme's shapes: what they take, and that they come back from JSON as they were."""

from datetime import time

import pytest
from pydantic import BaseModel, ValidationError

from config.settings import ROOT
from schemas.programme import Conference, Form, Session


def a_session(**fields: object) -> Session:
    known = {"id": "evening", "title": "An evening", "date": "2021-06-14", "start": "18:00", "end": "19:00"}
    return Session.model_validate({**known, **fields})


def test_a_programme_comes_back_from_json_as_it_was() -> None:
    conference = Conference.model_validate({
        "id": "a-conference", "title": "A conference", "starts": "2021-06-14", "ends": "2021-06-16",
        "sessions": [a_session(registration="https://example.org/", zoom={"account": "osce-org"})],
    })  # fmt: skip
    assert Conference.model_validate_json(conference.model_dump_json()) == conference


def test_a_session_can_be_remembered_by_caches() -> None:
    assert hash(a_session(assumed=[{"field": "zoom", "why": "No account is named."}])) != hash(a_session())


@pytest.mark.parametrize("start", [1080, 64800, "18:00Z", "18:00+02:00", "1800", "6 pm", "9:00", "24:00", "18:00:30"])
def test_a_time_is_two_digits_a_colon_and_two_digits(start: object) -> None:
    with pytest.raises(ValidationError, match="must be a time of day"):
        a_session(start=start)


def test_a_time_is_a_wall_clock_s_and_has_no_zone() -> None:
    assert a_session().start == time(18)


@pytest.mark.parametrize("date", [1623628800, "1623628800", "14.06.2021", "2021-6-14", "2021-06-14T00:00:00Z"])
def test_a_date_is_year_month_day(date: object) -> None:
    with pytest.raises(ValidationError, match="must be a date"):
        a_session(date=date)


@pytest.mark.parametrize("title", ["Two\nlines", "A title\r\nBcc: someone@example.org", "\x1b[31mred"])
def test_a_title_cannot_carry_a_line_into_a_header(title: str) -> None:
    with pytest.raises(ValidationError, match="must be one line"):
        a_session(title=title)


@pytest.mark.parametrize("number", [0x85, 0x2028, 0x2029, 0x202E, 0x2066, 0xE000, 0xF0000, 0x10FFFD])
def test_a_title_has_no_hidden_ends_of_lines_turns_of_direction_or_private_characters(number: int) -> None:
    """U+F0000 and on stand for one reader's own address while a letter is drafted (domain.letters.view)."""
    with pytest.raises(ValidationError, match=rf"must be one line; .*: U\+{number:04X}"):
        a_session(title=f"A title{chr(number)}eltit A")


@pytest.mark.parametrize("title", ["Ça va – “один”, два…", "كلمة\u200f (3)", "Two\u00a0shores", "e\u0301t\u00e9"])
def test_a_title_may_be_in_any_script(title: str) -> None:
    assert a_session(title=title).title == title


@pytest.mark.parametrize("zone", ["CET", "CEST", "GMT+2", "Vienna", "Europe/Wien", "../../etc/passwd", ""])
def test_a_time_zone_is_an_area_and_a_city(zone: str) -> None:
    with pytest.raises(ValidationError, match="is not an IANA time zone"):
        Conference.model_validate({
            "id": "a", "title": "A", "starts": "2021-06-14", "ends": "2021-06-16", "sessions": [], "time_zone": zone,
        })  # fmt: skip


def test_a_confirmed_session_has_title_date_and_hours() -> None:
    with pytest.raises(ValidationError, match="title, date missing"):
        a_session(title=None, date=None)


def test_an_unconfirmed_session_may_leave_them_open() -> None:
    slot = Session(id="slot", unconfirmed="Nobody has asked for it.")
    assert (slot.title, slot.date, slot.start, slot.end) == (None, None, None, None)


def test_errors_do_not_repeat_what_was_written() -> None:
    with pytest.raises(ValidationError) as wrong:
        a_session(start="a-secret-word")
    assert "a-secret-word" not in str(wrong.value)


@pytest.mark.parametrize("shape", [Conference, Session, Form])
def test_every_field_stands_in_the_documentation(shape: type[BaseModel]) -> None:
    documentation = (ROOT / "docs" / "programmes.md").read_text(encoding="utf-8")
    assert [name for name in shape.model_fields if f"`{name}" not in documentation] == []


def a_conference(**fields: object) -> Conference:
    known = {"id": "a", "title": "A", "starts": "2021-06-14", "ends": "2021-06-16", "sessions": [a_session()]}
    return Conference.model_validate({**known, **fields})


def test_texts_in_further_languages_come_back_from_json_as_they_were() -> None:
    conference = a_conference(
        translations={"fr": {"title": "Une conférence"}},
        sessions=[a_session(translations={"ru": {"title": "Вечер"}})],
    )
    assert Conference.model_validate_json(conference.model_dump_json()) == conference


def test_two_sessions_that_differ_in_a_translation_are_two() -> None:
    translated = a_session(translations={"ru": {"title": "Вечер"}})
    assert translated != a_session()
    assert len({translated, a_session()}) == 2


@pytest.mark.parametrize(
    ("translations", "said"),
    [
        ({"pl": {"title": "Wieczór"}}, "Input should be 'en', 'fr', 'de', 'it', 'ru' or 'es'"),
        ({"fr": {}}, "it holds no text"),
        ({"fr": {"title": ""}}, "at least 1 character"),
        ({"fr": {"titre": "Une soirée"}}, "Extra inputs are not permitted"),
        ({"fr": {"place": "Hofburg, Vienne"}}, "fr has place, and there is none to translate"),
        ({"fr": {"convenors": ["Un"]}}, "fr has convenors, and there is none to translate"),
    ],
)
def test_a_translation_is_of_a_text_that_is_there_into_a_language_of_letters(
    translations: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        a_session(translations=translations)


def test_convenors_are_translated_all_or_not_at_all() -> None:
    with pytest.raises(ValidationError, match="fr has not as many convenors"):
        a_session(convenors=["The one", "The other"], translations={"fr": {"convenors": ["L’un"]}})


def test_nothing_is_translated_into_the_language_it_is_in() -> None:
    with pytest.raises(ValidationError, match="evening: the texts are in fr already"):
        a_conference(language="fr", sessions=[a_session(translations={"fr": {"title": "Une soirée"}})])
