"""Which reminders a participant is owed, when each is due, until when it is of use, and which are not owed at all.

Rules R1, R3, R5, R6 and R9, on the conference's clock: at 17:00 seven days before the first day, all that somebody has
chosen; at 17:00 on the day before, all of the next day's sessions; an hour before each session that is followed online;
ten minutes before it, where the programme wants that too. What is past already, or would come within half an hour of
the invitation or of another reminder, is skipped with its reason: that has just said it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from domain.times import Period, local_date, previous_day_at
from schemas.programme import Conference, Reminders

DIGEST_AT = time(17, 0)
WEEK_BEFORE = timedelta(days=7)
HOUR_BEFORE = timedelta(hours=1)
TEN_MINUTES_BEFORE = timedelta(minutes=10)
USEFUL_AFTER_START = timedelta(minutes=15)
TOO_SOON_AFTER_LETTER = timedelta(minutes=30)
TOGETHER = timedelta(minutes=30)
"""Sessions that begin within so long of the first of them share its reminder."""

ReminderKind = Literal["week-digest", "digest", "reminder", "last-reminder"]
KINDS: tuple[ReminderKind, ...] = get_args(ReminderKind)
BEFOREHAND: frozenset[str] = frozenset({"reminder", "last-reminder"})

SkipReason = Literal["registered-after-its-time", "invited-just-before"]


@dataclass(frozen=True, slots=True)
class Attended:
    """A confirmed session that a participant will attend. `told_at`: when a letter or a reminder last spoke of it;
    None where that is just now."""

    session: str
    period: Period
    online: bool
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder that is owed. `about` is the id of the (first) session, or for a digest the date as 2021-06-14: of
    its day, or of the conference's first."""

    kind: ReminderKind
    about: str
    sessions: tuple[str, ...]
    due_at: datetime
    not_after: datetime
    skip: SkipReason | None


def is_on(kind: str, switches: Reminders) -> bool:
    """Whether a conference sends reminders of this kind."""
    return bool(getattr(switches, kind.replace("-", "_")))


def owed(attended: Iterable[Attended], conference: Conference, now: datetime) -> tuple[Reminder, ...]:
    """The reminders owed to one participant for all sessions attended, in order of time, as things stand `now` (UTC).

    Sessions share a reminder only where each is owed one: what is skipped of one session takes nothing from another.
    """
    in_order = sorted(attended, key=lambda one: (one.period.start, one.session))
    if not in_order:
        return ()
    online = [one for one in in_order if one.online]
    reminders = [
        _week_before(in_order, conference, now),
        *(_day_before(day, sessions, conference, now) for day, sessions in _days(in_order, conference).items()),
        *_beforehand("reminder", online, HOUR_BEFORE, now),
        *_beforehand("last-reminder", online, TEN_MINUTES_BEFORE, now),
    ]
    wanted = [one for one in reminders if is_on(one.kind, conference.reminders)]
    return tuple(sorted(wanted, key=lambda one: (one.due_at, one.about)))


def _week_before(attended: Sequence[Attended], conference: Conference, now: datetime) -> Reminder:
    """Of use until the conference's first day begins, or its first session, should that be earlier."""
    first, zone = conference.starts, conference.time_zone
    due_at = _at(first - WEEK_BEFORE, DIGEST_AT, zone)
    useful_until = min(_at(first, time(), zone), attended[0].period.start)
    skip = _skip(due_at, attended, now)
    return Reminder("week-digest", first.isoformat(), _ids(attended), due_at, useful_until, skip)


def _at(day: date, wall: time, zone: str) -> datetime:
    """In UTC. Some zones put their clocks forward at midnight: then as much later."""
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)


def _days(in_order: Sequence[Attended], conference: Conference) -> dict[str, list[Attended]]:
    days: dict[str, list[Attended]] = {}
    for one in in_order:
        days.setdefault(local_date(one.period.start, conference.time_zone).isoformat(), []).append(one)
    return days


def _day_before(day: str, attended: Sequence[Attended], conference: Conference, now: datetime) -> Reminder:
    first = attended[0].period.start
    due_at = previous_day_at(first, DIGEST_AT, conference.time_zone)
    return Reminder("digest", day, _ids(attended), due_at, first, _skip(due_at, attended, now))


def _beforehand(kind: ReminderKind, online: Sequence[Attended], before: timedelta, now: datetime) -> Iterator[Reminder]:
    skipped = {one.session: _skip(one.period.start - before, [one], now) for one in online}
    for one in online:
        if skip := skipped[one.session]:
            yield _before(kind, [one], before, skip)
    for sessions in _together([one for one in online if skipped[one.session] is None]):
        yield _before(kind, sessions, before, None)


def _together(online: Sequence[Attended]) -> list[list[Attended]]:
    """Sessions that begin within half an hour of the first of them: nobody wants a reminder for each."""
    groups: list[list[Attended]] = []
    for one in online:
        if groups and one.period.start - groups[-1][0].period.start <= TOGETHER:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _before(kind: ReminderKind, attended: Sequence[Attended], before: timedelta, skip: SkipReason | None) -> Reminder:
    start = attended[0].period.start
    return Reminder(kind, attended[0].session, _ids(attended), start - before, start + USEFUL_AFTER_START, skip)


def _ids(attended: Sequence[Attended]) -> tuple[str, ...]:
    return tuple(one.session for one in attended)


def _skip(due_at: datetime, attended: Sequence[Attended], now: datetime) -> SkipReason | None:
    """Why a reminder of these is not owed: its time is past, or each of them was spoken of just before it."""
    if due_at <= now:
        return "registered-after-its-time"
    last_told = min(one.told_at or now for one in attended)
    return "invited-just-before" if due_at - last_told <= TOO_SOON_AFTER_LETTER else None
