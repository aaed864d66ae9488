"""Which reminders a participant is owed, when each is due, until when it is of use, and which are not owed at all.

Rules R1, R3, R5, R6, R8 and R9, on the conference's clock, at the hours that its programme gives. As usual: at 17:00
seven days before the first day, all that somebody has chosen; at 17:00 on the day before, all of the next day's
sessions, both earlier where that is in the recipient's quiet hours; an hour before each session that is followed
online; ten minutes before it, where the programme wants that too. What is past already, or would come within half an
hour of the invitation or of another reminder, is skipped with its reason: that has just said it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args

from domain.cadence import at, before_quiet, digest_at
from domain.times import Period, local_date
from schemas.programme import Conference
from schemas.reminders import Reminder as Rule
from schemas.reminders import Reminders

USEFUL_AFTER_START = timedelta(minutes=15)
TOO_SOON_AFTER_LETTER = timedelta(minutes=30)
TOGETHER = timedelta(minutes=30)
"""Sessions that begin within so long of the first of them share its reminder."""

ReminderKind = Literal["week-digest", "digest", "reminder", "last-reminder"]
KINDS: tuple[ReminderKind, ...] = get_args(ReminderKind)
BEFOREHAND: frozenset[str] = frozenset({"reminder", "last-reminder"})

SkipReason = Literal["registered-after-its-time", "invited-just-before", "planned-after-its-time"]
NOT_IN_TIME: frozenset[str] = frozenset(get_args(SkipReason))


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


def owed(attended: Iterable[Attended], conference: Conference, home: str, now: datetime) -> tuple[Reminder, ...]:
    """The reminders owed to one participant for all sessions attended, in order of time, as things stand `now` (UTC).
    `home`: the participant's own zone, by its IANA name.

    Sessions share a reminder only where each is owed one: what is skipped of one session takes nothing from another.
    """
    in_order = sorted(attended, key=lambda one: (one.period.start, one.session))
    if not in_order:
        return ()
    online = [one for one in in_order if one.online]
    reminders = [
        *_week_before(in_order, conference, home, now),
        *_days_before(in_order, conference, home, now),
        *_beforehand("reminder", online, conference.reminders.reminder, now),
        *_beforehand("last-reminder", online, conference.reminders.last_reminder, now),
    ]
    return tuple(sorted(reminders, key=lambda one: (one.due_at, one.about)))


def hour_before(start: datetime, rules: Reminders) -> datetime:
    """When the reminder of a session that begins at `start` is due before it is spread; where there is none any more,
    the start itself."""
    return start - timedelta(minutes=rules.reminder.minutes_before if rules.reminder else 0)


def _week_before(attended: Sequence[Attended], conference: Conference, home: str, now: datetime) -> Iterator[Reminder]:
    """Of use until the conference's first day begins, or its first session, should that be earlier."""
    first, zone, rules = conference.starts, conference.time_zone, conference.reminders
    if rules.week_digest is None:
        return
    hour = digest_at(first, rules.week_digest, zone)
    due_at = before_quiet(hour, rules.quiet_hours, home)
    useful_until = min(at(first, time(), zone), attended[0].period.start)
    if due_at < useful_until:
        skip = _skip(due_at, attended, now, hour)
        yield Reminder("week-digest", first.isoformat(), _ids(attended), due_at, useful_until, skip)


def _days_before(in_order: Sequence[Attended], conference: Conference, home: str, now: datetime) -> Iterator[Reminder]:
    """For each day, of use until its first session begins."""
    rules, zone = conference.reminders, conference.time_zone
    if rules.digest is None:
        return
    for day, sessions in _days(in_order, zone).items():
        hour = digest_at(day, rules.digest, zone)
        due_at = before_quiet(hour, rules.quiet_hours, home)
        skip = _skip(due_at, sessions, now, hour)
        yield Reminder("digest", day.isoformat(), _ids(sessions), due_at, sessions[0].period.start, skip)


def _days(in_order: Sequence[Attended], zone: str) -> dict[date, list[Attended]]:
    days: dict[date, list[Attended]] = {}
    for one in in_order:
        days.setdefault(local_date(one.period.start, zone), []).append(one)
    return days


def _beforehand(kind: ReminderKind, online: Sequence[Attended], rule: Rule | None, now: datetime) -> Iterator[Reminder]:
    if rule is None:
        return
    before = timedelta(minutes=rule.minutes_before)
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


def _skip(
    due_at: datetime, attended: Sequence[Attended], now: datetime, hour: datetime | None = None
) -> SkipReason | None:
    """Why a reminder of these is not owed: each of them was spoken of after its time, or just before it; or it is
    planned only now, and its time is past. `hour`: without quiet hours; until then it still goes, if late."""
    last_told = min(one.told_at or now for one in attended)
    if due_at <= last_told:
        return "registered-after-its-time"
    if due_at - last_told <= TOO_SOON_AFTER_LETTER:
        return "invited-just-before"
    return "planned-after-its-time" if (hour or due_at) <= now else None
