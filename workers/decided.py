"""What has been decided about a participant's registrations is written, with what is wanted of Zoom beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from adapters.database import letters, places, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.places import STANDING
from domain.registration import Change, is_over
from schemas.draft import Draft
from workers.wishes import wish

CONFIRMATION_USEFUL_FOR: Final = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Whose:
    """Somebody, who is locked with all their registrations (`rows`, by session)."""

    in_force: InForce
    participant: ParticipantRow
    rows: dict[str, RegistrationRow]


def write(
    toolbox: Toolbox, session: Session, whose: Whose, changes: Sequence[Change], machine_said: datetime
) -> None:  # fmt: skip
    """Write what was decided. `machine_said`: when what a new registration follows from had been received."""
    for change in changes:
        row = whose.rows.get(change.session)
        if row is None:
            whose.rows[change.session] = _added(toolbox, session, whose, change, machine_said)
        else:
            _changed(toolbox, session, row, change)
        wish(toolbox, session, whose.in_force, whose.participant, whose.rows[change.session])
    if changes:
        whose.participant.submissions += 1
    if any("added" in change.reasons for change in changes):
        confirm(toolbox, session, whose)


def _added(
    toolbox: Toolbox, session: Session, whose: Whose, change: Change, machine_said: datetime
) -> RegistrationRow:  # fmt: skip
    now, conference = toolbox.clock.now(), whose.in_force.conference.id
    is_waiting = change.state == "waitlisted"
    return registrations.add(
        session, participant_id=whose.participant.id, conference=conference, session_id=change.session,
        state=change.state, reason=change.why, attendance=change.attendance, interpretation=change.interpretation,
        waiting_at=places.end_of_line(session, conference, change.session, change.attendance, now)
        if is_waiting else None,
        changes=[why for why in change.reasons if why != "added"],
        wants_link=change.wants_link, machine_said=machine_said, now=now, machine_now=toolbox.clock.machine_now(),
    )  # fmt: skip


def _changed(toolbox: Toolbox, session: Session, row: RegistrationRow, change: Change) -> None:
    now = toolbox.clock.now()
    registrations.change(
        row, change.reasons, state=change.state, reason=change.why, attendance=change.attendance,
        interpretation=change.interpretation, wants_link=change.wants_link, raise_sequence=change.raises_sequence,
        waiting_at=_waiting_at(session, row, change, now),
        offered_until=(change.offered_until or row.offered_until) if change.state == "offered" else None,
        now=now, machine_now=toolbox.clock.machine_now(),
    )  # fmt: skip


def _waiting_at(session: Session, row: RegistrationRow, change: Change, now: datetime) -> datetime | None:
    """Who waits already keeps their place in the line."""
    if change.state not in {"waitlisted", "offered"}:
        return None
    if row.state in {"waitlisted", "offered"} and row.attendance == change.attendance:
        return row.waiting_at
    return places.end_of_line(session, row.conference, row.session, change.attendance, now)


def confirm(toolbox: Toolbox, session: Session, whose: Whose) -> bool:
    """Write a confirmation that lists all sessions, where there are several or one has no date yet: an invitation alone
    would say the same for a single confirmed one. Where somebody has no place yet, there are other letters. Whether it
    was written; the participant's `submissions` number it."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    programme = whose.in_force.conference
    states = {one: row.state for one, row in whose.rows.items() if row.state in STANDING}
    listed = [one for one in programme.sessions if one.id in states and not is_over(one, programme, now)]
    if not any(states[one.id] == "registered" for one in listed):
        return False
    if len(listed) < 2 and all(one.unconfirmed is None for one in listed):
        return False
    for letter in letters.of_participant(session, whose.participant.id, ["confirmation"]):
        letters.withhold(session, letter.id, "superseded", now, machine_now)
    draft = Draft(
        kind="confirmation", about="", revision=whose.participant.submissions,
        sessions=tuple(one.id for one in listed), due_at=now, not_after=now + CONFIRMATION_USEFUL_FOR,
    )  # fmt: skip
    return letters.add(
        session, whose.participant.id, programme.id, whose.in_force.calendar_domain, draft, now, machine_now
    )  # fmt: skip
