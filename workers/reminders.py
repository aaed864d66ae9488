"""Reminders: rows in the outbox with the time they are due, brought up to date whenever registrations change.

Never a Celery ETA: a due time is a row. What is owed comes from the domain; here the rows that stand are compared
with it, in the transaction that changed the registrations.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from adapters.database import letters
from adapters.database.letters import Draft
from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.reminders import BEFOREHAND, KINDS, Attended, Reminder, is_on, owed
from domain.times import session_period
from schemas.programme import Conference
from schemas.programme import Session as ProgrammeSession

_MAY_BE_OWED_AGAIN: Final = frozenset({"not-attending", "merged", "regrouped", "switched-off"})


def plan(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow],
) -> None:  # fmt: skip
    """Bring a participant's reminders up to date with the registrations that have been told."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    participant.reminders_version = in_force.version
    told_at = letters.last_spoken_of(session, participant.id)
    wanted = {(one.kind, one.about): one for one in owed_to(in_force, places, told_at, now)}
    newest = {(row.kind, row.about): row for row in letters.of_participant(session, participant.id, KINDS)}
    for key, gone in newest.items():
        if key not in wanted:
            letters.withhold(session, gone, _why_not(gone, wanted.values(), in_force.conference), now, machine_now)
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


def owed_to(
    in_force: InForce, places: dict[str, RegistrationRow], told_at: Mapping[str, datetime], now: datetime
) -> tuple[Reminder, ...]:
    """The reminders owed for what a participant attends; sessions without a confirmed time bring none. `told_at`: when
    each session was last spoken of, by its id."""
    zone = in_force.conference.time_zone
    attended = [
        Attended(one.id, session_period(one, zone), place.attendance == "online", told_at.get(one.id))
        for one in in_force.conference.sessions
        if (place := places.get(one.id)) and is_attended(one, place)
    ]
    return owed(attended, in_force.conference, now)


def is_attended(one: ProgrammeSession, place: RegistrationRow) -> bool:
    """Whether a participant has been invited to a session that will take place at a known time."""
    invited = place.state == "registered" and place.entry == "requested"
    return invited and one.unconfirmed is None and not one.cancelled


def _why_not(gone: LetterRow, wanted: Iterable[Reminder], conference: Conference) -> str:
    """Why a reminder that stood in the outbox is not owed any more."""
    if not is_on(gone.kind, conference.reminders):
        return "switched-off"
    others = [one for one in wanted if one.kind == gone.kind]
    if any(gone.about in one.sessions for one in others):
        return "merged"
    is_regrouped = gone.kind in BEFOREHAND and any(not set(gone.sessions).isdisjoint(one.sessions) for one in others)
    return "regrouped" if is_regrouped else "not-attending"


def _is_to_be_written_anew(row: LetterRow, one: Reminder) -> bool:
    """Whether a reminder stands that will not go any more, and another is owed: its participant had withdrawn, it had
    been merged with another's or switched off, or its session has been moved since it went or was given up (R7)."""
    if row.state == "skipped" and row.reason in _MAY_BE_OWED_AGAIN:
        return True
    return row.state not in {"planned", "claimed"} and row.due_at != one.due_at


def _draft(one: Reminder, revision: int) -> Draft:
    return Draft(
        kind=one.kind, about=one.about, revision=revision, sessions=one.sessions, due_at=one.due_at,
        not_after=one.not_after, skip=one.skip,
    )  # fmt: skip
