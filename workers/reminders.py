"""Reminders: rows in the outbox with the time they are due, brought up to date whenever registrations change.

Never a Celery ETA: a due time is a row. What is owed comes from the domain; here the rows that stand are compared
with it, in the transaction that changed the registrations.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from adapters.database import letters
from adapters.database.letters import Draft
from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.reminders import KINDS, Attended, Reminder, owed
from domain.times import session_period
from schemas.programme import Session as ProgrammeSession


def plan(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow],
) -> None:  # fmt: skip
    """Bring a participant's reminders up to date with the registrations that have been told."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    # Whoever is told just now has been told of everything that a reminder before now would have said.
    wanted = {(one.kind, one.about): one for one in owed_to(in_force, places, invited_at=now)}
    newest = {(row.kind, row.about): row for row in letters.of_participant(session, participant.id, KINDS)}
    for key, gone in newest.items():
        if key not in wanted:
            is_merged = any(gone.kind == one.kind and gone.about in one.sessions for one in wanted.values())
            letters.withhold(session, gone, "merged" if is_merged else "not-attending", now, machine_now)
    for key, one in wanted.items():
        row = newest.get(key)
        if row is not None and one.skip and row.due_at != one.due_at:
            letters.replan(session, row, _draft(one, row.revision))
            letters.withhold(session, row, one.skip, now, machine_now)
        elif row is None or _is_to_be_written_anew(row, one):
            draft = _draft(one, row.revision + 1 if row else 1)
            letters.add(session, participant.id, in_force.conference.id, in_force.calendar_domain, draft, now,
                        machine_now)  # fmt: skip
        else:
            letters.replan(session, row, _draft(one, row.revision))


def owed_to(in_force: InForce, places: dict[str, RegistrationRow], *, invited_at: datetime) -> tuple[Reminder, ...]:
    """The reminders owed for what a participant attends; sessions without a confirmed time bring none."""
    zone = in_force.conference.time_zone
    attended = [
        Attended(one.id, session_period(one, zone), place.attendance == "online")
        for one in in_force.conference.sessions
        if (place := places.get(one.id)) and is_attended(one, place)
    ]
    return owed(attended, in_force.conference, invited_at)


def is_attended(one: ProgrammeSession, place: RegistrationRow) -> bool:
    """Whether a participant has been invited to a session that will take place at a known time."""
    invited = place.state == "registered" and place.entry == "requested"
    return invited and one.unconfirmed is None and not one.cancelled


def _is_to_be_written_anew(row: LetterRow, one: Reminder) -> bool:
    """Whether a reminder stands that will not go any more, and another is owed: its participant had withdrawn, it had
    been merged with another's, or its session has been moved since it went or was given up (R7)."""
    if row.state == "skipped" and row.reason in {"not-attending", "merged"}:
        return True
    return row.state not in {"planned", "claimed"} and row.due_at != one.due_at


def _draft(one: Reminder, revision: int) -> Draft:
    return Draft(
        kind=one.kind, about=one.about, revision=revision, sessions=one.sessions, due_at=one.due_at,
        not_after=one.not_after, skip=one.skip,
    )  # fmt: skip
