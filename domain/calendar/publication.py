"""A calendar of many entries that is published (RFC 5546, 3.2.1): without organizer or attendees, to be fetched again.

Readers come by themselves, some once an hour, some once a day; REFRESH-INTERVAL (RFC 7986, 5.7) and X-PUBLISHED-TTL
are hints that few of them heed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Event

from domain.calendar import entry, lines, zone
from domain.calendar.entry import Shared

_REFRESH = "PT1H"


@dataclass(frozen=True)
class Heading:
    """Of the whole calendar. `name`: what programs call it. `zone`: the conference's (IANA). `alarms`: whether entries
    ring, as invitations do: a file that is imported once may, a subscription would ring beside them."""

    name: str
    zone: str
    alarms: bool


@dataclass(frozen=True)
class Entry:
    """One session of one person: as in an invitation, or where `shared.method` is CANCEL, cancelled. `description`: the
    whole line. `url`: where to join."""

    shared: Shared
    uid: str
    sequence: int
    dtstamp: datetime
    location: str
    description: bytes
    url: str | None


def write(heading: Heading, entries: Sequence[Entry]) -> bytes:
    """The iCalendar object, CRLF line ends, folded. A cancelled session stays in it, crossed out: a reader that goes by
    the UID would otherwise keep it as it was. Raises ValueError where a `url` is no web address."""
    local = any(zone.speaks_local_time(one.shared.period, heading.zone) for one in entries)
    return b"".join((
        b"BEGIN:VCALENDAR\r\n",
        lines.text("PRODID", entry.PRODID),
        b"VERSION:2.0\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n",
        lines.text("NAME", heading.name),
        lines.text("X-WR-CALNAME", heading.name),
        f"REFRESH-INTERVAL;VALUE=DURATION:{_REFRESH}\r\nX-PUBLISHED-TTL:{_REFRESH}\r\n".encode(),
        zone.vtimezone(heading.zone) if local else b"",
        *(_event(heading, one) for one in entries),
        b"END:VCALENDAR\r\n",
    ))  # fmt: skip


def _event(heading: Heading, one: Entry) -> bytes:
    local = zone.speaks_local_time(one.shared.period, heading.zone)
    event = Event()
    entry.add_session(event, one.shared, ZoneInfo(heading.zone) if local else UTC)
    if heading.alarms and one.shared.method == "REQUEST":
        event.add_component(entry.alarm(one.shared.summary))
    opening, *rest = lines.unfold(event.to_ical())
    own = [*entry.marks(one.uid, one.sequence, one.dtstamp), lines.text("LOCATION", one.location), one.description]
    if one.url is not None:
        own.append(lines.uri("URL", one.url))
    return b"".join((lines.fold(opening), *own, *map(lines.fold, rest)))
