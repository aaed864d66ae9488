"""Approval: what an admin decides about who waits, and about who has a place. Each decision is noted: who, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from sqlalchemy.orm import Session

from adapters.database import audits
from adapters.database.tables import RegistrationRow
from adapters.toolbox import Toolbox
from domain.places import STANDING, State
from domain.registration import is_over
from schemas.programme import Session as ProgrammeSession
from workers.admission import door_for, person_of
from workers.cases import becoming, case_of
from workers.decided import Whose, write
from workers.links import revoke_join_address

Became = State | Literal["unknown", "full", "over"]
"""What an admin's decision has come to: how the registration stands now, or why nothing was changed. `full`: there is
no place, and no waiting list."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One registration that an admin has decided about. `participant`: who has something to be told, or None."""

    registration: str
    became: Became
    participant: str | None = None


def approve(toolbox: Toolbox, ids: Sequence[str], who: str) -> list[Decided]:
    """Let in those who wait for approval, or were refused: to a place, or the waiting list where all are taken."""
    return [_approved(toolbox, one, who) for one in ids]


def refuse(toolbox: Toolbox, ids: Sequence[str], who: str, reason: str) -> list[Decided]:
    """Refuse those who wait, and those who have a place: their calendar entry is cancelled, their link revoked. They
    are not let in again by registering again. `reason` is for the record; it stands in no letter."""
    return [_refused(toolbox, one, who, reason) for one in ids]


def approve_locked(
    toolbox: Toolbox, session: Session, whose: Whose, row: RegistrationRow, planned: ProgrammeSession, who: str
) -> Became:  # fmt: skip
    """Approve one registration, whose participant is locked, and the places of its session before that."""
    if row.state not in {"pending", "refused"}:
        return _as_is(row)
    if planned.cancelled or is_over(planned, whose.in_force.conference, toolbox.clock.now()):
        return "over"
    person = person_of(toolbox, whose.participant)
    door = door_for(toolbox, session, whose.in_force.conference, (row.session,), person)
    verdict = door.approved(planned, row.attendance)
    if verdict.state == "refused":
        return "full"
    instead = ("online-instead",) if verdict.attendance != row.attendance else ()
    change = becoming(row, planned, verdict.state, ("standing", *instead), why=verdict.why)
    change = replace(change, attendance=verdict.attendance)
    _noted(toolbox, session, row, who, "places.approve", became=verdict.state)
    write(toolbox, session, whose, [change], row.machine_said)
    row.approved_at = toolbox.clock.now()
    return verdict.state


def _approved(toolbox: Toolbox, registration_id: str, who: str) -> Decided:
    with case_of(toolbox, registration_id) as case:
        if case is None:
            return Decided(registration_id, "unknown")
        before = case.row.state
        became = approve_locked(toolbox, case.session, case.whose, case.row, case.planned, who)
        changed = became != before and became not in {"full", "over"}
        return Decided(registration_id, became, case.row.participant_id if changed else None)


def _refused(toolbox: Toolbox, registration_id: str, who: str, reason: str) -> Decided:
    with case_of(toolbox, registration_id) as case:
        if case is None:
            return Decided(registration_id, "unknown")
        row = case.row
        if row.state not in STANDING:
            return Decided(registration_id, _as_is(row))
        _noted(toolbox, case.session, row, who, "places.refuse", became="refused", reason=reason)
        change = becoming(row, case.planned, "refused", ("refused",), why="by-admin")
        write(toolbox, case.session, case.whose, [change], row.machine_said)
        row.approved_at = None
        revoke_join_address(row)
        return Decided(registration_id, "refused", row.participant_id)


def _noted(
    toolbox: Toolbox, session: Session, row: RegistrationRow, who: str, action: str, *, became: State,
    reason: str | None = None,
) -> None:  # fmt: skip
    audits.note(
        session, toolbox.vault, who=who, action=action, conference=row.conference, about=row.id, reason=reason,
        details={"session": row.session, "was": row.state, "became": became},
        now=toolbox.clock.now(), machine_now=toolbox.clock.machine_now(),
    )  # fmt: skip


def _as_is(row: RegistrationRow) -> State:
    return cast("State", row.state)
