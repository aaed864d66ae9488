"""`/admin/`: today. One verdict; how each session of today and next stands; what needs a person; the day's reminders.

It shows numbers, states and reasons, and nobody's name or address. Single people are led to, by their ids, for those
who may see them masked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database.census import Census, People, Reminders
from adapters.toolbox import Toolbox
from domain.times import VIENNA, Period, WallTimeError, local_date, session_period
from schemas.programme import Conference
from schemas.programme import Session as Planned
from web.admin.charts import HEIGHT, WIDTH, Mark, Part, along, bar, columns
from web.admin.needs import Need, needs
from web.admin.parts import Parts, read
from web.admin.visits import Visit, Visits
from web.inbox import Inbox
from web.problems import Problem

_MOST_NEXT = 8
"""Sessions after today that are shown."""
_SOON = timedelta(days=7)
"""Of those that begin later, the ones for which anybody has registered are shown."""

_WAITS = ("pending", "waitlisted", "offered")
DONE = ("sent", "late", "due", "planned", "unsent")


@dataclass(frozen=True, slots=True)
class Stand:
    """How one session stands. `hours` in Vienna; `there`: at the conference, where that has another clock. `waiting`:
    for approval, or for a place."""

    conference: str
    id: str
    title: str
    period: Period
    hours: str
    there: str | None
    is_today: bool
    cancelled: bool
    registered: int
    waiting: int
    people: People
    parts: Sequence[Part]

    @property
    def is_asked_for(self) -> bool:
        """Whether anybody has registered, or wishes to."""
        return bool(self.registered or self.waiting)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Reminders of one kind that are due in the same minute. `numbers`: by how they stand, in the order of DONE."""

    conference: str
    kind: str
    due_at: datetime
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Line:
    """The day's reminders, drawn. `hours`: where each third hour of Vienna's day stands."""

    width: int
    height: int
    marks: Sequence[Mark]
    hours: Sequence[tuple[float, str]]
    now: float


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows."""

    parts: Parts
    sessions: Sequence[Stand]
    needs: Sequence[Need]
    crowds: Sequence[Crowd]
    line: Line


class Today:
    """The first page."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/", self._today, right="figures")]

    async def _today(self, visit: Visit) -> Response:
        try:
            overview = await self._inbox.ask(partial(overview_of, self._toolbox))
        except Problem:
            return visit.page("today_gone", 503)
        return visit.page("today", overview=overview, done=DONE, ways=[one.path for one in visit.menu])


def overview_of(toolbox: Toolbox) -> Overview:
    """Everything at this moment.

    Raises:
        DatabaseUnavailable: where the database is gone.
    """
    parts = read(toolbox)
    with toolbox.database.read() as session:
        in_force = [one.conference for one in toolbox.shelf.all(session)]
        found = needs(session, parts.census)
    crowds = list(_crowds(parts.census.reminders))
    return Overview(
        parts, _sessions(in_force, parts.census, parts.now), found, crowds,
        _line(crowds, parts.day, parts.now),
    )  # fmt: skip


def _sessions(in_force: Sequence[Conference], census: Census, now: datetime) -> list[Stand]:
    """Today's, over or not, and the next ones that are not today."""
    people = {(one.conference, one.session): one for one in census.people}
    waiting: dict[tuple[str, str], int] = {}
    for row in census.places:
        if row.state in _WAITS:
            waiting[row.conference, row.session] = waiting.get((row.conference, row.session), 0) + row.number
    planned = sorted(
        ((period, conference, one) for conference in in_force for one in conference.sessions
         if (period := _period(conference, one)) is not None),
        key=lambda each: (each[0].start, each[1].id, each[2].id),
    )  # fmt: skip
    today = local_date(now, VIENNA)
    of_today = [each for each in planned if local_date(each[0].start, VIENNA) == today]
    stands = [_stand(*each, waiting, people, is_today=each in of_today)
              for each in planned if each in of_today or each[0].start > now]  # fmt: skip
    coming = (one for one in stands if not one.is_today and (one.is_asked_for or one.period.start - now < _SOON))
    return [*(one for one in stands if one.is_today), *islice(coming, _MOST_NEXT)]


def _period(conference: Conference, session: Planned) -> Period | None:
    try:
        return session_period(session, conference.time_zone)
    except WallTimeError:
        return None


def _stand(
    period: Period, conference: Conference, session: Planned, waiting: Mapping[tuple[str, str], int],
    people: Mapping[tuple[str, str], People], *, is_today: bool,
) -> Stand:  # fmt: skip
    key = conference.id, session.id
    one = people.get(key, People._make((*key, 0, 0, 0, 0, 0, 0)))
    parts = {name: getattr(one, name) for name in ("accepted", "on_its_way", "untold", "bounced", "held")}
    return Stand(
        conference=conference.id,
        id=session.id,
        title=session.title or session.id,
        period=period,
        hours=hours(period, VIENNA),
        there=None if _same_clock(period, conference.time_zone) else hours(period, conference.time_zone),
        is_today=is_today,
        cancelled=session.cancelled,
        registered=sum(parts.values()),
        waiting=waiting.get(key, 0),
        people=one,
        parts=bar(parts),
    )


def hours(period: Period, zone: str) -> str:
    """`Tue 15 Jun, 18:00–19:00 CEST`, by the clocks of `zone`."""
    start, end = (one.astimezone(ZoneInfo(zone)) for one in (period.start, period.end))
    return f"{start:%a} {start.day} {start:%b, %H:%M}–{end:%H:%M %Z}"


def _same_clock(period: Period, zone: str) -> bool:
    here, there = (period.start.astimezone(ZoneInfo(one)).utcoffset() for one in (VIENNA, zone))
    return here == there


def _crowds(reminders: Sequence[Reminders]) -> Iterator[Crowd]:
    """Of what is of use until the same instant the first says when all were due: they may be spread around it."""
    first: dict[tuple[str, str, datetime], datetime] = {}
    for one in reminders:
        crowd = one.conference, one.kind, one.until
        first[crowd] = min(first.get(crowd, one.first_due), one.first_due)
    found: dict[tuple[datetime, str, str], list[int]] = {}
    for one in reminders:
        due_at = first[one.conference, one.kind, one.until].replace(second=0, microsecond=0)
        numbers = found.setdefault((due_at, one.conference, one.kind), [0] * len(DONE))
        numbers[DONE.index(_done(one))] += one.number
    for (due_at, conference, kind), numbers in sorted(found.items()):
        yield Crowd(conference, kind, due_at, numbers)


def _done(one: Reminders) -> str:
    if one.state in {"sent", "due"}:
        return "late" if one.late else one.state
    return "planned" if one.state in {"planned", "claimed"} else "unsent"


def _line(crowds: Sequence[Crowd], day: tuple[datetime, datetime], now: datetime) -> Line:
    stacks: dict[datetime, dict[str, int]] = {}
    for one in crowds:
        parts = stacks.setdefault(one.due_at, dict.fromkeys(DONE, 0))
        for name, number in zip(DONE, one.numbers, strict=True):
            parts[name] += number
    zone, midnight = ZoneInfo(VIENNA), day[0].astimezone(ZoneInfo(VIENNA))
    at = [(hour, midnight.replace(hour=hour)) for hour in range(0, 24, 3)]
    ticks = [(along(day, moment), f"{hour:02}:00") for hour, moment in at if moment.tzinfo is zone]
    return Line(WIDTH, HEIGHT, columns(day, list(stacks.items())), ticks, along(day, now))
