"""Approval: what an admin decides about who waits, and about who has a place. Each decision is noted: who, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import structlog
from sqlalchemy.orm import Session

from adapters.database import audits
from adapters.database.tables import RegistrationRow
from adapters.toolbox import Toolbox
from domain.places import STANDING, State, Verdict
from domain.registration import ChangeReason, is_over
from schemas.programme import Session as ProgrammeSession
from workers.admission import door_for, person_of
from workers.app import OBTAIN_LINKS, enqueue_all
from workers.cases import becoming, case_of
from workers.decided import Whose, write
from workers.links import revoke_join_address

log = structlog.get_logger(__name__)

Became = State | Literal["unknown", "full", "over"]
"""What an admin's decision has come to: how the registration stands now, or why nothing was changed. `full`: there is
no place, and no waiting list."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One registration that an admin has decided about. `participant`: who has something to be told, or None."""

    registration: str
    became: Became
    participant: str | None = None


class Approver:
    """Decides, and hands over who is to be told: for the command line, and for the web part, to which it is handed."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def approve(self, ids: Sequence[str], who: str) -> list[Decided]:
        """As `approve`."""
        return self._handed_over(approve(self._toolbox, ids, who))

    def refuse(self, ids: Sequence[str], who: str, reason: str) -> list[Decided]:
        """As `refuse`."""
        return self._handed_over(refuse(self._toolbox, ids, who, reason))

    @staticmethod
    def _handed_over(decided: list[Decided]) -> list[Decided]:
        told = dict.fromkeys(one.participant for one in decided if one.participant is not None)
        enqueue_all(OBTAIN_LINKS, [(one,) for one in told])
        log.info("decided by hand about places", count=len(told))
        return decided


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
    """Approve one registration, whose participant is locked, and the places of its session before that. Who attends
    online until they are let into the room comes into the room, if there is a place."""
    asks_for_room = _asks_for_room(row)
    if row.state not in {"pending", "refused"} and not asks_for_room:
        return _as_is(row)
    if planned.cancelled or is_over(planned, whose.in_force.conference, toolbox.clock.now()):
        return "over"
    person = person_of(toolbox, whose.participant)
    door = door_for(toolbox, session, whose.in_force.conference, (row.session,), person)
    verdict = door.approved(planned, "in-person" if asks_for_room else row.attendance)
    if verdict.state == "refused" or (asks_for_room and verdict != Verdict("registered", "in-person")):
        return "full"
    reasons: tuple[ChangeReason, ...] = ("attendance",) if asks_for_room else ("standing",)
    if verdict.attendance == "online" != row.attendance:
        reasons = (*reasons, "online-instead")
    change = becoming(row, planned, verdict.state, reasons, why=verdict.why)
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
        if _asks_for_room(row):
            change = becoming(row, case.planned, "registered", ("online-instead",), why="not-eligible")
            write(toolbox, case.session, case.whose, [change], row.machine_said)
            return Decided(registration_id, "registered", row.participant_id)
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


def _asks_for_room(row: RegistrationRow) -> bool:
    """Whether somebody attends online until an admin lets them into the room."""
    return row.state == "registered" and row.reason == "not-approved"


def _as_is(row: RegistrationRow) -> State:
    return cast("State", row.state)
