"""The two-rule VTIMEZONE, held against the tz database by two readers that know nothing of ours (rules 21 to 25)."""

from calendar import monthcalendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from icalendar import Timezone

from domain.calendar.zone import speaks_local_time, vtimezone
from domain.times import Period, instant

VIENNA = "Europe/Vienna"
YEARS = range(1996, 2038)


def last_sunday(year: int, month: int) -> date:
    return date(year, month, max(week[-1] for week in monthcalendar(year, month)))


def moments_that_matter() -> Iterator[datetime]:
    """Every quarter of an hour of each night of a change, and noon of each month's first day."""
    for year in YEARS:
        for month in range(1, 13):
            yield datetime(year, month, 1, 12, tzinfo=UTC)
        for month in (3, 10):
            night = datetime.combine(last_sunday(year, month), time(), UTC) - timedelta(hours=1)
            yield from (night + timedelta(minutes=15 * step) for step in range(20))


def at(utc: datetime, hours: float = 1.0) -> Period:
    return Period(utc, utc + timedelta(hours=hours))


def test_dateutil_reads_the_rules_as_the_tz_database_has_them() -> None:
    """Rules 23 and 24."""
    ours, theirs = tzical(StringIO(vtimezone(VIENNA).decode())).get(VIENNA), ZoneInfo(VIENNA)
    assert ours is not None
    for moment in moments_that_matter():
        if moment < datetime(1996, 3, 31, 1, tzinfo=UTC):
            continue
        read = moment.astimezone(ours)
        assert (read.utcoffset(), read.tzname()) == (
            moment.astimezone(theirs).utcoffset(),
            moment.astimezone(theirs).tzname(),
        )


def test_icalendar_reads_two_yearly_rules_whose_onsets_are_those_of_the_tz_database() -> None:
    """Rule 23: one STANDARD, one DAYLIGHT, YEARLY, one BYDAY, no RDATE, no UNTIL; onsets in the time before them."""
    component = Timezone.from_ical(vtimezone(VIENNA))
    assert [one.name for one in component.subcomponents] == ["DAYLIGHT", "STANDARD"]
    observances: list[Any] = component.subcomponents
    for observance, month, onset in zip(observances, (3, 10), (2, 3), strict=True):
        assert dict(observance["RRULE"]) == {"FREQ": ["YEARLY"], "BYDAY": ["-1SU"], "BYMONTH": [month]}
        assert {"RDATE", "UNTIL"}.isdisjoint(observance)
        assert observance["DTSTART"].dt == datetime.combine(last_sunday(1996, month), time(onset))
        before, after = observance["TZOFFSETFROM"].td, observance["TZOFFSETTO"].td
        for year in YEARS:
            utc = (datetime.combine(last_sunday(year, month), time(onset)) - before).replace(tzinfo=UTC)
            a_second_earlier = utc - timedelta(seconds=1)
            assert utc.astimezone(ZoneInfo(VIENNA)).utcoffset() == after
            assert a_second_earlier.astimezone(ZoneInfo(VIENNA)).utcoffset() == before


def test_the_zone_bears_its_plain_iana_name() -> None:
    """Rule 25."""
    assert b"\r\nTZID:Europe/Vienna\r\n" in vtimezone(VIENNA)


@pytest.mark.parametrize("zone", [VIENNA, "Europe/Warsaw", "Europe/Berlin", "Europe/Paris", "Europe/Sarajevo"])
@pytest.mark.parametrize("month", [1, 6])
def test_zones_under_the_same_rules_speak_local_time(zone: str, month: int) -> None:
    assert speaks_local_time(at(datetime(2026, month, 14, 16, tzinfo=UTC)), zone)


@pytest.mark.parametrize(
    "zone", ["Europe/Kyiv", "Europe/London", "Europe/Istanbul", "Asia/Tashkent", "America/New_York", "UTC"]
)
@pytest.mark.parametrize("month", [1, 6])
def test_zones_under_other_rules_speak_utc(zone: str, month: int) -> None:
    """Rule 21. Tashkent and Vienna differ all year; Kyiv and Vienna share the dates, not the offset."""
    assert not speaks_local_time(at(datetime(2026, month, 14, 16, tzinfo=UTC)), zone)


@pytest.mark.parametrize("zone", ["Africa/Algiers", "Africa/Lagos"])
def test_a_zone_that_is_like_vienna_in_winter_only_speaks_utc(zone: str) -> None:
    assert not speaks_local_time(at(datetime(2026, 1, 14, 16, tzinfo=UTC)), zone)


@pytest.mark.parametrize(
    ("start", "end"), [(time(1, 30), time(2, 30)), (time(2, 15), time(2, 45)), (time(2, 30), time(4))]
)
@pytest.mark.parametrize("which", ["first", "second"])
def test_a_session_that_touches_the_doubled_hour_speaks_utc(start: time, end: time, which: str) -> None:
    """Rule 21."""
    change = date(2026, 10, 25)
    period = Period(
        instant(change, start, VIENNA, "first" if which == "first" else "second"),
        instant(change, end, VIENNA, "second"),
    )
    assert not speaks_local_time(period, VIENNA)


def test_the_hours_beside_the_doubled_one_speak_local_time() -> None:
    change = date(2026, 10, 25)
    for start, end in ((time(0, 30), time(1, 59)), (time(3), time(4))):
        assert speaks_local_time(Period(instant(change, start, VIENNA), instant(change, end, VIENNA)), VIENNA)


def test_what_lies_before_the_rules_speaks_utc() -> None:
    assert not speaks_local_time(at(datetime(1995, 6, 14, 16, tzinfo=UTC)), VIENNA)
