"""When Zoom and we are compared: at night, when nobody is at a session."""

from datetime import datetime, time, timedelta

from domain.times import instant, local_date

NIGHT = time(3, 30)
"""By the clocks of the conference's zone, when days have changed in every zone that Zoom counts its limits in."""


def next_night(now: datetime, zone: str) -> datetime:
    """The next half past three in the morning in `zone` (an IANA name) after `now` (aware), in UTC."""
    today = local_date(now, zone)
    tonight = instant(today, NIGHT, zone)
    return tonight if tonight > now else instant(today + timedelta(days=1), NIGHT, zone)
