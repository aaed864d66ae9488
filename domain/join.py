"""The join page's door: whether it is open, when it opens, and what stands in the way.

Decides only. What it decides says nothing of the link itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.times import Period

OPENS_BEFORE = timedelta(minutes=15)
"""So long before the start the page leads to Zoom."""

OPEN_AFTER_THE_END = timedelta(minutes=30)
"""Sessions last longer than planned, and whoever has lost the connection must come back in."""

OPEN_WHILE_IT_LASTS = timedelta(hours=2)
"""So long after the planned end at most, where Zoom says that the session is still on."""

WATCHED_BEFORE = timedelta(minutes=30)
"""So long before it opens somebody may be waiting in front of it: the calendar's alarm has rung."""

KNOWN_AFTER_THE_END = timedelta(days=30)
"""So long an address still says what it was for; then it is as one that never was."""

State = Literal["early", "awaited", "open", "overdue", "over", "cancelled", "withdrawn", "unconfirmed", "unknown"]
"""`early`: opens later. `awaited`: as well, and the link is not there yet. `overdue`: it should be open, and there is
no link. `cancelled`: the session does not take place. `withdrawn`: this person is not registered, or not any more.
`unconfirmed`: the session has no certain time. `unknown`: so long ago that the address is none any more."""


@dataclass(frozen=True, slots=True)
class Door:
    """The door at one moment. `opens_at` (UTC) is None where it will not open, or nobody knows when."""

    state: State
    opens_at: datetime | None = None

    def is_watched(self, now: datetime) -> bool:
        """Whether somebody who has it before them at `now` waits for it to open, within half an hour or any moment."""
        if self.state in {"early", "awaited"} and self.opens_at is not None:
            return self.opens_at - now <= WATCHED_BEFORE
        return self.state == "overdue"


def door(
    period: Period | None, now: datetime, *, registration: str, link: str, cancelled: bool, still_on: bool = False
) -> Door:
    """How the door stands at `now` (the conference's time).

    `period` is None while the session's time is not certain. `registration` and `link` are the registration's states;
    only who is registered, and has a link that is present, finds an open one. `still_on`: Zoom has said that the
    session has begun, and not that it has ended.
    """
    if period is not None and now >= period.end + KNOWN_AFTER_THE_END:
        return Door("unknown")
    if cancelled:
        return Door("cancelled")
    if registration != "registered":
        return Door("withdrawn")
    if period is None:
        return Door("unconfirmed")
    if now >= period.end + (OPEN_WHILE_IT_LASTS if still_on else OPEN_AFTER_THE_END):
        return Door("over")
    opens_at, has_link = period.start - OPENS_BEFORE, registration == "registered" and link == "present"
    if now >= opens_at:
        return Door("open" if has_link else "overdue", opens_at)
    return Door("early" if has_link else "awaited", opens_at)
