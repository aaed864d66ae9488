"""A calendar entry in words, as a mail program reads it: from its bytes alone, whatever was meant."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, vDDDTypes

from domain.times import Period, describe

Facts = list[tuple[str, str]]

_TEXTS = ("Location", "URL", "Status", "Sequence", "UID", "Class", "Description")


def in_words(content: bytes) -> list[Facts]:
    """Labels and values, a list for each event; none where `content` cannot be read. What is odd stands as written."""
    try:
        calendar = Calendar.from_ical(content)
        return [_event(event, _written(calendar, "method")) for event in calendar.walk("VEVENT")]
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, OSError):
        return []  # icalendar lets more than its ValueError through, for broken zones above all


def _event(event: Component, method: str) -> Facts:
    facts = [
        ("Method", method),
        ("Summary", _written(event, "summary")),
        *_times(event),
        ("Organizer", "\n".join(map(_person, _all(event, "organizer")))),
        ("Attendee", "\n".join(map(_person, _all(event, "attendee")))),
        *((label, _written(event, label)) for label in _TEXTS),
    ]
    return [(label, value) for label, value in facts if value]


def _times(event: Component) -> Facts:
    """In the zone that the entry names and in UTC."""
    found = [event.get(name) for name in ("dtstart", "dtend")]
    start, end = (one.dt if isinstance(one, vDDDTypes) else None for one in found)
    if not (isinstance(start, datetime) and isinstance(end, datetime) and start.tzinfo and end.tzinfo):
        return [("Start", f"{start or _written(event, 'dtstart')}"), ("End", f"{end or _written(event, 'dtend')}")]
    period = Period(start.astimezone(UTC), end.astimezone(UTC))
    zones = {"Time": start.tzinfo.key} if isinstance(start.tzinfo, ZoneInfo) else {}
    said = {label: describe(period, zone, zone, "en") for label, zone in (zones | {"In UTC": "UTC"}).items()}
    return [(label, f"{when.date}, {when.venue_line}") for label, when in said.items()]


def _person(address: str) -> str:
    """`Olga Petrenko <olga@example.org> (PARTSTAT=NEEDS-ACTION, RSVP=TRUE)`."""
    parameters = dict(getattr(address, "params", {}))
    name, mailbox = parameters.pop("CN", ""), str(address).removeprefix("mailto:")
    more = ", ".join(f"{key}={value}" for key, value in parameters.items())
    return (f"{name} <{mailbox}>" if name else mailbox) + (f" ({more})" if more else "")


def _written(component: Component, name: str) -> str:
    return "\n".join(map(str, _all(component, name)))


def _all(component: Component, name: str) -> list[Any]:
    found = component.get(name, [])
    return found if isinstance(found, list) else [found]
