"""What was told, as it is kept and as a discreet letter compares it."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from domain.letters.told import Told
from domain.programme import said_in, session_in
from schemas.programme import Conference, Session, SessionTexts

CONFERENCE = Conference(
    id="c", title="C", starts=date(2021, 6, 14), ends=date(2021, 6, 16), place="Hofburg, Vienna", sessions=(),
    languages=("en", "fr"),
)  # fmt: skip
SESSION = Session.model_validate(
    {
        "id": "s",
        "title": "Выступление",
        "date": "2021-06-15",
        "start": "18:00",
        "end": "19:30",
        "interpretation": ["ru"],
    }
)
TOLD = Told.of(SESSION, CONFERENCE, "in-person", "ru")


def test_what_is_kept_comes_back_the_same() -> None:
    assert TOLD.to_keep()["start"] == "2021-06-15T16:00:00Z"
    assert Told.kept(TOLD.to_keep()) == TOLD


def test_it_is_kept_which_language_each_text_was_in() -> None:
    titled = SESSION.model_copy(update={"translations": {"ru": SessionTexts(title="Слово")}})
    told = Told.of(session_in(titled, "ru"), said_in(CONFERENCE, "ru"), "in-person", "ru", "ru")
    assert (told.title, told.title_language) == ("Слово", "ru")
    assert (told.place, told.place_language) == ("Hofburg, Vienna", "en")
    kept = Told.kept(told.to_keep())
    assert (kept.title_language, kept.place_language) == ("ru", "en")


def test_what_was_kept_without_its_languages_is_the_same_and_does_not_name_them() -> None:
    kept = {name: value for name, value in TOLD.to_keep().items() if not name.endswith("_language")}
    told = Told.kept(kept)
    assert (told.title_language, told.place_language) == (None, None)
    assert told == Told.of(SESSION, CONFERENCE, "in-person", "ru", "en")


def test_an_old_room_that_a_discreet_letter_names_keeps_its_language() -> None:
    before = replace(TOLD, place="Alter Saal", place_language="de", title_language="de")
    quiet = before.discreetly(Told.of(SESSION, CONFERENCE, "in-person", "ru", "en"))
    assert (quiet.place, quiet.place_language, quiet.title_language) == ("Alter Saal", "de", "en")


def test_what_is_no_such_thing_is_refused() -> None:
    with pytest.raises(ValidationError):
        Told.kept({"start": "yesterday"})


def test_a_discreet_letter_knows_the_old_time_and_the_old_room_and_nothing_else_of_old() -> None:
    before = replace(TOLD, start=TOLD.end, title="Old", place="Old room", spoken=("de",), into=(), interpretation=None)
    assert before.discreetly(TOLD) == replace(TOLD, start=TOLD.end, place="Old room")


def test_where_somebody_now_comes_to_the_room_or_no_longer_does_the_old_room_is_not_named() -> None:
    before = replace(TOLD, place="Old room", attendance="online")
    assert before.discreetly(TOLD) == replace(TOLD, attendance="online")
