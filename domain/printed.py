"""What a document prints as a session's date and time, `Monday 14 June 2021, 18:00 – 19:00 (CET)`, and where that
disagrees with the programme.

Reads English, and finds what is there; what it does not know it leaves out. Which of the two is right it never says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from domain.programme import dates, periods
from domain.times import full_date, offset
from schemas.programme import Session

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NO_RANGE = (r"(?<![-–/])(?<![-–]\s)", r"(?!\s?[-–/:.]\s?\d)")
"""Before and behind a day: `14-16 June` is the conference's days, not a session's, and `June 18:00` is a time."""
_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_DATES = (
    re.compile(rf"{_NO_RANGE[0]}\b{_DAY}\s+{_MONTH}{_YEAR}\b"),
    re.compile(rf"\b{_MONTH}\s+{_DAY}\b{_NO_RANGE[1]}{_YEAR}\b"),
)
_TIME = re.compile(r"(?<![\d.:+−])([01]?\d|2[0-3])[:.]([0-5]\d)(?![\d:])")
_HOURS = {
    "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "BST": 1, "MSK": 3,
    "GMT": 0, "UTC": 0,
}  # fmt: skip
_ZONE = re.compile(rf"\b({'|'.join(_HOURS)})\b(?:\s?([+\-−]\s?\d{{1,2}})(?::([0-5]\d))?)?")


@dataclass(frozen=True)
class PrintedZone:
    """A zone as printed, and the distance from UTC that it claims."""

    text: str
    offset: timedelta


@dataclass(frozen=True)
class PrintedDate:
    """A day and month as printed, with the year where it is."""

    day: int
    month: int
    year: int | None

    def means(self, other: date) -> bool:
        """Whether this may be `other`."""
        return (self.day, self.month) == (other.day, other.month) and self.year in {None, other.year}


@dataclass(frozen=True)
class Reading:
    """All that was found in a text, each in the order of appearance. Weekdays count from Monday, 0."""

    weekdays: tuple[int, ...]
    dates: tuple[PrintedDate, ...]
    times: tuple[time, ...]
    zones: tuple[PrintedZone, ...]


def read(text: str) -> Reading:
    """The weekdays, dates, times of day and zones that stand in `text`."""
    return Reading(
        weekdays=tuple(WEEKDAYS.index(name) for name in re.findall(rf"\b({'|'.join(WEEKDAYS)})\b", text)),
        dates=tuple(
            PrintedDate(int(one["day"]), _MONTHS.index(one["month"]) + 1, int(one["year"]) if one["year"] else None)
            for pattern in _DATES
            for one in pattern.finditer(text)
        ),
        times=tuple(time(int(hours), int(minutes)) for hours, minutes in _TIME.findall(text)),
        zones=tuple(_zone(one) for one in _ZONE.finditer(text)),
    )


@dataclass(frozen=True)
class Disagreement:
    """What is printed and what the programme has, in one sentence. `about`: weekday, date, time or zone."""

    about: str
    sentence: str


def disagreements(session: Session, zone: str, where: str, text: str) -> Iterator[Disagreement]:
    """Where `text`, which stands at `where`, disagrees with the session's date, hours and zone (an IANA name)."""
    found = read(text)
    named = dates(session)
    if named and (other := [one for one in found.dates if not any(map(one.means, named))]):
        days = " or ".join(full_date(day, "en") for day in named)
        said = ", ".join(f"{one.day} {_MONTHS[one.month - 1]} {one.year or ''}".strip() for one in other)
        yield Disagreement("date", f"{where} has {said}; the programme has {days}.")
    meant = [day for day in named if any(one.means(day) for one in found.dates)] or named
    if meant and (wrong := [one for one in found.weekdays if one not in {day.weekday() for day in meant}]):
        days = " and ".join(full_date(day, "en") for day in meant)
        yield Disagreement("weekday", f"{where} has {', '.join(WEEKDAYS[one] for one in wrong)}; it is {days}.")
    hours = (session.start, session.end)
    if session.start and found.times and found.times[:2] != hours[: len(found.times)]:
        said, have = (" – ".join(f"{one:%H:%M}" for one in times if one) for times in (found.times[:2], hours))
        yield Disagreement("time", f"{where} has {said}; the programme has {have}.")
    yield from _zones(session, zone, where, found)


def _zones(session: Session, zone: str, where: str, found: Reading) -> Iterator[Disagreement]:
    """`CET` in June: not what the clocks show, and an hour off if anyone believes it."""
    for period in periods(session, zone)[:1]:
        local = period.start.astimezone(ZoneInfo(zone))
        for printed in found.zones:
            if printed.offset != local.utcoffset():
                believed = datetime.combine(local.date(), local.time(), timezone(printed.offset))
                yield Disagreement(
                    "zone",
                    f"{where} has {printed.text}, which is {offset(believed)}; clocks in {zone} show {local:%Z} "
                    f"({offset(local)}) on {full_date(local.date(), 'en')}. The programme takes {local:%H:%M} for the "
                    f"wall clock there, {period.start:%H:%M} UTC; by {printed.text} it would be "
                    f"{believed.astimezone(UTC):%H:%M} UTC.",
                )


def _zone(found: re.Match[str]) -> PrintedZone:
    name, hours, minutes = found.groups()
    shift = timedelta(hours=_HOURS[name])
    if hours:
        signed = int(hours.replace("−", "-").replace(" ", ""))
        shift += timedelta(hours=signed, minutes=int(minutes or 0) * (-1 if signed < 0 else 1))
    return PrintedZone(found[0], shift)
