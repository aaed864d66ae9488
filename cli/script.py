"""What happens in a rehearsal besides registrations: second thoughts, withdrawals, mistakes, late comers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from cli.doors import Street
from cli.people import Invented, people
from cli.rehearsal import Act
from domain.times import session_period
from schemas.programme import Conference

Play = Callable[[Street, datetime], None]


def script(conference: Conference, number: int, starts: datetime, seed: int) -> list[Act]:
    """The acts of a rehearsal with `number` participants, reproducible by `seed`."""
    everybody = list(people(conference, number, Random(seed)))  # noqa: S311 - invented people, not secrets
    acts = [Act(starts, _everybody_registers(everybody))]
    if len(everybody) >= 4:
        by_webhook = [person for person in everybody if person.door == "standard"]
        acts.append(Act(starts + timedelta(days=1), _second_thoughts(by_webhook)))
        acts.append(Act(_shortly_before_the_first(conference), _a_late_comer(everybody[0])))
    return acts


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
