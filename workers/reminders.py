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
from domain.reminders import Attended, Reminder, owed
from domain.times import session_period
from schemas.programme import Session as ProgrammeSession

KINDS = ("reminder", "digest")


def plan(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow],
) -> None:  # fmt: skip
    """Bring a participant's reminders up to date with the registrations that have been told."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    # Whoever is told just now has been told of everything that a reminder before now would have said.
    wanted = {(one.kind, one.about): one for one in owed_to(in_force, places, invited_at=now)}
    newest = {(row.kind, row.about): row for row in letters.of_participant(session, participant.id, KINDS)}
    for key, row in newest.items():
        if key not in wanted:
            letters.withhold(session, row, "not-attending", now, machine_now)
    for key, one in wanted.items():
        revision = _revision(newest.get(key))
        if revision is None:
            letters.replan(session, newest[key], _draft(one, newest[key].revision))
        else:
            letters.add(session, participant.id, in_force.conference.id, in_force.calendar_domain,
                        _draft(one, revision), now, machine_now)  # fmt: skip


def owed_to(in_force: InForce, places: dict[str, RegistrationRow], *, invited_at: datetime) -> tuple[Reminder, ...]:
    """The reminders owed for what a participant attends; sessions without a confirmed time bring none."""
    zone = in_force.conference.time_zone
    attended = [
        Attended(one.id, session_period(one, zone), place.attendance == "online")
        for one in in_force.conference.sessions
        if (place := places.get(one.id)) and is_attended(one, place)
    ]
    return owed(attended, zone, invited_at)


def is_attended(one: ProgrammeSession, place: RegistrationRow) -> bool:
    """Whether a participant has been invited to a session that will take place at a known time."""
    invited = place.state == "registered" and place.entry == "requested"
    return invited and one.unconfirmed is None and not one.cancelled


def _revision(row: LetterRow | None) -> int | None:
    """The revision of the row to write, or None where one stands: planned, on its way, sent, or skipped for good.
    Only a reminder that was withheld because its participant had withdrawn is written anew."""
    if row is None:
        return 1
    return row.revision + 1 if row.state == "skipped" and row.reason == "not-attending" else None


def _draft(one: Reminder, revision: int) -> Draft:
    return Draft(
        kind=one.kind, about=one.about, revision=revision, sessions=one.sessions, due_at=one.due_at,
        not_after=one.not_after, skip=one.skip,
    )  # fmt: skip
