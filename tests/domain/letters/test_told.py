"""What was told, as it is kept and as a discreet letter compares it."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from domain.letters.told import Told
from schemas.programme import Conference, Session

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


def test_what_is_no_such_thing_is_refused() -> None:
    with pytest.raises(ValidationError):
        Told.kept({"start": "yesterday"})


def test_a_discreet_letter_knows_the_old_time_and_the_old_room_and_nothing_else_of_old() -> None:
    before = replace(TOLD, start=TOLD.end, title="Old", place="Old room", spoken=("de",), into=(), interpretation=None)
    assert before.discreetly(TOLD) == replace(TOLD, start=TOLD.end, place="Old room")


def test_where_somebody_now_comes_to_the_room_or_no_longer_does_the_old_room_is_not_named() -> None:
    before = replace(TOLD, place="Old room", attendance="online")
    assert before.discreetly(TOLD) == replace(TOLD, attendance="online")
