"""What is counted over all rows for the monitor: too slow for a page where there are a million letters, so a worker
counts anew every few seconds and keeps the result; pages read that.

The rows are the only truth: a census is never added to, only counted anew, so that it cannot drift, and where none is
fresh (no clock, no broker) whoever asks counts for themselves. See docs/decisions/0015-counted-aside.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Select, and_, case, delete, func, literal, select, true
from sqlalchemy.orm import Session

from adapters.database import answers, outgoing, registrants
from adapters.database.engine import insert_unless_there
from adapters.database.letters import PLANNED, SESSION_KINDS
from adapters.database.many import each_of, is_longer
from adapters.database.tables import CensusRow, EnvelopeRow, Instant, LetterRow, RegistrationRow

FRESH: Final = timedelta(minutes=2)
"""Older ones are not shown: by then something is wrong with who counts, and the page counts itself."""
EVERY: Final = timedelta(seconds=10)
SHARE: Final = 9
"""Counting rests so many times as long as it took, if that is longer: a tenth of one core at most."""
RATES_OVER: Final = timedelta(minutes=5)
LATE: Final = timedelta(minutes=1)
"""A reminder that went so long after it was due was late."""

_NAME: Final = "all"
_REMINDERS = ("week-digest", "digest", "reminder", "last-reminder")


class Letters(NamedTuple):
    """How many; those that were sent and came back are `bounced`."""

    conference: str
    kind: str
    state: str
    number: int


class Envelopes(NamedTuple):
    """How many."""

    conference: str
    source: str
    state: str
    number: int


class Places(NamedTuple):
    """How many registrations. `language`: which interpretation they wish for, empty for none."""

    conference: str
    session: str
    state: str
    attendance: str
    language: str
    number: int


class People(NamedTuple):
    """How those stand who are registered for a session, by their newest invitation or update: each is in one number.
    `reminded` is besides: who was sent a digest or a reminder that speaks of it."""

    conference: str
    session: str
    accepted: int
    bounced: int
    held: int
    on_its_way: int
    untold: int
    reminded: int


class Reminders(NamedTuple):
    """The day's reminders of one kind that are of use `until` the same instant, as they stood when they were counted:
    in a letter's states, and `due` for what should have gone. `late`: it went, or has not gone, more than a minute
    after it was due. The conference's time."""

    conference: str
    kind: str
    until: datetime
    state: str
    late: bool
    first_due: datetime
    number: int


class Answers(NamedTuple):
    """What calendars have answered."""

    conference: str
    session: str
    partstat: str
    number: int


class AtZoom(NamedTuple):
    """How many are at a Zoom event, by what we know of them, as `registrants.counts` has it, or `came`."""

    event_id: str
    state: str
    number: int


class Flow(NamedTuple):
    """What came to a stage and left it within the last minutes, by the conference's clock."""

    stage: str
    came: int
    left: int


@dataclass(frozen=True, slots=True)
class Census:
    """All that was counted, in one transaction; `machine_counted` is when, `seconds` how long it took."""

    machine_counted: datetime
    seconds: float
    letters: list[Letters]
    retrying: int
    envelopes: list[Envelopes]
    places: list[Places]
    people: list[People]
    reminders: list[Reminders]
    answers: list[Answers]
    at_zoom: list[AtZoom]
    flows: list[Flow]

    def letters_in(self, *states: str) -> int:
        """How many letters are in these states."""
        return sum(one.number for one in self.letters if one.state in states)


class Day(NamedTuple):
    """The day whose reminders are counted: from its first instant until the next day's (UTC)."""

    start: datetime
    end: datetime


_READ: Final = TypeAdapter(Census)


def current(session: Session, day: Day, now: datetime, machine_now: datetime) -> Census:
    """The census that was kept last, or one that is counted now where that is too old."""
    kept = _kept(session)
    if kept is not None and abs(machine_now - kept.machine_counted) < FRESH:
        return kept
    return count(session, day, now, machine_now)


