"""The time that somebody proposes, as text for people: nothing is ever planned by it."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from domain.answers.entries import Entry, Property

_MOMENT = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_DURATION = re.compile(r"P(?:\d{1,4}[WD])?(?:T(?:\d{1,4}[HMS]){1,3})?")
_IANA = re.compile(r"[A-Za-z_]{2,20}/[A-Za-z_]{2,20}(?:/[A-Za-z_]{2,20})?$|UTC$")
_NOT_IN_A_NAME = re.compile(r"[\[\]\x00-\x1f\x7f]")
_LONGEST_NAME = 80


def stamp(value: str) -> datetime | None:
    """A DTSTAMP, which is UTC (RFC 5545, 3.8.7.2) whether it says so or not; None where it is none."""
    found = _MOMENT.fullmatch(value)
    local = _local(found) if found and found[2] else None
    return None if local is None else local.replace(tzinfo=UTC)


def proposed(entry: Entry) -> str | None:
    """From when till when, or for how long; None where the entry does not say. A zone that nobody knows here stands as
    it was named, beside the hour on its clock."""
    start, end = (next(map(_written, entry.all(name)), None) for name in ("DTSTART", "DTEND"))
    duration = _DURATION.fullmatch(entry.first("DURATION"))
    if start is None:
        return None
    until = end or (duration[0] if duration else None)
    return start if until is None else f"{start}/{until}"


def _written(line: Property) -> str | None:
    parameters, value = line
    found = _MOMENT.fullmatch(value)
    local = _local(found) if found else None
    if found is None or local is None:
        return None
    if found[2] is None:
        return local.date().isoformat()
    if found[3]:
        return local.replace(tzinfo=UTC).isoformat()
    return _on_its_clock(local, str(parameters.get("TZID", ""))[:_LONGEST_NAME])


def _on_its_clock(local: datetime, name: str) -> str:
    plain = WINDOWS_TO_OLSON.get(name, name)
    known = _IANA.search(plain)  # some write a path before it: /mozilla.org/20050126_1/Europe/Vienna
    try:
        zone = ZoneInfo(known[0]) if known else None
        written = local.replace(tzinfo=zone).isoformat()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone, written = None, local.isoformat()
    shown = zone.key if zone else _NOT_IN_A_NAME.sub("", name)
    return f"{written}[{shown}]" if shown else written


def _local(found: re.Match[str]) -> datetime | None:
    try:
        return datetime.strptime(found[1] + (found[2] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - a wall clock's
    except ValueError:
        return None
