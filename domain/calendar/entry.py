"""One session in one participant's calendar, as an iTIP message (RFC 5546) that today's readers accept.

icalendar builds what all participants of a session share, once; what is personal is put in as bytes, because building
it all for each is a hundred times dearer. Nothing here chooses a UID, counts a SEQUENCE or asks the time: they are
arguments, so that the same letter sent again is the same entry.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress

from domain.calendar import lines, zone
from domain.times import Period

Method = Literal["REQUEST", "CANCEL"]

PRODID = "-//Convenor//Convenor//EN"
_REMIND_BEFORE = timedelta(minutes=30)
_OPENING = b"BEGIN:VEVENT\r\n"


@dataclass(frozen=True)
class Shared:
    """What an entry says to everybody: no personal data, so that it may be remembered.

    `zone` is the conference's (IANA). `summary`: the title. `organizer`: a mailbox that people read, for some mail
    programs answer it whatever Reply-To says. `sent_by`: the address that the letter comes From, where it is another.
    `private`: hidden from those who see the participant's calendar.
    """

    method: Method
    period: Period
    zone: str
    summary: str
    organizer: str
    sent_by: str | None = None
    private: bool = False


@dataclass(frozen=True)
class Personal:
    """What an entry says to one participant.

    `uid` stays the same for the life of the session, `sequence` grows with every change of it, `dtstamp` (aware) with
    every letter about it. `address` is the To address as written, also where it is not ASCII: no reader undoes the
    percent-encoding that RFC 6068 has for that, and none would find itself. `description`: the whole line, which is
    long and mostly the same for all (see lines.Gapped). `url`: the personal join link.
    """

    uid: str
    sequence: int
    dtstamp: datetime
    name: str
    address: str
    location: str
    description: bytes
    url: str | None = None


def write(shared: Shared, personal: Personal) -> bytes:
    """The iCalendar object: one VEVENT with one ATTENDEE, CRLF line ends, folded.

    A CANCEL bears STATUS:CANCELLED also where one person withdraws and the session goes on. RFC 5546 (3.2.5) would
    have it left out then; but this entry knows no other attendee, Exchange writes it too, and readers remove it.
    Raises ValueError where `url` is no web address or an address would end its line.
    """
    before, after = _frame(shared)
    return b"".join((before, *_personal_lines(personal), after))


def _personal_lines(personal: Personal) -> list[bytes]:
    written = [
        *marks(personal.uid, personal.sequence, personal.dtstamp),
        _attendee(personal.name, personal.address),
        lines.text("LOCATION", personal.location),
        personal.description,
    ]
    return written if personal.url is None else [*written, lines.uri("URL", personal.url)]


def marks(uid: str, sequence: int, dtstamp: datetime) -> tuple[bytes, bytes]:
    """The lines by which readers know an entry, and which version of it this is."""
    stamp = f"{dtstamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return lines.text("UID", uid), f"DTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\nSEQUENCE:{sequence}\r\n".encode()


def _attendee(name: str, address: str) -> bytes:
    if not address.isprintable() or " " in address:
        raise ValueError("an attendee's address is without spaces and control characters")
    return lines.fold(
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN={lines.quoted(name)}"
        f":mailto:{address}".encode()
    )


@lru_cache(maxsize=1024)
def _frame(shared: Shared) -> tuple[bytes, bytes]:
    """The object's bytes before and after the personal lines."""
    calendar = Calendar()
    for name, value in (("prodid", PRODID), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", shared.method)):
        calendar.add(name, value)
    local = zone.speaks_local_time(shared.period, shared.zone)
    calendar.add_component(_event(shared, ZoneInfo(shared.zone) if local else UTC))
    # icalendar folds within escapes, so its lines are folded anew.
    content = b"".join(lines.fold(line) for line in lines.unfold(calendar.to_ical()))
    before, opening, after = content.partition(_OPENING)
    return before + (zone.vtimezone(shared.zone) if local else b"") + opening, after


def _event(shared: Shared, clock: tzinfo) -> Event:
    event = Event()
    add_session(event, shared, clock)
    event.add("organizer", _organizer(shared))
    if shared.method == "REQUEST":
        event.add_component(alarm(shared.summary))
    return event


def add_session(event: Event, shared: Shared, clock: tzinfo) -> None:
    """What an entry says of its session, by a `clock`: which it is, when, and whether it takes place."""
    event.add("summary", shared.summary)
    event.add("dtstart", shared.period.start.astimezone(clock))
    event.add("dtend", shared.period.end.astimezone(clock))
    cancelled = shared.method == "CANCEL"
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE" if shared.private else "PUBLIC")
    # Some calendars leave a cancelled entry where it is, crossed out.
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("x-microsoft-cdo-busystatus", "FREE" if cancelled else "BUSY")  # Outlook heeds it before TRANSP


def _organizer(shared: Shared) -> vCalAddress:
    organizer = vCalAddress(f"mailto:{shared.organizer}")
    if shared.sent_by is not None:
        organizer.params["SENT-BY"] = f"mailto:{shared.sent_by}"
    return organizer


def alarm(summary: str) -> Alarm:
    """Rings half an hour before."""
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("trigger", -_REMIND_BEFORE)
    made.add("description", summary)
    return made
