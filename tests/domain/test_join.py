"""When the join page leads to Zoom, and what it says when it does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.join import Door, door
from domain.times import Period

START, END = datetime(2021, 6, 15, 16, tzinfo=UTC), datetime(2021, 6, 15, 17, 30, tzinfo=UTC)
SESSION = Period(START, END)
OPENS = datetime(2021, 6, 15, 15, 45, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at(moment: datetime, period: Period | None = SESSION, **changes: Any) -> Door:
    return door(period, moment, **{"registration": "registered", "link": "present", "cancelled": False, **changes})


def test_it_opens_a_quarter_of_an_hour_before_the_start_to_the_second() -> None:
    assert at(OPENS - SECOND) == Door("early", OPENS)
    assert at(OPENS) == Door("open", OPENS)


def test_it_stays_open_for_half_an_hour_after_the_end() -> None:
    assert at(END + timedelta(minutes=30) - SECOND) == Door("open", OPENS)
    assert at(END + timedelta(minutes=30)) == Door("over")


def test_while_zoom_says_that_it_lasts_it_stays_open_for_two_hours_after_the_planned_end() -> None:
    assert at(END + timedelta(hours=2) - SECOND, still_on=True) == Door("open", OPENS)
    assert at(END + timedelta(hours=2), still_on=True) == Door("over")
    assert at(END + timedelta(hours=1), link="wanted", still_on=True) == Door("overdue", OPENS)


def test_it_is_watched_from_half_an_hour_before_it_opens_until_it_does() -> None:
    half_an_hour = timedelta(minutes=30)
    for link in ("present", "wanted"):
        watched = [
            at(moment, link=link).is_watched(moment)
            for moment in (OPENS - half_an_hour - SECOND, OPENS - half_an_hour, OPENS - SECOND)
        ]
        assert watched == [False, True, True]
    assert not at(OPENS).is_watched(OPENS)
    assert at(START, link="wanted").is_watched(START)
    assert not at(END + half_an_hour).is_watched(END + half_an_hour)
    assert not at(START, None).is_watched(START)


def test_a_month_later_the_address_is_none_any_more() -> None:
    assert at(END + timedelta(days=30) - SECOND) == Door("over")
    for changes in ({}, {"cancelled": True}, {"registration": "withdrawn"}):
        assert at(END + timedelta(days=30), **changes) == Door("unknown")


@pytest.mark.parametrize("link", ["wanted", "none"])
def test_without_a_link_it_is_awaited_and_then_overdue(link: str) -> None:
    assert at(OPENS - SECOND, link=link) == Door("awaited", OPENS)
    assert at(OPENS, link=link) == Door("overdue", OPENS)
    assert at(END + timedelta(minutes=30), link=link) == Door("over")


@pytest.mark.parametrize("registration", ["pending", "waitlisted", "offered", "refused"])
def test_who_is_not_registered_finds_no_open_door(registration: str) -> None:
    assert at(START, registration=registration) == Door("withdrawn")


def test_who_has_withdrawn_and_what_was_cancelled_are_told_apart_at_any_time() -> None:
    for moment in (OPENS - timedelta(days=9), START, END + timedelta(days=2)):
        assert at(moment, registration="withdrawn") == Door("withdrawn")
        assert at(moment, cancelled=True) == at(moment, registration="withdrawn", cancelled=True) == Door("cancelled")


def test_a_session_without_a_certain_time_does_not_open() -> None:
    assert at(START, None) == Door("unconfirmed")
    assert at(START, None, registration="withdrawn") == Door("withdrawn")
