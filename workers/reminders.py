"""Reminders: rows in the outbox with the time they are due, brought up to date whenever registrations change.

Never a Celery ETA: a due time is a row. What is owed comes from the domain; here the rows that stand are compared
with it, in the transaction that changed the registrations.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from sqlalchemy.orm import Session

from adapters.database import letters
from adapters.database.letters import Draft
from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.cadence import spread, spread_within
from domain.reminders import (
    BEFOREHAND,
    KINDS,
    NOT_IN_TIME,
    USEFUL_AFTER_START,
    Attended,
    Reminder,
    hour_before,
    is_on,
    owed,
)
from domain.times import session_period
from schemas.programme import Conference
from schemas.programme import Session as ProgrammeSession
from schemas.reminders import Reminders

_MAY_BE_OWED_AGAIN: Final = frozenset({"not-attending", "merged", "regrouped", "switched-off"})
_TOLD_ALREADY: Final = NOT_IN_TIME - {"planned-after-its-time"}
"""What stands in the outbox and was late goes, late as it is; unless a letter has said it meanwhile."""


def plan(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow],
) -> None:  # fmt: skip
    """Bring a participant's reminders up to date with the registrations that have been told."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    rules = in_force.conference.reminders
    owing = owed_to(in_force, participant, places, _told_at(session, participant, rules), now)
    wanted: dict[tuple[str, str], Reminder] = {(one.kind, one.about): one for one in owing}
    newest = {(row.kind, row.about): row for row in letters.of_participant(session, participant.id, KINDS)}
    # What a worker has at hand cannot be changed. It may come back: then the sweep looks at it again.
    at_hand = [key for key, row in newest.items() if row.state == "claimed"]
    is_done = all(_is_as_owed(newest[key], wanted.get(key), rules) for key in at_hand)
    participant.reminders_version = in_force.version if is_done else None
    for key, gone in newest.items():
        if key not in wanted:
            letters.withhold(session, gone, _why_not(gone, wanted.values(), in_force.conference), now, machine_now)
    for key, one in wanted.items():
        row = newest.get(key)
        if row is None or _is_to_be_written_anew(row, one):
            draft = _draft(one, row.revision + 1 if row else 1)
            letters.add(session, participant.id, in_force.conference.id, in_force.calendar_domain, draft, now,
                        machine_now)  # fmt: skip
        elif not _is_as_owed(row, one, rules):
            letters.replan(session, row, _draft(one, row.revision))
            if one.skip in _TOLD_ALREADY:
                letters.withhold(session, row, one.skip, now, machine_now)


def owed_to(
    in_force: InForce, participant: ParticipantRow, places: dict[str, RegistrationRow], told_at: Mapping[str, datetime],
    now: datetime,
) -> tuple[Reminder, ...]:  # fmt: skip
    """The reminders owed for what a participant attends; sessions without a confirmed time bring none. `told_at`: when
    each session was last spoken of, by its id."""
    zone = in_force.conference.time_zone
    attended = [
        Attended(one.id, session_period(one, zone), place.attendance == "online", told_at.get(one.id))
        for one in in_force.conference.sessions
        if (place := places.get(one.id)) and is_attended(one, place)
    ]
    return owed(attended, in_force.conference, participant.time_zone or zone, now)


def is_attended(one: ProgrammeSession, place: RegistrationRow) -> bool:
    """Whether a participant has been invited to a session that will take place at a known time."""
    invited = place.state == "registered" and place.entry == "requested"
    return invited and one.unconfirmed is None and not one.cancelled


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


def _why_not(gone: LetterRow, wanted: Iterable[Reminder], conference: Conference) -> str:
    """Why a reminder that stood in the outbox is not owed any more."""
    if not is_on(gone.kind, conference.reminders):
        return "switched-off"
    others = [one for one in wanted if one.kind == gone.kind]
    if any(gone.about in one.sessions for one in others):
        return "merged"
    is_regrouped = gone.kind in BEFOREHAND and any(not set(gone.sessions).isdisjoint(one.sessions) for one in others)
    return "regrouped" if is_regrouped else "not-attending"


def _told_at(session: Session, participant: ParticipantRow, rules: Reminders) -> dict[str, datetime]:
    """When each session was last spoken of. A reminder that was spread has its say at its own hour."""
    spoken = [
        (hour_before(not_after - USEFUL_AFTER_START, rules) if kind == "reminder" else due_at, sessions)
        for kind, sessions, due_at, not_after in letters.spoken_of(session, participant.id)
    ]
    return {one: at for at, sessions in sorted(spoken, key=itemgetter(0)) for one in sessions}


def _is_as_owed(row: LetterRow, one: Reminder | None, rules: Reminders) -> bool:
    """Whether a row says what is owed: of the same sessions, at the same time or spread around it."""
    if one is None or row.not_after != one.not_after or tuple(row.sessions) != one.sessions:
        return False
    within = spread_within(rules) if row.kind == "reminder" else None
    return row.due_at == one.due_at or (within is not None and row.due_at == spread(one.due_at, row.id, within))


def _is_to_be_written_anew(row: LetterRow, one: Reminder) -> bool:
    """Whether a reminder stands that will not go any more, and another is owed: its participant had withdrawn, it had
    been merged with another's or switched off; its session has been moved since it went or was given up (R7); or its
    hour has been moved to one that is still to come."""
    if row.state in {"planned", "claimed"}:
        return False
    if row.state == "skipped" and row.reason in _MAY_BE_OWED_AGAIN:
        return True
    if row.kind in BEFOREHAND and row.not_after != one.not_after:
        return True
    return row.state == "skipped" and row.reason in NOT_IN_TIME and one.skip is None


def _draft(one: Reminder, revision: int) -> Draft:
    return Draft(
        kind=one.kind, about=one.about, revision=revision, sessions=one.sessions, due_at=one.due_at,
        not_after=one.not_after, skip=one.skip,
    )  # fmt: skip
