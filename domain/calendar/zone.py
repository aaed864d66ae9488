"""The one VTIMEZONE that our mail carries: two rules, exact for Vienna since 1996.

Generated ones list every change to 2037, and widespread readers then miss all summer times; Outlook takes one STANDARD
and one DAYLIGHT with yearly rules (MS-OXCICAL 2.1.3.1.1.19). Onsets are the local time before the change (RFC 5545,
section 3.6.5).
"""

from calendar import SUNDAY, monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.times import Period

FIRST_YEAR = 1997
"""The first whole one under both rules, which begin in March and October 1996."""

_VTIMEZONE = """\
BEGIN:VTIMEZONE
TZID:{tzid}
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def vtimezone(zone: str) -> bytes:
    """The component for a zone that follows the Central European rule, under its plain IANA name."""
    return _VTIMEZONE.format(tzid=zone).replace("\n", "\r\n").encode()


def speaks_local_time(period: Period, zone: str) -> bool:
    """Whether an entry may give its hours in `zone` beside `vtimezone(zone)`; otherwise they belong in UTC.

    No, where the zone has other rules in that year, and where start or end stands in October's doubled hour, which no
    local time can name.
    """
    return all(
        _follows_the_rule(zone, moment.year) and not _is_doubled(moment.astimezone(ZoneInfo(zone)))
        for moment in (period.start, period.end)
    )


def _is_doubled(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@lru_cache(maxsize=256)
def _follows_the_rule(zone: str, year: int) -> bool:
    if year < FIRST_YEAR:
        return False
    forward, back = (_last_sunday_at_one(year, month) for month in (3, 10))
    moments = {
        datetime(year, 1, 1, tzinfo=UTC): 1,
        forward - timedelta(seconds=1): 1,
        forward: 2,
        back - timedelta(seconds=1): 2,
        back: 1,
        datetime(year, 12, 31, 23, tzinfo=UTC): 1,
    }
    return all(moment.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(hours=h) for moment, h in moments.items())


def _last_sunday_at_one(year: int, month: int) -> datetime:
    """When the European Union's clocks change: at 01:00 UTC on the month's last Sunday."""
    last = date(year, month, monthrange(year, month)[1])
    sunday = last - timedelta(days=(last.weekday() - SUNDAY) % 7)
    return datetime(sunday.year, sunday.month, sunday.day, 1, tzinfo=UTC)
