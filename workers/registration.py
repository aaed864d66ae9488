"""Registration: what the domain has decided is written, in the transaction that settles the envelope."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from adapters.database import letters, participants, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain import registration as decision
from domain.registration import Change, Refused, Standing
from schemas.registration import Reason, RegistrationData, WithdrawalData

CONFIRMATION_USEFUL_FOR = timedelta(days=5)


def register(
    toolbox: Toolbox, session: Session, in_force: InForce, data: RegistrationData, received_at: datetime
) -> str:
    """Register a participant, or add to and update what is there; the participant's id.

    Raises:
        Refused: where the domain refuses; then nothing is written.
    """
    now = toolbox.clock.now()
    known = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    places = registrations.of_participant(session, known.id, lock=True) if known else {}
    changes = decision.register(
        data, in_force.conference, _standing(places), now=now,
        known_visibility=participants.opened(known, toolbox.vault).visibility if known else None,
    )  # fmt: skip
    row = participants.locked_or_created(session, toolbox.vault, in_force.conference.id, data, received_at, now)
    if known is None and (places := registrations.of_participant(session, row.id, lock=True)):
        # Another worker met this new address at the same moment and was first: decide again on what it wrote.
        return register(toolbox, session, in_force, data, received_at)
    if known is not None and received_at >= row.said_at:
        participants.overwrite(row, toolbox.vault, data, received_at)
    _write(toolbox, session, in_force, row, places, changes)
    return row.id


def withdraw(toolbox: Toolbox, session: Session, in_force: InForce, data: WithdrawalData) -> str:
    """Withdraw a participant from sessions; the participant's id.

    Raises:
        Refused: where there is nothing to withdraw from.
    """
    row = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    if row is None:
        raise Refused(Reason(field="email", code="not-registered", message="There is no registration to withdraw."))
    places = registrations.of_participant(session, row.id, lock=True)
    changes = decision.withdraw(data, in_force.conference, _standing(places))
    _write(toolbox, session, in_force, row, places, changes)
    return row.id


def _standing(places: dict[str, RegistrationRow]) -> dict[str, Standing]:
    return {
        one.session: Standing(one.session, one.state == "registered", one.attendance, one.interpretation)
        for one in places.values()
    }


def _write(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow], changes: tuple[Change, ...],
) -> None:  # fmt: skip
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    for change in changes:
        row = places.get(change.session)
        if row is None:
            places[change.session] = registrations.add(
                session, participant_id=participant.id, conference=in_force.conference.id, session_id=change.session,
                attendance=change.attendance, interpretation=change.interpretation, wants_link=change.wants_link,
                now=now, machine_now=machine_now,
            )  # fmt: skip
        else:
            registrations.change(row, change.reasons, registered=change.registered, attendance=change.attendance,
                                 interpretation=change.interpretation, wants_link=change.wants_link,
                                 raise_sequence=change.raises_sequence, now=now, machine_now=machine_now)  # fmt: skip
    if changes:
        participant.submissions += 1
    if any("added" in change.reasons for change in changes):
        _confirm(toolbox, session, in_force, participant, places)


def _confirm(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow],
) -> None:  # fmt: skip
    """A confirmation that lists all sessions, where there are several or one has no date yet: an invitation alone
    would say the same for a single confirmed one."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    programme = in_force.conference
    listed = [
        one for one in programme.sessions
        if one.id in places and places[one.id].state == "registered" and not decision.is_over(one, programme, now)
    ]  # fmt: skip
    if len(listed) < 2 and all(one.unconfirmed is None for one in listed):
        return
    for letter in letters.of_participant(session, participant.id, ["confirmation"]):
        letters.withhold(session, letter, "superseded", now, machine_now)
    draft = letters.Draft(
        kind="confirmation", about="", revision=participant.submissions, sessions=tuple(one.id for one in listed),
        due_at=now, not_after=now + CONFIRMATION_USEFUL_FOR,
    )  # fmt: skip
    letters.add(session, participant.id, programme.id, in_force.calendar_domain, draft, now, machine_now)
