"""Reminders: rows in the outbox with the time they are due, brought up to date whenever registrations change.

Never a Celery ETA: a due time is a row. What is owed, and what becomes of the rows that stand, comes from the domain;
here it is carried out, in the transaction that changed the registrations.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from adapters.database import letters
from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.rearming import Spoken, Step, is_done, owed_to, steps, told_at
from domain.reminders import BEFOREHAND, KINDS, USEFUL_AFTER_START
from domain.times import session_period
from schemas.reminders import Reminders
from workers.standing import place_of, standing_of


def plan(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow],
) -> None:  # fmt: skip
    """Bring a participant's reminders up to date with the registrations that have been told."""
    conference = in_force.conference
    spoken = (Spoken(letter, kind, tuple(of), due_at, not_after)
              for letter, kind, of, due_at, not_after in letters.spoken_of(session, participant.id))  # fmt: skip
    standing = {one: place_of(row) for one, row in places.items()}
    told = told_at(spoken, conference.reminders)
    owing = owed_to(conference, standing, participant.time_zone, told, toolbox.clock.now())
    newest = standing_of(letters.of_participant(session, participant.id, KINDS))
    participant.reminders_version = in_force.version if is_done(newest, owing, conference.reminders) else None
    take(toolbox, session, in_force, participant.id, steps(newest, owing, conference))


def take(toolbox: Toolbox, session: Session, in_force: InForce, participant_id: str, taken: Iterable[Step]) -> None:
    """Carry out what was decided of a participant's reminders. What was claimed meanwhile goes its way."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    for one in taken:
        if one.moves and one.standing is not None and one.draft is not None:
            letters.replan(session, one.standing.id, one.draft)
        elif one.draft is not None:
            letters.add(session, participant_id, in_force.conference.id, in_force.calendar_domain, one.draft, now,
                        machine_now)  # fmt: skip
        if one.standing is not None and one.reason is not None and (one.moves or one.draft is None):
            letters.withhold(session, one.standing.id, one.reason, now, machine_now)


def has_moved(letter: LetterRow, participant: ParticipantRow, in_force: InForce) -> bool:
    """Whether a reminder was planned for another hour than its session has now: the programme has changed since, and
    its participants' reminders are still to be planned anew."""
    if letter.kind not in BEFOREHAND or participant.reminders_version in {None, in_force.version}:
        return False
    planned = in_force.sessions.get(letter.about)
    if planned is None or planned.unconfirmed:
        return False
    start = session_period(planned, in_force.conference.time_zone).start
    return letter.not_after != start + USEFUL_AFTER_START


def why_not_now(letter: LetterRow, start: datetime, rules: Reminders, now: datetime) -> str | None:
    """Why a reminder that comes late is not sent any more; None where it is. `start`: of the first session that it
    speaks of, as things stand now."""
    if letter.kind in KINDS and letter.kind not in BEFOREHAND and now > start:
        return "too-late"
    last = rules.last_reminder
    if letter.kind == "reminder" and last and now >= start - timedelta(minutes=last.minutes_before):
        return "superseded"  # by the last one, which is due now too
    return None
