"""Letters' times against a computation that shares nothing with them: the TZif files read byte by byte (RFC 8536),
arithmetic in minutes, and words put together by hand.

Forty zones, three years, every day on which the clocks of either place change, the days before and after, and a grid of
days between; each day with sessions in the morning, in the evening, and around midnight.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files

import pytest

from domain.letters.catalogues import load
from domain.times import AmbiguousTime, NonexistentTime, Period, When, describe, instant
from schemas.programme import CORRESPONDENCE_LANGUAGES
from tests.catalogues import LOCALE

CITIES = {
    "America/New_York": "New York", "America/Los_Angeles": "Los Angeles", "America/Winnipeg": "Winnipeg",
    "America/Vancouver": "Vancouver", "America/Phoenix": "Phoenix", "America/Anchorage": "Anchorage",
    "America/St_Johns": "St John’s", "America/Halifax": "Halifax", "America/Toronto": "Toronto",
    "America/Sao_Paulo": "Sao Paulo", "America/Caracas": "Caracas", "America/Havana": "Havana",
    "Pacific/Honolulu": "Honolulu", "Pacific/Pago_Pago": "Pago Pago", "Pacific/Marquesas": "Marquesas",
    "Pacific/Kiritimati": "Kiritimati", "Pacific/Chatham": "Chatham", "Pacific/Auckland": "Auckland",
    "Australia/Lord_Howe": "Lord Howe Island", "Australia/Adelaide": "Adelaide", "Australia/Eucla": "Eucla",
    "Asia/Tokyo": "Tokyo", "Asia/Ulaanbaatar": "Ulaanbaatar", "Asia/Kathmandu": "Kathmandu",
    "Asia/Kolkata": "Kolkata", "Asia/Kabul": "Kabul", "Asia/Tehran": "Tehran", "Asia/Almaty": "Almaty",
    "Asia/Tashkent": "Tashkent", "Asia/Baku": "Baku", "Asia/Jerusalem": "Jerusalem", "Asia/Beirut": "Beirut",
    "Europe/Moscow": "Moscow", "Europe/Kyiv": "Kyiv", "Europe/Chisinau": "Chisinau", "Europe/London": "London",
    "Europe/Lisbon": "Lisbon", "Atlantic/Azores": "Azores", "Africa/Cairo": "Cairo", "Africa/Casablanca": "Casablanca",
}  # fmt: skip
VIENNA = "Europe/Vienna"
FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


Changes = tuple[list[int], list[int]]
"""When the clocks of a zone change, in minutes since 1970, and how far they are from UTC: before the first, and after
each."""

_NAME, _OFFSET = r"(?:<[^>]+>|[A-Za-z]+)", r"(-?\d+(?::\d+)?)"
_RULE = rf"M(\d+)\.(\d+)\.(\d+)(?:/{_OFFSET})?"
_FOOTER = re.compile(rf"{_NAME}{_OFFSET}(?:{_NAME}{_OFFSET}?,{_RULE},{_RULE})?")


@cache
def changes(zone: str) -> Changes:
    """From the zone's file: what it lists, and what its last line says of the years after that."""
    content = (files("tzdata") / "zoneinfo" / zone).read_bytes()
    header = struct.Struct(">5s 15x 6I")
    _, utc, std, leap, count, kinds, letters = header.unpack_from(content)
    start = header.size + count * 5 + kinds * 6 + letters + leap * 8 + std + utc  # the first part is for old readers
    _, utc, std, leap, count, kinds, letters = header.unpack_from(content, start)
    place = start + header.size
    moments = [one // 60 for one in struct.unpack_from(f">{count}q", content, place)]
    chosen = struct.unpack_from(f">{count}B", content, place + 8 * count)
    offsets = [struct.unpack_from(">i", content, place + 9 * count + 6 * one)[0] // 60 for one in (0, *chosen)]
    said = _FOOTER.fullmatch(content[content.rindex(b"\n", 0, -1) + 1 : -1].decode())
    assert said is not None
    later = by_rule(said.groups(), moments[-1] if moments else -(2**40))
    if not moments:
        offsets = [-minutes(said[1])]
    return moments + [moment for moment, _ in later], offsets + [offset for _, offset in later]


def by_rule(said: Sequence[str | None], after: int) -> list[tuple[int, int]]:
    """The changes of a POSIX rule, whose offsets are west of UTC: `CET-1CEST,M3.5.0,M10.5.0/3`."""
    if said[2] is None:
        return []
    winter = -minutes(said[0])
    summer = winter + 60 if said[1] is None else -minutes(said[1])
    found = []
    for year in range(FIRST.year - 1, LAST.year + 2):
        found.append((weekday_of(year, said[2:5]) + minutes(said[5] or "2") - winter, summer))
        found.append((weekday_of(year, said[6:9]) + minutes(said[9] or "2") - summer, winter))
    return sorted(one for one in found if one[0] > after)


def minutes(said: str | None) -> int:
    """`-3:30` or `26`, in minutes."""
    hours, _, rest = (said or "").partition(":")
    return (abs(int(hours)) * 60 + int(rest or 0)) * (-1 if hours.startswith("-") else 1)


def weekday_of(year: int, said: Sequence[str | None]) -> int:
    """Midnight of the nth weekday of a month (5: the last; Sunday is 0), in minutes since 1970 on the wall."""
    month, week, weekday = (int(one or 0) for one in said)
    first = date(year, month, 1)
    days = [first + timedelta(days=one) for one in range(31)]
    fitting = [one for one in days if one.month == month and one.isoweekday() % 7 == weekday]
    return on_wall(fitting[min(week, len(fitting)) - 1], time())


def on_wall(day: date, wall: time) -> int:
    """What a wall shows, as if it were UTC, in minutes since 1970."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 1440 + wall.hour * 60 + wall.minute


def offset_at(zone: str, moment: int) -> int:
    """How far the zone's clocks are from UTC, in minutes."""
    moments, offsets = changes(zone)
    return offsets[bisect_right(moments, moment)]


def moments_of(zone: str, wall: int) -> list[int]:
    """All moments at which the zone's clocks show this: none, one or two."""
    return sorted({wall - offset for offset in changes(zone)[1][-20:] if offset_at(zone, wall - offset) == offset})


def days(zone: str) -> list[date]:
    """A grid, and each day on which the clocks there or in Vienna change, with the days before and after."""
    found = {FIRST + timedelta(days=one) for one in range(0, 1095, 37)}
    for one in (zone, VIENNA):
        for moment in changes(one)[0]:
            day = date(1970, 1, 1) + timedelta(days=(moment + offset_at(one, moment)) // 1440)
            if FIRST < day < LAST:
                found |= {day + timedelta(days=beside) for beside in (-1, 0, 1)}
    return sorted(found)


SESSIONS = ((time(9), time(10, 30)), (time(18), time(19)), (time(0, 15), time(0, 45)), (time(1, 30), time(3, 30)),
            (time(22, 45), time(23, 45)))  # fmt: skip


def sessions(zone: str) -> Iterator[tuple[int, int]]:
    """When sessions in Vienna begin and end, in minutes since 1970."""
    for day in days(zone):
        for start, end in SESSIONS:
            yield moments_of(VIENNA, on_wall(day, start))[0], moments_of(VIENNA, on_wall(day, end))[0]


def period(start: int, end: int) -> Period:
    return Period(*(datetime.fromtimestamp(moment * 60, UTC) for moment in (start, end)))


@dataclass(frozen=True)
class Shown:
    """What clocks show, in words put together by hand."""

    day: str
    clock: str
    zone: str
    twice: bool


def shown(zone: str, moment: int) -> Shown:
    offset = offset_at(zone, moment)
    wall = moment + offset
    day = date.fromordinal(date(1970, 1, 1).toordinal() + wall // 1440)
    hours, rest = divmod(abs(offset), 60)
    said = f"UTC{'−' if offset < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}" if offset else "UTC"
    vienna = {60: "CET, ", 120: "CEST, "}[offset] if zone == VIENNA else ""
    return Shown(
        day=f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}",
        clock=f"{wall % 1440 // 60:02}:{wall % 60:02}",
        zone=vienna + said,
        twice=len(moments_of(zone, wall)) == 2,
    )


def expected(zone: str, start: int, end: int) -> When:
    """The rules L6 to L9, written once more."""
    there, here = ((shown(place, start), shown(place, end)) for place in (VIENNA, zone))
    hours, at_home = (f"{one.clock}–{other.clock}" for one, other in (there, here))
    zones, home_zones = (" → ".join(dict.fromkeys(one.zone for one in both)) for both in (there, here))
    if [one.day for one in here] != [one.day for one in there]:
        at_home = f"{here[0].day}, {at_home}"
        if here[0].day != here[1].day:
            at_home = f"{here[0].day}, {here[0].clock} – {here[1].day}, {here[1].clock}"
    home_start = here[0].clock if here[0].day == there[0].day else f"{here[0].day}, {here[0].clock}"
    same = all(offset_at(zone, moment) == offset_at(VIENNA, moment) for moment in (start, end))
    return When(
        date=there[0].day,
        venue_line=f"{hours} Vienna time ({zones})",
        home_line=None if same else f"{at_home} {CITIES[zone]} ({home_zones})",
        start_line=f"{there[0].clock} Vienna time" + (f" ({there[0].zone})" if there[0].twice else ""),
        home_start_line=None
        if same
        else f"{home_start} {CITIES[zone]}" + (f" ({here[0].zone})" if here[0].twice else ""),
        hours=hours,
    )


@pytest.mark.parametrize("zone", CITIES)
def test_each_line_of_each_session_is_what_a_computation_from_the_zone_file_says(zone: str) -> None:
    for start, end in sessions(zone):
        assert describe(period(start, end), VIENNA, zone, "en") == expected(zone, start, end)


def test_the_zones_are_forty_with_halves_and_quarters_of_hours_and_both_sides_of_the_date_line() -> None:
    assert len(CITIES) == 40
    offsets = {offset_at(zone, on_wall(date(2026, 7, 1), time())) for zone in CITIES}
    assert {one % 60 for one in offsets} == {0, 30, 45}
    assert (min(offsets), max(offsets)) == (-11 * 60, 14 * 60)
    assert sum(len(list(sessions(zone))) for zone in CITIES) > 8000


@pytest.mark.parametrize("language", CORRESPONDENCE_LANGUAGES)
def test_in_no_language_is_a_summer_hour_cet_nor_a_date_that_differs_left_out(language: str) -> None:
    """L7, L8."""
    words = load(LOCALE, "pages")[language]
    summer, winter = (r"\bC?ME?SZ\b|\bCEST\b", r"\bMEZ\b|\bCET\b")
    for zone in ("America/New_York", "Pacific/Chatham", "Pacific/Pago_Pago"):
        for start, end in sessions(zone):
            said = describe(period(start, end), VIENNA, zone, language, words.gettext)
            right = expected(zone, start, end)
            zones = {offset_at(VIENNA, moment) for moment in (start, end)}
            assert bool(re.search(summer, said.in_full)) == (120 in zones)
            assert bool(re.search(winter, said.in_full)) == (60 in zones)
            for one, other in ((said.in_full, right.in_full), (said.start_in_full, right.start_in_full)):
                assert re.findall(
                    r"\d+:\d+|\b\d{1,2}\b|\b20\d\d\b|UTC[+−\d:]*", one.replace(" 1er ", " 1 ")
                ) == re.findall(r"\d+:\d+|\b\d{1,2}\b|\b20\d\d\b|UTC[+−\d:]*", other)


@pytest.mark.parametrize("zone", [VIENNA, *CITIES])
def test_a_wall_clock_names_no_moment_one_or_two_as_the_zone_file_says(zone: str) -> None:
    """L12."""
    for change in changes(zone)[0]:
        for wall in range(change + offset_at(zone, change) - 150, change + offset_at(zone, change) + 150, 15):
            day, clock = date.fromordinal(date(1970, 1, 1).toordinal() + wall // 1440), time(*divmod(wall % 1440, 60))
            if not FIRST <= day <= LAST:
                continue
            found = moments_of(zone, wall)
            if not found:
                with pytest.raises(NonexistentTime):
                    instant(day, clock, zone)
                continue
            if len(found) == 2:
                with pytest.raises(AmbiguousTime):
                    instant(day, clock, zone)
            said = [instant(day, clock, zone, which) for which in ("first", "second")]
            assert said == [datetime.fromtimestamp(moment * 60, UTC) for moment in (found[0], found[-1])]
