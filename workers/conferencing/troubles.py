"""What Zoom refuses, written where it belongs: on a person, an event, or every event of the account."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from adapters.database import registrants, zoom_events
from adapters.database.tables import RegistrantRow, ZoomEventRow
from adapters.toolbox import Toolbox
from domain.conferencing.outcomes import Outcome, outcome
from schemas.zoom import Refusal
from workers.conferencing import events
from workers.conferencing.events import Event

log = structlog.get_logger(__name__)

SOON: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600))

NO_EVENT: Final = ("get-event", "list-registrants")
"""Calls by which we learn that an event is not there any more."""


def is_of_all(refusal: Refusal, now: datetime) -> bool:
    """Whether the refusal would meet everybody at this event."""
    return outcome(refusal, tries=0, now=now).scope != "person"


def of_person(toolbox: Toolbox, registrant_id: str, refusal: Refusal) -> None:
    """Note on one registrant what is to be done: wait, ask again, or have a person look."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    with toolbox.database.write() as session:
        row = session.get(RegistrantRow, registrant_id, with_for_update=True)
        if row is None:
            return
        decided = outcome(refusal, tries=row.tries, now=now)
        after = decided.after or (_soon(row.tries) if decided.do == "done" else None)  # the list tells what it is now
        row.tries += 1
        row.reason, row.tracking_id = decided.reason, refusal.tracking_id
        row.due_at = decided.until
        row.machine_try_after = machine_now + after if after else None
        row.held = decided.do in {"ask", "stop"} and after is None
        _tell(decided, refusal, registrant=registrant_id)


def of_event(toolbox: Toolbox, event: Event, refusal: Refusal) -> None:
    """Note on the event, or on every event of its account, when Zoom may be asked again, or that a person must look."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    decided = outcome(refusal, tries=event.tries, now=now)
    assert event.account is not None  # noqa: S101 - a client was found by it
    with toolbox.database.write() as session:
        # All are locked, in one order, before any is written: two turns can be refused for the whole account at once.
        rows = zoom_events.of_account(session, event.account)
        row = next((one for one in rows if one.id == event.id), None)
        if row is None:
            return  # the programme names another account now
        if decided.do in {"ask", "stop"}:
            events.stop(toolbox, session, event, decided.reason, refusal.tracking_id)
            if decided.reason.endswith("no-event") and refusal.endpoint in NO_EVENT:
                _look_up_anew(session, row)
        row.tries += 1
        wait = _wait(decided, now)
        if wait is not None:
            for one in rows if decided.scope == "account" else [row]:
                one.machine_try_after, one.due_at = machine_now + wait, decided.until
        row.reason, row.tracking_id = decided.reason, refusal.tracking_id
        _tell(decided, refusal, session=row.session)


def of_us(toolbox: Toolbox, event: Event) -> None:
    """An error of ours, or the end of a task's time: the event is left alone for a while, so that it stops no other."""
    with toolbox.database.write() as session:
        row = session.get(ZoomEventRow, event.id, with_for_update=True)
        if row is not None:
            row.machine_try_after = toolbox.clock.machine_now() + _soon(row.tries)
            row.tries += 1


def again(toolbox: Toolbox, registrant_id: str, reason: str) -> None:
    """Nothing was refused, and it is not as it should be: look again soon, then more and more seldom."""
    with toolbox.database.write() as session:
        row = session.get(RegistrantRow, registrant_id, with_for_update=True)
        if row is not None:
            row.machine_try_after = toolbox.clock.machine_now() + _soon(row.tries)
            row.tries += 1
            row.reason = reason


def hold(toolbox: Toolbox, registrant_id: str, reason: str, *, zoom_id: str | None = None) -> None:
    """Nothing is asked any more until a person has looked."""
    with toolbox.database.write() as session:
        row = session.get(RegistrantRow, registrant_id, with_for_update=True)
        if row is not None:
            row.held, row.reason, row.zoom_id = True, reason, zoom_id or row.zoom_id
    log.error("somebody cannot be added at Zoom; a person must look", registrant=registrant_id, reason=reason)


def _look_up_anew(session: Session, row: ZoomEventRow) -> None:
    """An event that we found by ourselves and that is gone may have been made again under another number."""
    if row.found_by is not None and row.found_by != "programme":
        row.number, row.found_by, row.checked_at, row.reconcile_at = None, None, None, None
        registrants.begin_anew(session, row.id)


def _wait(decided: Outcome, now: datetime) -> timedelta | None:
    """How long the event waits. A limit per day is asked about every ten minutes: it costs no call of Zoom's."""
    until = None if decided.until is None else min(decided.until - now, events.LOOK_AGAIN)
    return decided.after if until is None else max(until, decided.after or timedelta())


def _soon(tries: int) -> timedelta:
    return SOON[min(tries, len(SOON) - 1)]


def _tell(decided: Outcome, refusal: Refusal, **whom: str) -> None:
    tell = log.error if decided.do in {"ask", "stop"} else log.warning
    tell("Zoom refused", reason=decided.reason, endpoint=refusal.endpoint, status=refusal.status, code=refusal.code,
         tracking_id=refusal.tracking_id, state=decided.do, **whom)  # fmt: skip
