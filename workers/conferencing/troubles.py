"""What Zoom refuses, written where it belongs: on a person, an event, or every event of the account."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.database import zoom_events
from adapters.database.tables import RegistrantRow, ZoomEventRow
from adapters.toolbox import Toolbox
from domain.conferencing.outcomes import Outcome, outcome
from schemas.zoom import Refusal
from workers.conferencing import events
from workers.conferencing.events import Event

log = structlog.get_logger(__name__)

SOON: Final = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2),
               timedelta(minutes=10))  # fmt: skip


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
        row.tries += 1
        row.reason, row.tracking_id = decided.reason, refusal.tracking_id
        row.due_at = decided.until
        row.machine_try_after = machine_now + decided.after if decided.after else None
        row.held = decided.do in {"ask", "stop"} and decided.after is None
        _tell(decided, refusal, registrant=registrant_id)


def of_event(toolbox: Toolbox, event: Event, refusal: Refusal) -> None:
    """Note on the event, or on every event of its account, when Zoom may be asked again, or that a person must look."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    decided = outcome(refusal, tries=event.tries, now=now)
    with toolbox.database.write() as session:
        if decided.do in {"ask", "stop"}:
            events.stop(toolbox, session, event, decided.reason, refusal.tracking_id)
        row = session.get(ZoomEventRow, event.id)
        assert row is not None and event.account is not None  # noqa: S101, PT018 - a client was found by the account
        row.tries += 1
        if decided.after is not None or decided.until is not None:
            wait = decided.after or timedelta()
            if decided.until is not None:
                wait = max(wait, min(decided.until - now, events.LOOK_AGAIN))
            all_of_it = zoom_events.of_account(session, event.account) if decided.scope == "account" else [row]
            for one in all_of_it:
                one.machine_try_after = machine_now + wait
            row.reason, row.tracking_id = decided.reason, refusal.tracking_id
        _tell(decided, refusal, session=row.session)


def again(toolbox: Toolbox, registrant_id: str, reason: str) -> None:
    """Nothing was refused, and it is not as it should be: look again soon, then more and more seldom."""
    with toolbox.database.write() as session:
        row = session.get(RegistrantRow, registrant_id, with_for_update=True)
        if row is not None:
            row.machine_try_after = toolbox.clock.machine_now() + SOON[min(row.tries, len(SOON) - 1)]
            row.tries += 1
            row.reason = reason


def hold(toolbox: Toolbox, registrant_id: str, reason: str, *, zoom_id: str | None = None) -> None:
    """Nothing is asked any more until a person has looked."""
    with toolbox.database.write() as session:
        row = session.get(RegistrantRow, registrant_id, with_for_update=True)
        if row is not None:
            row.held, row.reason, row.zoom_id = True, reason, zoom_id or row.zoom_id
    log.error("somebody cannot be added at Zoom; a person must look", registrant=registrant_id, reason=reason)


def _tell(decided: Outcome, refusal: Refusal, **whom: str) -> None:
    tell = log.error if decided.do in {"ask", "stop"} else log.warning
    tell("Zoom refused", reason=decided.reason, endpoint=refusal.endpoint, status=refusal.status, code=refusal.code,
         tracking_id=refusal.tracking_id, state=decided.do, **whom)  # fmt: skip
