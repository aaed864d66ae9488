"""A calendar program that follows Thunderbird's rules for invitations by mail, as they were measured.

REQUEST puts an entry in, or replaces it where SEQUENCE, or with the same SEQUENCE DTSTAMP, is later; an older or equal
one has been processed already. CANCEL takes the entry out; without an entry it does nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from icalendar import Event

from tests.house import Mail


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as its owner sees it. `order`: SEQUENCE and DTSTAMP."""

    start: datetime
    end: datetime
    title: str
    location: str
    order: tuple[int, datetime]


@dataclass(slots=True)
class CalendarProgram:
    """One participant's calendar. `ignored`: the methods of what changed nothing."""

    entries: dict[str, Shown] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def take(self, mail: Mail) -> None:
        """Process one message; one without a calendar part is only read."""
        calendar = mail.calendar
        if calendar is None:
            return
        method, uid, new = str(calendar["METHOD"]), str(mail.event["UID"]), shown(mail.event)
        known = self.entries.get(uid)
        is_later = known is None or new.order > known.order
        if method == "REQUEST" and is_later:
            self.entries[uid] = new
        elif method == "CANCEL" and known is not None and is_later:
            del self.entries[uid]
        else:
            self.ignored.append(method)


def shown(event: Event) -> Shown:
    """What a calendar shows of an entry."""
    return Shown(
        start=cast("datetime", event.decoded("DTSTART")),
        end=cast("datetime", event.decoded("DTEND")),
        title=str(event["SUMMARY"]),
        location=str(event["LOCATION"]),
        order=(int(str(event["SEQUENCE"])), cast("datetime", event.decoded("DTSTAMP"))),
    )
