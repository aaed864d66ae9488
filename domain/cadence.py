"""When reminders are due: rules on the wall clock of a conference, quiet hours on that of the recipient, and a spread
where very many would go at one moment.

Rules R8 and R9: "the day before at 17:00" is that hour on the previous date, which over the night of a clock change is
not 24 hours before; quiet hours are what the recipient's own wall shows. All instants are aware and in UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from schemas.reminders import Digest, QuietHours, Reminders

BEFORE_QUIET_HOURS: Final = timedelta(minutes=30)
"""So long before quiet hours begin what they would delay is due: by then it has arrived."""


def at(day: date, wall: time, zone: str) -> datetime:
    """When clocks in `zone` (an IANA name) show `wall` on `day`. Where that comes twice, the first; where clocks are
    put forward over it, as much later."""
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)


def day_of(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The day that calendars in `zone` show at `now`: its first instant, and that of the next."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return at(today, time(), zone), at(today + timedelta(days=1), time(), zone)


def digest_at(day: date, rule: Digest, zone: str) -> datetime:
    """When the digest about `day` is due, by the clocks of `zone`."""
    return at(day - timedelta(days=rule.days_before), rule.at, zone)


def before_quiet(due_at: datetime, quiet: QuietHours | None, home: str) -> datetime:
    """`due_at`, or earlier where it lies in the quiet hours of `home`, the recipient's zone. Never later."""
    local = due_at.astimezone(ZoneInfo(home))
    if quiet is None or not is_quiet(local.time(), quiet):
        return due_at
    has_begun_yesterday = local.time() < quiet.start
    begin = at(local.date() - timedelta(days=has_begun_yesterday), quiet.start, home)
    return min(due_at, begin - BEFORE_QUIET_HOURS)


def is_quiet(wall: time, quiet: QuietHours) -> bool:
    """Whether a wall-clock time lies in quiet hours. They begin at `start`, and are over at `end`."""
    if quiet.start < quiet.end:
        return quiet.start <= wall < quiet.end
    return wall >= quiet.start or wall < quiet.end


def spread_within(rules: Reminders) -> timedelta | None:
    """How far from its minute a reminder may go, both ways; None where none is spread. At most half of the time that
    is left until the session, so that it still is a reminder."""
    if rules.reminder is None or rules.spread is None:
        return None
    return min(timedelta(minutes=rules.spread.minutes), timedelta(minutes=rules.reminder.minutes_before) / 2)


def spread(due_at: datetime, key: str, within: timedelta) -> datetime:
    """A whole second up to `within` before or after `due_at`, which follows from `key` alone: the same at each try,
    and for many keys evenly spread."""
    seconds = int(within.total_seconds())
    number = int.from_bytes(sha256(key.encode()).digest()[:8], "big")
    return due_at + timedelta(seconds=number % (2 * seconds + 1) - seconds)