def last(session: Session, day: Day, now: datetime, machine_now: datetime) -> Census:
    """The census that was kept last, however old it is: for who would rather have old numbers than wait for new ones.
    Where none was ever kept, one that is counted now."""
    return _kept(session) or count(session, day, now, machine_now)


def is_due(session: Session, machine_now: datetime) -> bool:
    """Whether it is time to count again; for several who count."""
    kept = _kept(session)
    if kept is None:
        return True
    rest = max(EVERY, timedelta(seconds=SHARE * kept.seconds))
    # A machine's clock that is set back must not keep an old census.
    return abs(machine_now - kept.machine_counted) >= rest


def keep(session: Session, census: Census) -> None:
    """Keep a census, in place of the one before."""
    session.execute(delete(CensusRow).where(CensusRow.name == _NAME))
    insert_unless_there(session, CensusRow, {"name": _NAME, "document": _READ.dump_json(census).decode()})


def _kept(session: Session) -> Census | None:
    """The last one; none where another version of Convenor kept it, and counted something else."""
    document = session.scalar(select(CensusRow.document).where(CensusRow.name == _NAME))
    try:
        return None if document is None else _READ.validate_json(document)
    except ValidationError:
        return None


def count(session: Session, day: Day, now: datetime, machine_now: datetime) -> Census:
    """Count everything now. `now` is the conference's time."""
    since = now - RATES_OVER
    came_back = outgoing.counts(session)
    envelopes, posts = _envelopes(session, since)
    places, changed = _places(session, since)
    written, due, sent, retrying = _lately(session, since, now)
    return Census(
        machine_counted=machine_now,
        seconds=0.0,
        letters=[Letters(*key, number) for key, number in sorted(came_back.items())],
        retrying=retrying,
        envelopes=envelopes,
        places=places,
        people=_people(session, now),
        reminders=_reminders(session, day, now),
        answers=[Answers(*key, number) for key, number in sorted(answers.counts(session).items())],
        at_zoom=[AtZoom(*key, number) for key, number in sorted(_at_zoom(session).items())],
        flows=[Flow("intake", *posts), Flow("conferencing", changed, written), Flow("delivery", due, sent)],
    )


def _envelopes(session: Session, since: datetime) -> tuple[list[Envelopes], tuple[int, int]]:
    """By source and state; and how many came and were settled since then."""
    columns = EnvelopeRow.conference, EnvelopeRow.source, EnvelopeRow.state
    numbers = func.count(), _if(EnvelopeRow.received_at > since), _if(EnvelopeRow.settled_at > since)
    rows = session.execute(select(*columns, *numbers).group_by(*columns).order_by(*columns)).all()
    return [Envelopes(*row[:4]) for row in rows], (sum(row[4] for row in rows), sum(row[5] for row in rows))


def _places(session: Session, since: datetime) -> tuple[list[Places], int]:
    """By how they stand and what they wish to hear; and how many have changed since then."""
    columns = (RegistrationRow.conference, RegistrationRow.session, RegistrationRow.state, RegistrationRow.attendance,
               func.coalesce(RegistrationRow.interpretation, ""))  # fmt: skip
    wanted = select(*columns, func.count(), _if(RegistrationRow.changed_at > since)).group_by(*columns)
    rows = session.execute(wanted).all()
    return sorted(Places(*row[:6]) for row in rows), sum(row[6] for row in rows)


def _lately(session: Session, since: datetime, now: datetime) -> tuple[int, int, int, int]:
    """Letters about sessions that were written since then; all that have become due, and that were sent; and how many
    wait to be tried once more."""
    numbers = (
        _if(and_(LetterRow.created_at > since, LetterRow.kind.in_(SESSION_KINDS))),
        _if(and_(LetterRow.due_at > since, LetterRow.due_at <= now)),
        _if(LetterRow.sent_at > since),
        _if(and_(PLANNED, LetterRow.machine_try_after.is_not(None))),
    )
    written, due, sent, retrying = session.execute(select(*numbers)).one()
    return written or 0, due or 0, sent or 0, retrying or 0


