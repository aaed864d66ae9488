"""What happens in a rehearsal besides registrations: second thoughts, withdrawals, mistakes, late comers; and what the
organisers change: a session is moved, and one is cancelled when its reminders have just gone."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from adapters.database import programmes
from adapters.toolbox import Toolbox
from cli.doors import Street
from cli.people import Invented, people
from cli.rehearsal import Act
from domain.programme import invitable
from domain.times import session_period
from schemas.programme import Conference, Session
from workers import plans

Play = Callable[[Street, datetime], None]

_MOVED_BY: Final = timedelta(minutes=30)


def script(conference: Conference, number: int, starts: datetime, seed: int) -> list[Act]:
    """The acts of a rehearsal with `number` participants, reproducible by `seed`."""
    everybody = list(people(conference, number, Random(seed)))  # noqa: S311 - invented people, not secrets
    acts = [Act(starts, _everybody_registers(everybody))]
    if len(everybody) >= 4:
        by_webhook = [person for person in everybody if person.door == "standard"]
        acts.append(Act(starts + timedelta(days=1), _second_thoughts(by_webhook)))
        acts.append(Act(_shortly_before_the_first(conference), _a_late_comer(everybody[0])))
    return acts


def changes(conference: Conference, toolbox: Toolbox, starts: datetime) -> list[Act]:
    """What the organisers change, as a plan that is applied. Nothing where there are fewer than three sessions."""
    confirmed = sorted((one for one in conference.sessions if invitable(one)), key=_when)
    main = [one for one in confirmed if one.kind != "side-event"] or confirmed
    beside = [one for one in confirmed if one is not main[-1] and one.kind == "side-event"] or main[:-1]
    later = _later(main[-1]) if len(confirmed) > 2 else None
    if later is None:
        return []
    gone = beside[-1]
    begins = session_period(gone, conference.time_zone).start
    return [
        Act(starts + timedelta(days=2), _change(toolbox, conference.id, main[-1].id, later)),
        Act(begins - timedelta(minutes=45), _change(toolbox, conference.id, gone.id, {"cancelled": True})),
    ]


def _when(session: Session) -> tuple[date | None, time | None]:
    return session.date, session.start


def _later(session: Session) -> dict[str, object] | None:
    """Half an hour later; None where that is another day."""
    assert session.date is not None  # noqa: S101 - it is confirmed
    wall = [datetime.combine(session.date, one) + _MOVED_BY for one in (session.start, session.end) if one is not None]
    if any(one.date() != session.date for one in wall):
        return None
    return dict(zip(("start", "end"), (one.time() for one in wall), strict=True))


def _change(toolbox: Toolbox, conference: str, session_id: str, fields: dict[str, object]) -> Play:
    def play(_street: Street, _machine_now: datetime) -> None:
        with toolbox.database.read() as session:
            found = programmes.in_force(session, conference)
        assert found is not None  # noqa: S101 - it is what is rehearsed
        known, _ = found
        sessions = tuple(one.model_copy(update=fields) if one.id == session_id else one for one in known.sessions)
        after = known.model_copy(update={"sessions": sessions})
        plans.apply(toolbox, after, plans.plan(toolbox, after).digest, "cli:rehearsal")

    return play


def _everybody_registers(everybody: list[Invented]) -> Play:
    def play(street: Street, machine_now: datetime) -> None:
        for number, person in enumerate(everybody):
            street.arrive(person, number, machine_now)

    return play


def _second_thoughts(by_webhook: list[Invented]) -> Play:
    """One delivery is repeated, one person chooses another interpretation, one another way to attend, one withdraws,
    and one post names a session that does not exist."""
    repeated, listener, leaver = by_webhook[0], by_webhook[1], by_webhook[2]

    def play(street: Street, machine_now: datetime) -> None:
        street.arrive(repeated, 0, machine_now)
        again = listener.data | {"interpretation": "fr" if listener.data["interpretation"] != "fr" else "ru"}
        street.arrive(Invented(again, "standard"), 100_001, machine_now)
        street.withdraw(leaver.data["email"], leaver.data["sessions"][:1], 100_002, machine_now)
        mistaken = leaver.data | {"email": "mistaken@ngo.example.org", "sessions": ["no-such-session"]}
        street.arrive(Invented(mistaken, "standard"), 100_003, machine_now)

    return play


def _a_late_comer(like: Invented) -> Play:
    def play(street: Street, machine_now: datetime) -> None:
        late = like.data | {"email": "late@ngo.example.org", "full_name": "Late Comer", "visibility": "standard"}
        street.arrive(Invented(late, "standard"), 100_004, machine_now)

    return play


def _shortly_before_the_first(conference: Conference) -> datetime:
    """Twenty minutes before the first session: too late for its reminders."""
    confirmed = [one for one in conference.sessions if one.unconfirmed is None and not one.cancelled]
    return min(session_period(one, conference.time_zone).start for one in confirmed) - timedelta(minutes=20)
