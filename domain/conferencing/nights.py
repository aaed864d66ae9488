"""When Zoom and we are compared: at night, when nobody is at a session, and shortly before one begins."""

from datetime import datetime, time, timedelta
from typing import Final

from domain.times import instant, local_date

NIGHT: Final = time(3, 30)
"""By the clocks of the conference's zone, when days have changed in every zone that Zoom counts its limits in."""

BEFORE_THE_START: Final = (timedelta(minutes=90), timedelta(minutes=20))


def next_night(now: datetime, zone: str) -> datetime:
    """The next half past three in the morning in `zone` (an IANA name) after `now` (aware), in UTC."""
    today = local_date(now, zone)
    tonight = instant(today, NIGHT, zone)
    return tonight if tonight > now else instant(today + timedelta(days=1), NIGHT, zone)


def next_look(now: datetime, zone: str, start: datetime) -> datetime:
    """The next night after `now`, or 90 or 20 minutes before `start` (aware), whichever comes first, in UTC."""
    return min(at for at in (next_night(now, zone), *(start - before for before in BEFORE_THE_START)) if at > now)
