"""Old and new, side by side: what an update finds changed, and in which words."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.letters.catalogues import load
from domain.letters.differences import Difference, differences
from domain.letters.model import Person
from domain.letters.told import Told
from domain.programme import Said
from tests.domain.letters.samples import (
    CONFERENCE,
    DESK,
    EVERYTHING_ELSE,
    LOCALE,
    NO_LINK,
    order,
    person,
    session,
    told,
    visit,
)

ENGLISH = load(LOCALE)["en"]
NOW = ("Tuesday, 15 June 2021", "12:00–13:30 Vienna time (CEST, UTC+2)", "06:00–07:30 New York (UTC−4)")


def found(before: Told | None, *, attendance: str = "online", **changes: Any) -> dict[str, tuple[list[str], list[str]]]:
    """What differs, by its matter: the lines of old and of new."""
    link = {} if attendance == "online" else NO_LINK
    written = order("update", visit("night-watch", attendance=attendance, **link), before=before, **changes)
    told_so = differences(written, ENGLISH)
    return {one.matter: ([line.text for line in one.old], [line.text for line in one.new]) for one in told_so}


def test_nothing_is_different_from_what_was_told_last() -> None:
    assert found(told()) == {}


def test_nothing_is_different_where_nobody_knows_what_was_told() -> None:
    assert found(None) == {}


def test_each_matter_is_told_old_and_new_in_the_order_of_importance() -> None:
    differs = found(told(**EVERYTHING_ELSE))
    assert list(differs) == ["time", "title", "place", "attendance", "languages", "interpretation"]
    assert differs == {
        "time": (
            [
                "Tuesday, 15 June 2021",
                "00:00–01:30 Vienna time (CEST, UTC+2)",
                "Monday, 14 June 2021, 18:00–19:30 New York (UTC−4)",
            ],
            [*NOW],
        ),
        "title": (["The watch by night"], ["The night watch"]),
        "place": (["not yet known"], ["Room 3, Old Customs House"]),
        "attendance": (["In person"], ["Online, on Zoom"]),
        "languages": (["English and German"], ["English → Russian (simultaneous interpretation)"]),
        "interpretation": (["Russian"], ["none"]),
    }


def test_another_day_at_the_same_hour_shows_both_dates() -> None:
    before = told(start=datetime(2021, 6, 14, 10, 0, tzinfo=UTC), end=datetime(2021, 6, 14, 11, 30, tzinfo=UTC))
    assert found(before) == {"time": (["Monday, 14 June 2021", *NOW[1:]], [*NOW])}


def test_an_old_time_before_the_clock_change_has_its_own_offset() -> None:
    """L7: never the abbreviation of another season."""
    before = told(start=datetime(2021, 3, 15, 11, 0, tzinfo=UTC), end=datetime(2021, 3, 15, 12, 30, tzinfo=UTC))
    assert found(before)["time"][0] == [
        "Monday, 15 March 2021",
        "12:00–13:30 Vienna time (CET, UTC+1)",
        "07:00–08:30 New York (UTC−4)",
    ]


def test_a_title_that_was_told_in_another_language_is_no_other_title() -> None:
    titled = session("night-watch").model_validate(
        session("night-watch").model_dump() | {"translations": {"fr": {"title": "La veille de nuit"}}}
    )
    written = order("update", replace(visit("night-watch"), session=titled), before=told(title="La veille de nuit"))
    assert differences(written, ENGLISH) == ()


def test_a_room_is_nothing_to_whoever_cannot_come_to_it() -> None:
    online = order("update", visit("lanterns"), before=told("lanterns", place="Room 1"))
    assert differences(online, ENGLISH) == ()


@pytest.mark.parametrize(
    ("attendance", "matters"), [("online", ["time", "attendance"]), ("in-person", ["time", "place"])]
)
def test_a_discreet_update_tells_time_and_attendance_and_the_room_to_who_comes(
    attendance: str, matters: list[str]
) -> None:
    """P2."""
    quiet: Person = person(visibility="discreet")
    assert list(found(told(**EVERYTHING_ELSE), attendance=attendance, person=quiet)) == matters


def test_an_update_labels_old_and_new_in_text_and_html() -> None:
    letter = DESK.write(order("update", visit("night-watch"), before=told(**EVERYTHING_ELSE), changes=("details",)))
    assert letter.subject == ("New time: The night watch (Tuesday, 15 June 2021, 12:00 Vienna time · 06:00 New York)")
    assert (
        "Previous time:\nTuesday, 15 June 2021\n00:00–01:30 Vienna time (CEST, UTC+2)\n"
        "Monday, 14 June 2021, 18:00–19:30 New York (UTC−4)\n\n"
        "New time:\nTuesday, 15 June 2021\n12:00–13:30 Vienna time (CEST, UTC+2)\n06:00–07:30 New York (UTC−4)\n"
    ) in letter.text
    for label in ("Previous", "New"):
        for matter in ("time", "title", "place", "way of attending", "languages", "choice of interpretation"):
            assert f"{label} {matter}:" in letter.html


def test_lines_know_their_language() -> None:
    german = CONFERENCE.model_copy(update={"language": "de"})
    (one,) = differences(order("update", visit("night-watch"), conference=german, before=told(title="Alt")), ENGLISH)
    assert one == Difference("title", (Said("Alt", "de"),), (Said("The night watch", "de"),))


def test_what_was_told_in_another_language_is_read_out_in_it() -> None:
    """Somebody has changed the language of letters, and the title has changed too."""
    before = told(title="Новый вечер", title_language="ru")
    (one,) = differences(order("update", visit("night-watch"), before=before), ENGLISH)
    assert one == Difference("title", (Said("Новый вечер", "ru"),), (Said("The night watch", "en"),))
    html = DESK.write(order("update", visit("night-watch"), before=before, changes=("details",))).html
    assert '<span lang="ru">Новый вечер</span>' in html
