"""Rules on the wall: hours of a conference, quiet hours of its people, and the spread of what is too much at once."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.cadence import before_quiet, digest_at, is_quiet, spread, spread_within
from schemas.reminders import Digest, QuietHours, Reminders

VIENNA, NEW_YORK, TOKYO, KYIV = "Europe/Vienna", "America/New_York", "Asia/Tokyo", "Europe/Kyiv"
NIGHT = QuietHours()
AT_17 = Digest()


def on_the_wall(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%d %b %H:%M}"


@pytest.mark.parametrize(
    ("day", "zone", "utc"),
    [
        (date(2026, 3, 28), VIENNA, "2026-03-27T16:00"),
        (date(2026, 3, 29), VIENNA, "2026-03-28T16:00"),  # the clocks go forward in the night between
        (date(2026, 3, 30), VIENNA, "2026-03-29T15:00"),
        (date(2026, 10, 25), VIENNA, "2026-10-24T15:00"),  # and back
        (date(2026, 10, 26), VIENNA, "2026-10-25T16:00"),
        (date(2026, 3, 8), NEW_YORK, "2026-03-07T22:00"),
        (date(2026, 3, 9), NEW_YORK, "2026-03-08T21:00"),
        (date(2026, 11, 1), NEW_YORK, "2026-10-31T21:00"),
        (date(2026, 11, 2), NEW_YORK, "2026-11-01T22:00"),
    ],
)
def test_the_day_before_at_17_is_17_on_the_wall_on_both_sides_of_a_clock_change(day: date, zone: str, utc: str) -> None:
    due_at = digest_at(day, AT_17, zone)
    assert due_at == datetime.fromisoformat(f"{utc}+00:00")
    assert on_the_wall(due_at, zone) == f"{day - timedelta(days=1):%d %b} 17:00"


def test_days_before_are_counted_by_date_over_the_clock_change() -> None:
    rule = Digest(days_before=7, at=time(9, 30))
    assert on_the_wall(digest_at(date(2026, 4, 1), rule, VIENNA), VIENNA) == "25 Mar 09:30"


@pytest.mark.parametrize(
    ("due", "home", "goes"),
    [
        ("2021-06-13T17:00+02:00", VIENNA, "13 Jun 17:00"),
        ("2021-06-13T17:00+02:00", KYIV, "13 Jun 18:00"),
        ("2021-06-13T17:00+02:00", TOKYO, "13 Jun 20:30"),  # it would be 00:00 on the 14th
        ("2021-06-13T17:00+02:00", "Asia/Bishkek", "13 Jun 20:30"),  # 21:00: they begin
        ("2021-06-13T17:00+02:00", "Asia/Almaty", "13 Jun 20:30"),
        ("2021-06-13T17:00+02:00", "Asia/Tashkent", "13 Jun 20:00"),
        ("2021-06-13T17:00+02:00", "Pacific/Honolulu", "12 Jun 20:30"),  # 05:00
        ("2021-06-13T17:00+02:00", "America/Los_Angeles", "13 Jun 08:00"),
        ("2021-06-14T07:00+02:00", VIENNA, "14 Jun 07:00"),  # they are over
        ("2021-06-14T06:59+02:00", VIENNA, "13 Jun 20:30"),
    ],
)
def test_what_is_due_in_a_recipients_night_goes_half_an_hour_before_it_begins(due: str, home: str, goes: str) -> None:
    assert on_the_wall(before_quiet(datetime.fromisoformat(due), NIGHT, home), home) == goes


@pytest.mark.parametrize(
    ("due", "home", "goes"),
    [
        # Vienna's clocks change on 29 March, New York's have on 8 March: for three weeks the two are 5 hours apart.
        ("2026-03-07T12:00+01:00", NEW_YORK, "06 Mar 20:30"),  # 06:00 there
        ("2026-03-10T12:00+01:00", NEW_YORK, "10 Mar 07:00"),
        ("2026-03-28T12:00+01:00", NEW_YORK, "28 Mar 07:00"),
        ("2026-03-30T12:00+02:00", NEW_YORK, "29 Mar 20:30"),
        # And for a week in autumn.
        ("2026-10-24T12:00+02:00", NEW_YORK, "23 Oct 20:30"),
        ("2026-10-27T12:00+01:00", NEW_YORK, "27 Oct 07:00"),
        ("2026-11-02T12:00+01:00", NEW_YORK, "01 Nov 20:30"),
        # In the nights of the changes themselves.
        ("2026-03-29T06:30+02:00", VIENNA, "28 Mar 20:30"),
        ("2026-10-25T02:30+01:00", VIENNA, "24 Oct 20:30"),
        ("2026-03-08T06:30-04:00", NEW_YORK, "07 Mar 20:30"),
        ("2026-11-01T01:30-05:00", NEW_YORK, "31 Oct 20:30"),
    ],
)
def test_quiet_hours_are_on_the_recipients_wall_on_both_sides_of_both_zones_clock_changes(
    due: str, home: str, goes: str
) -> None:
    assert on_the_wall(before_quiet(datetime.fromisoformat(due), NIGHT, home), home) == goes


def test_quiet_hours_may_lie_within_a_day_and_may_be_none() -> None:
    noon = datetime(2021, 6, 14, 10, tzinfo=UTC)
    siesta = QuietHours(start=time(11, 30), end=time(14))
    assert on_the_wall(before_quiet(noon, siesta, VIENNA), VIENNA) == "14 Jun 11:00"
    assert before_quiet(noon, None, VIENNA) == noon
    assert [is_quiet(time(hour), siesta) for hour in (11, 12, 14)] == [False, True, False]


def test_quiet_hours_that_begin_where_the_clock_is_put_forward_make_nothing_later() -> None:
    """There is no 02:45 on that day in Vienna; 03:00 follows 01:59."""
    due_at = datetime(2026, 3, 29, 1, 5, tzinfo=UTC)
    assert before_quiet(due_at, QuietHours(start=time(2, 45), end=time(5)), VIENNA) == due_at


def test_a_letter_is_spread_to_the_same_second_at_each_try_and_many_over_all_of_them_evenly() -> None:
    hour, within = datetime(2021, 6, 14, 15, tzinfo=UTC), timedelta(minutes=10)
    ids = [f"let_{number:026}" for number in range(6000)]
    spread_out = [spread(hour, one, within) for one in ids]
    assert spread_out == [spread(hour, one, within) for one in ids]
    assert (min(spread_out), max(spread_out)) == (hour - within, hour + within)
    a_minute = Counter((one - hour) // timedelta(minutes=1) for one in spread_out)
    assert all(200 < a_minute[minute] < 400 for minute in range(-10, 10))


@pytest.mark.parametrize(
    ("rules", "minutes"),
    [
        ({}, 10),
        ({"spread": {"minutes": 5}}, 5),
        ({"spread": False}, None),
        ({"reminder": False}, None),
        ({"reminder": {"minutes_before": 15}}, 7.5),
        ({"reminder": {"minutes_before": 10}}, 5),
    ],
)
def test_a_reminder_is_spread_by_ten_minutes_or_half_of_what_is_left(
    rules: dict[str, object], minutes: float | None
) -> None:
    expected = None if minutes is None else timedelta(minutes=minutes)
    assert spread_within(Reminders.model_validate(rules)) == expected