_OUTCOMES: Final = ("on_its_way", "held", "bounced", "accepted")


def _people(session: Session, now: datetime) -> list[People]:
    """Of each registration the newest letter that invites says how it stands: the greatest of revision and outcome."""
    came_back = and_(LetterRow.state == "sent", LetterRow.bounced.is_not(None))
    outcome = case((came_back, 2), (LetterRow.state == "sent", 3),
                   (LetterRow.state.in_(("held", "failed", "expired")), 1), else_=0)  # fmt: skip
    newest = (
        select(LetterRow.participant_id, LetterRow.about,
               (func.max(LetterRow.revision * len(_OUTCOMES) + outcome) % len(_OUTCOMES)).label("outcome"))
        .where(LetterRow.kind.in_(("invitation", "update")))
        .group_by(LetterRow.participant_id, LetterRow.about)
        .subquery()
    )  # fmt: skip
    of_registration = and_(newest.c.participant_id == RegistrationRow.participant_id,
                           newest.c.about == RegistrationRow.session)  # fmt: skip
    columns = RegistrationRow.conference, RegistrationRow.session, newest.c.outcome
    rows = session.execute(
        select(*columns, func.count())
        .join(newest, of_registration, isouter=True)
        .where(RegistrationRow.state == "registered")
        .group_by(*columns)
    )
    found: dict[tuple[str, str], dict[str, int]] = {}
    for conference, session_id, number_of_outcome, number in rows:
        name = "untold" if number_of_outcome is None else _OUTCOMES[number_of_outcome]
        found.setdefault((conference, session_id), {})[name] = number
    reminded = {(conference, about): number for conference, about, number in session.execute(_reminded(session, now))}
    return [
        People._make((*key, *(by_name.get(name, 0) for name in People._fields[2:-1]), reminded.get(key, 0)))
        for key, by_name in sorted(found.items())
    ]


def _reminded(session: Session, now: datetime) -> Select[str, str, int]:
    """How many people were sent a reminder that speaks of a session which is not over for more than a day."""
    spoken = each_of(session, LetterRow.sessions)
    return (
        select(LetterRow.conference, spoken.c.value, func.count(LetterRow.participant_id.distinct()))
        .join(spoken, true())
        .where(LetterRow.kind.in_(("digest", "reminder", "last-reminder")), LetterRow.state == "sent",
               LetterRow.not_after > now - timedelta(days=1))
        .group_by(LetterRow.conference, spoken.c.value)
    )  # fmt: skip


def _reminders(session: Session, day: Day, now: datetime) -> list[Reminders]:
    went = func.coalesce(LetterRow.sent_at, literal(now, Instant()))
    late = case((is_longer(LetterRow.due_at, went, LATE.total_seconds()), 1), else_=0)
    state = case((and_(LetterRow.state.in_(("planned", "claimed")), LetterRow.due_at <= now), "due"),
                 else_=LetterRow.state)  # fmt: skip
    numbered = (
        select(LetterRow.conference, LetterRow.kind, LetterRow.not_after, state.label("stands"), late.label("late"),
               LetterRow.due_at)
        .where(LetterRow.kind.in_(_REMINDERS), LetterRow.due_at >= day.start, LetterRow.due_at < day.end)
        .subquery()
    )  # fmt: skip
    columns = numbered.c.conference, numbered.c.kind, numbered.c.not_after, numbered.c.stands, numbered.c.late
    rows = session.execute(select(*columns, func.min(numbered.c.due_at), func.count()).group_by(*columns))
    found = [Reminders(of, kind, until, stands, bool(was_late), first_due, number)
             for of, kind, until, stands, was_late, first_due, number in rows]  # fmt: skip
    return sorted(found, key=lambda one: (one.first_due, *one[:5]))


def _at_zoom(session: Session) -> dict[tuple[str, str], int]:
    return registrants.counts(session) | registrants.came(session)


def _if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows a condition holds of."""
    return func.count(case((condition, 1)))
