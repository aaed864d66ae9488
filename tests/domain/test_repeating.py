"""What is said again: as things stand now, with the same entry and a later stamp."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.earlier import Earlier
from domain.repeating import said_again
from domain.telling import Place, Reader, Word
from schemas.programme import Conference

NOW = datetime(2030, 6, 1, 12, 0, 0, 500, tzinfo=UTC)
CONFERENCE = Conference.model_validate({
    "id": "lecture", "title": "A conference", "starts": "2030-06-14", "ends": "2030-06-16",
    "sessions": [
        {"id": "talk", "title": "A talk", "date": "2030-06-15", "start": "18:00", "end": "19:30"},
        {"id": "off", "title": "Not held", "date": "2030-06-15", "start": "18:00", "end": "19:30", "cancelled": True},
        {"id": "past", "title": "Long past", "date": "2030-05-15", "start": "18:00", "end": "19:30"},
    ],
})  # fmt: skip
PLACE = Place(session="talk", state="registered", attendance="online", interpretation=None, link="present", revision=4,
              told_revision=3, sequence=2, changes=(), entry="requested", told=None)  # fmt: skip
SENT = Earlier(id="let_1", kind="update", state="sent", tries=1, method="REQUEST", changes=(), before=None, sequence=2,
               dtstamp=NOW, may_have_gone=True)  # fmt: skip


def again(session: str = "talk", *earlier: Earlier, **place: Any) -> Word:
    planned = CONFERENCE.session(session)
    assert planned is not None
    reader = Reader("en", "Europe/Vienna", "standard")
    return said_again(replace(PLACE, session=session, **place), planned, CONFERENCE, reader, earlier, NOW)


def test_who_is_registered_is_invited_with_the_same_sequence_and_a_later_stamp() -> None:
    word = again("talk", SENT)
    assert word.letter is not None
    assert (word.letter.kind, word.letter.method, word.letter.sequence, word.letter.revision) == (
        "invitation", "REQUEST", 2, 4,
    )  # fmt: skip
    assert word.letter.dtstamp == NOW + timedelta(seconds=1)
    assert (word.entry, word.sequence, word.withheld) == ("requested", 2, ())


@pytest.mark.parametrize(
    ("session", "state", "kind"), [("talk", "withdrawn", "withdrawal"), ("off", "registered", "cancellation")]
)
@pytest.mark.parametrize("had_entry", [True, False])
def test_an_end_takes_out_an_entry_again_where_there_was_one(
    session: str, state: str, kind: str, had_entry: bool
) -> None:
    word = again(session, *([replace(SENT, method="CANCEL")] if had_entry else []), state=state)
    assert word.letter is not None
    assert (word.letter.kind, word.letter.method) == (kind, "CANCEL" if had_entry else None)


def test_of_what_is_over_nothing_is_said_again_and_nothing_changes() -> None:
    assert again("past", SENT) == Word(None, (), "requested", 2, None)


def test_what_is_planned_is_overtaken() -> None:
    assert again("talk", SENT, replace(SENT, id="let_2", state="planned", may_have_gone=False)).withheld == ("let_2",)
