"""The vital signs of all machines, read from SQL and the broker, and what they say: for the monitor's first page, for
`/metrics` and for the command line, so that all three say the same."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from adapters.broker.errors import BrokerError
from adapters.broker.queues import QUEUES, BrokerState, QueueState, broker_state
from adapters.clock import in_machine_time
from adapters.database import destinations, figures, signs, vitals
from adapters.database.engine import DatabaseUnavailable
from adapters.database.figures import Waiting
from adapters.database.signs import Sign
from adapters.toolbox import Toolbox, broker_of
from domain.health import Finding, MailVitals, QueueVitals, Vitals, WorkerVitals, verdicts

_POLICY_WITHIN: Final = timedelta(days=1)


def findings(toolbox: Toolbox) -> list[Finding]:
    """Everything that is wrong at this moment, what is critical first. Never raises for a neighbour that is gone."""
    broker, machine_now = broker_now(toolbox), toolbox.clock.machine_now()
    try:
        with toolbox.database.read() as session:
            waiting = figures.waiting(session, toolbox.clock.now())
            found = vitals_of(toolbox, session, broker, waiting)
    except (DatabaseUnavailable, SQLAlchemyError, OSError):
        found = without_database(broker)
    return verdicts(found, machine_now)


def broker_now(toolbox: Toolbox) -> BrokerState | None:
    """What the broker holds, or None where it does not answer."""
    try:
        return broker_state(broker_of(toolbox.settings), toolbox.clock.machine_now())
    except BrokerError:
        return None


def without_database(broker: BrokerState | None) -> Vitals:
    """What is known while the database does not answer."""
    return Vitals(database=False, broker=broker is not None, memory_share=broker.memory_share if broker else 0.0)


def vitals_of(toolbox: Toolbox, session: Session, broker: BrokerState | None, waiting: Waiting) -> Vitals:
    """What is known now, by whoever has asked the broker, and what waits, already."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    seen = {one.name: one for one in signs.all_signs(session)}
    letters, letters_since = vitals.dead_letters(session, now)
    submissions, submissions_since = vitals.dead_submissions(session)
    bounced, bounced_since = vitals.policy_bounces(session, machine_now - _POLICY_WITHIN)
    ages = _ages(toolbox, session, waiting, now, machine_now)
    states = {one.name: one for one in broker.queues} if broker else {}
    return Vitals(
        broker=broker is not None,
        beats_every=timedelta(seconds=toolbox.settings.silent_after / 12),
        clock_seen=seen["clock"].seen if "clock" in seen else None,
        queues=[_queue(name, states.get(name), ages.get(name), seen.get(f"canary:{name}")) for name in QUEUES],
        workers=[WorkerVitals(beat, worked) for beat, worked in signs.workers(session)],
        memory_share=broker.memory_share if broker else 0.0,
        mail=_mail(session) if waiting.letters else None,
        pauses=vitals.pauses(session),
        dead=letters + submissions,
        dead_since=min((one for one in (letters_since, submissions_since) if one is not None), default=None),
        policy_bounces=bounced,
        policy_bounces_since=bounced_since,
    )


def _queue(name: str, state: QueueState | None, rows_wait: timedelta | None, canary: Sign | None) -> QueueVitals:
    waits = [one for one in (state.oldest if state else None, rows_wait) if one is not None]
    unanswered_since = canary.unanswered_since() if canary else None
    return QueueVitals(name, state.depth if state else 0, max(waits, default=None), unanswered_since)


def _ages(
    toolbox: Toolbox, session: Session, waiting: Waiting, now: datetime, machine_now: datetime
) -> dict[str, timedelta]:
    """How long rows have waited that a worker could take, with or without a message about them."""
    due_since, try_since = vitals.ready_since(session, now, machine_now)
    delivery = [in_machine_time(toolbox.clock, now - due_since)] if due_since else []
    delivery += [machine_now - try_since] if try_since else []
    intake = [machine_now - waiting.envelopes_since] if waiting.envelopes_since else []
    return {name: max(found) for name, found in (("intake", intake), ("delivery", delivery)) if found}


def _mail(session: Session) -> MailVitals | None:
    """A server that answers, though it refuses us, has been reached."""
    troubles = signs.mail_troubles(session)
    if (since := troubles.get("refused")) is not None:
        reasons = {row.name: row.reason or "" for row in destinations.paused(session)}
        return MailVitals("refused", since, reasons.get(destinations.RELAY, ""))
    since = troubles.get("unreachable")
    return MailVitals("unreachable", since, "server-not-reached") if since is not None else None
