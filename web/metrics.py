"""`/metrics` for Prometheus, read from SQL and the broker when it is scraped.

Labels are conferences, sources, kinds, states, queues and codes: never a person, never without bound. Numbers of
single sessions are left to the monitor, behind its login: a small number can tell who. A neighbour that is gone takes
its own figures with it and no others; `convenor_database_up` and `convenor_broker_up` say so.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import anyio.to_thread
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from adapters.broker.errors import BrokerError
from adapters.broker.queues import BrokerState, broker_state
from adapters.database import (
    bounces,
    destinations,
    envelopes,
    figures,
    outgoing,
    registrants,
    signs,
    suppressions,
    zoom_events,
)  # fmt: skip
from adapters.database.engine import DatabaseUnavailable
from adapters.toolbox import Toolbox, broker_of

Sample = tuple[tuple[str, ...], float]


class Metrics:
    """The registry of one process, and its page."""

    def __init__(self, toolbox: Toolbox) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(_Neighbours(toolbox))

    async def answer(self, request: Request) -> Response:  # noqa: ARG002 - the framework's form
        """The figures, in Prometheus' text format."""
        text = await anyio.to_thread.run_sync(generate_latest, self.registry, abandon_on_cancel=True)
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Neighbours(Collector):
    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering asks no neighbour."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Everything, read now."""
        clock = self._toolbox.clock
        found: list[Metric] = []
        try:
            with self._toolbox.database.read() as session:
                found.extend(_from_sql(session, clock.now(), clock.machine_now()))
        except (DatabaseUnavailable, SQLAlchemyError, OSError):
            found.clear()
        yield _gauge("database_up", "Whether the database answers", [], [((), float(bool(found)))])
        yield from found
        try:
            state = broker_state(broker_of(self._toolbox.settings), clock.machine_now())
        except BrokerError:
            yield _gauge("broker_up", "Whether the broker answers", [], [((), 0)])
            return
        yield _gauge("broker_up", "Whether the broker answers", [], [((), 1)])
        yield from _from_broker(state)


def _from_sql(session: Session, now: datetime, machine_now: datetime) -> Iterator[Metric]:
    yield _gauge("envelopes", "Received posts", ["conference", "source", "state"], envelopes.counts(session).items())
    yield _gauge("letters", "Letters of the outbox", ["conference", "kind", "state"], outgoing.counts(session).items())
    yield _gauge("letters_unsent", "Letters given up", ["kind", "state", "reason"], outgoing.given_up(session).items())
    yield from _of_bounces(session, now)
    places: dict[tuple[str, ...], int] = {}
    for (conference, _, state), number in figures.registrations(session).items():
        places[conference, state] = places.get((conference, state), 0) + number
    yield _gauge("registrations", "Places in sessions", ["conference", "state"], places.items())
    waiting = figures.waiting(session, now)
    stages = {"intake": waiting.envelopes, "links": waiting.links, "invitations": waiting.untold,
              "delivery": waiting.letters}  # fmt: skip
    yield _gauge(
        "waiting",
        "Rows that the next stage has not come to",
        ["stage"],
        [((stage,), number) for stage, number in stages.items()],
    )
    yield _gauge(
        "waiting_oldest_age_seconds", "How long the oldest of them has waited", ["stage"],
        [(("intake",), _age(waiting.envelopes_since, machine_now)), (("delivery",), _age(waiting.letters_since, now))],
    )  # fmt: skip
    kinds = ["relay" if one.name == destinations.RELAY else "domain" for one in destinations.paused(session)]
    yield _gauge(
        "delivery_paused", "Places that no letters, or only trials, are sent to", ["what"],
        [((what,), kinds.count(what)) for what in ("relay", "domain")],
    )  # fmt: skip
    yield from _of_zoom(session)
    seen = [((one.name,), one.seen.timestamp()) for one in signs.all_signs(session) if one.seen]
    yield _gauge("sign_of_life_timestamp_seconds", "When the clock or a queue's workers were last seen", ["name"], seen)


def _of_bounces(session: Session, now: datetime) -> Iterator[Metric]:
    reported = CounterMetricFamily("convenor_bounces", "Reports about letters that had been sent", labels=["class"])
    for name, number in bounces.counts(session).items():
        reported.add_metric([name], number)
    yield reported
    yield _gauge(
        "suppressed_addresses", "Addresses that are not written to", [], [((), suppressions.count(session, now))]
    )


def _of_zoom(session: Session) -> Iterator[Metric]:
    """By account, not by session: a small number can tell who."""
    counts = registrants.counts(session)
    # Read second: events are never deleted, and one that comes between the two questions has nobody to be counted.
    rows = {row.id: row for row in zoom_events.listed(session)}
    people: dict[tuple[str, ...], int] = {}
    for (event_id, state), number in counts.items():
        key = rows[event_id].account or "", state
        people[key] = people.get(key, 0) + number
    events: dict[tuple[str, ...], int] = {}
    alarms: dict[tuple[str, ...], int] = {}
    for row in rows.values():
        events[row.account or "", row.state] = events.get((row.account or "", row.state), 0) + 1
        for one in row.differences:
            if one["severity"] == "alarm":
                alarms[row.account or "", one["code"]] = alarms.get((row.account or "", one["code"]), 0) + 1
    yield _gauge(
        "zoom_registrants", "People at Zoom events, by what we know of them", ["account", "state"], people.items()
    )
    yield _gauge("zoom_event_states", "Zoom events that are looked after", ["account", "state"], events.items())
    yield _gauge(
        "zoom_alarms", "In what Zoom events differ from the programme", ["account", "difference"], alarms.items()
    )


def _from_broker(state: BrokerState) -> Iterator[Metric]:
    depths = {(queue.name,): queue.depth for queue in state.queues}
    ages = [((queue.name,), queue.oldest.total_seconds()) for queue in state.queues if queue.oldest is not None]
    yield _gauge("queue_messages", "Messages that wait", ["queue"], depths.items())
    yield _gauge("queue_oldest_age_seconds", "How long the oldest has waited", ["queue"], ages)
    yield _gauge("broker_unacknowledged_messages", "Messages being worked on", [], [((), state.unacknowledged)])
    yield _gauge("broker_memory_used_bytes", "Memory of the broker", [], [((), state.memory_used)])
    yield _gauge("broker_memory_limit_bytes", "Its limit; 0 is none", [], [((), state.memory_limit)])


def _gauge(name: str, help_text: str, labels: list[str], samples: Iterable[Sample]) -> Metric:
    metric = GaugeMetricFamily(f"convenor_{name}", help_text, labels=labels)
    for values, value in samples:
        metric.add_metric(values, value)
    return metric


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
