"""Which reminders a participant is owed, when each is due, until when it is of use, and which are not owed at all.

Rules R1, R3, R5 and R9: a digest at 17:00 on the conference's clock the day before, covering all of the next day's
sessions; one hour before each session that is followed online. What was already past when the participant registered,
or would come within half an hour of the invitation, is skipped with its reason: the invitation has just said it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from domain.times import Period, local_date, previous_day_at

DIGEST_AT = time(17, 0)
HOUR_BEFORE = timedelta(hours=1)
USEFUL_AFTER_START = timedelta(minutes=15)
TOO_SOON_AFTER_INVITATION = timedelta(minutes=30)

SkipReason = Literal["registered-after-its-time", "invited-just-before"]


@dataclass(frozen=True, slots=True)
class Attended:
    """A confirmed session that a participant will attend."""

    session: str
    period: Period
    online: bool


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder that is owed. `about` is a session's id, or for a digest the date as 2021-06-14."""

    kind: Literal["reminder", "digest"]
    about: str
    sessions: tuple[str, ...]
    due_at: datetime
    not_after: datetime
    skip: SkipReason | None


def owed(attended: Iterable[Attended], zone: str, invited_at: datetime) -> tuple[Reminder, ...]:
    """The reminders owed to one participant for all sessions attended, in order of time.

    `zone` is the conference's; `invited_at` (UTC) when the participant was last told of these sessions.
    """
    in_order = sorted(attended, key=lambda one: (one.period.start, one.session))
    days: dict[str, list[Attended]] = {}
    for one in in_order:
        days.setdefault(local_date(one.period.start, zone).isoformat(), []).append(one)
    reminders = [_digest(day, sessions, zone, invited_at) for day, sessions in days.items()]
    reminders += [_hour_before(one, invited_at) for one in in_order if one.online]
    return tuple(sorted(reminders, key=lambda one: (one.due_at, one.about)))


def _digest(day: str, attended: list[Attended], zone: str, invited_at: datetime) -> Reminder:
    first = attended[0].period.start
    due_at = previous_day_at(first, DIGEST_AT, zone)
    return Reminder("digest", day, tuple(one.session for one in attended), due_at, first, _skip(due_at, invited_at))


def _hour_before(one: Attended, invited_at: datetime) -> Reminder:
    due_at = one.period.start - HOUR_BEFORE
    useful_until = one.period.start + USEFUL_AFTER_START
    return Reminder("reminder", one.session, (one.session,), due_at, useful_until, _skip(due_at, invited_at))


def _skip(due_at: datetime, invited_at: datetime) -> SkipReason | None:
    if due_at <= invited_at:
        return "registered-after-its-time"
    return "invited-just-before" if due_at - invited_at < TOO_SOON_AFTER_INVITATION else None
