"""What `/metrics` measures: metric families made of what was read. Names and units are as Prometheus wants them: base
units, `_total` of what only grows. docs/operating.md lists them.

Labels are conferences, sources, kinds, states, languages, queues and codes: never a person, never without bound.
Numbers of single sessions are left to the monitor, behind its login: a small number can tell who.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from sqlalchemy.orm import Session

from adapters.broker.queues import BrokerState
from adapters.database import (
    bounces,
    census,
    destinations,
    outgoing,
    signs,
    suppressions,
    tallies,
    zoom_events,
)  # fmt: skip
from adapters.database.census import Census, Envelopes, Letters
from adapters.database.figures import Waiting
from adapters.database.signs import Sign
from adapters.database.tallies import MESSAGES, REMINDER_LAG, SEND_DURATION, Histogram
from domain.bounces.said import WISHES, Class
from domain.cadence import day_of
from domain.cells import SMALL
from domain.health import CODES, SEVERITIES, Finding, Vitals, working
from domain.letters.model import LetterKind
from domain.reminders import KINDS
from domain.times import VIENNA
from schemas.programme import CORRESPONDENCE_LANGUAGES

Sample = tuple[tuple[str, ...], float]

# What an alert takes the increase of is there before there is any: what comes with a counter's first sample has not
# increased it, for Prometheus.
_NOTHING_SENT: Final = {f"{kind},{one},sent": 0.0 for kind in get_args(LetterKind) for one in CORRESPONDENCE_LANGUAGES}
_NOTHING_REPORTED: Final = dict.fromkeys((*get_args(Class), *WISHES), 0)


def from_sql(session: Session, now: datetime, machine_now: datetime, waiting: Waiting) -> Iterator[Metric]:
    """Everything that the tables say. What takes long to count is as old as the last census."""
    counted = census.last(session, census.Day(*day_of(now, VIENNA)), now, machine_now)
    yield gauge("counted_timestamp_seconds", "When the rows were last counted", [],
                [((), counted.machine_counted.timestamp())])  # fmt: skip
    yield gauge("envelopes", "Received posts", ["conference", "source", "state"], _by(counted.envelopes))
    yield gauge("letters", "Letters of the outbox", ["conference", "kind", "state"], _by(counted.letters))
    yield gauge("registrations", "Places in sessions", ["conference", "state"],
                _summed(((one.conference, one.state), one.number) for one in counted.places))  # fmt: skip
    yield gauge("answers", "What calendars have answered", ["conference", "answer"],
                _summed(((one.conference, one.partstat), one.number) for one in counted.answers))  # fmt: skip
    yield from _of_letters_given_up(outgoing.given_up(session))
    yield from _of_tallies(tallies.all_of(session))
    yield from _of_bounces(session, now)
    yield from _of_what_waits(waiting, now, machine_now)
    kinds = ["relay" if one.name == destinations.RELAY else "domain" for one in destinations.paused(session)]
    yield gauge(
        "delivery_paused", "Places that no letters, or only trials, are sent to", ["what"],
        [((what,), kinds.count(what)) for what in ("relay", "domain")],
    )  # fmt: skip
    yield from _of_zoom(session, counted)
    yield from _of_signs(signs.all_signs(session))


def _by(rows: Iterable[Letters | Envelopes]) -> Iterator[Sample]:
    return (((*map(str, row[:-1]),), row.number) for row in rows)


def _summed(samples: Iterable[Sample]) -> Iterable[Sample]:
    sums: dict[tuple[str, ...], float] = {}
    for labels, number in samples:
        sums[labels] = sums.get(labels, 0) + number
    return sums.items()


def _of_what_waits(waiting: Waiting, now: datetime, machine_now: datetime) -> Iterator[Metric]:
    stages = {"intake": waiting.envelopes, "links": waiting.links, "invitations": waiting.untold,
              "delivery": waiting.letters}  # fmt: skip
    yield gauge(
        "waiting",
        "Rows that the next stage has not come to",
        ["stage"],
        [((stage,), number) for stage, number in stages.items()],
    )
    yield gauge(
        "waiting_oldest_age_seconds", "How long the oldest of them has waited", ["stage"],
        [(("intake",), _age(waiting.envelopes_since, machine_now)), (("delivery",), _age(waiting.letters_since, now))],
    )  # fmt: skip


def of_vitals(vitals: Vitals, findings: Iterable[Finding], machine_now: datetime) -> Iterator[Metric]:
    """What is wrong, as the monitor's first page says it, and what it rests upon."""
    found = [(one.code, one.severity) for one in findings]
    yield gauge(
        "findings", "What is wrong now, by code; docs/runbook has a page for each", ["code", "severity"],
        [((code, severity), found.count((code, severity))) for code in CODES for severity in SEVERITIES],
    )  # fmt: skip
    if not vitals.database:
        return
    alive = working(vitals, machine_now)
    yield gauge("workers", "Workers, by whether they do anything", ["state"],
                [(("working",), alive), (("silent",), len(vitals.workers) - alive)])  # fmt: skip
    yield gauge(
        "queue_unattended_seconds", "For how long nobody has taken what was sent to see whether a worker does",
        ["queue"], [((one.name,), _age(one.unanswered_since, machine_now)) for one in vitals.queues],
    )  # fmt: skip
    yield gauge("dead", "Letters and submissions that wait for a person", [], [((), vitals.dead)])
    yield gauge("paused_since_timestamp_seconds", "Since when a person has paused it", ["name"],
                [((name,), since.timestamp()) for name, since in vitals.pauses.items()])  # fmt: skip


def _of_letters_given_up(found: Mapping[tuple[str, str, str], int]) -> Iterator[Metric]:
    yield gauge("letters_unsent", "Letters given up", ["kind", "state", "reason"], found.items())
    skipped: dict[str, int] = {}
    for (kind, state, reason), number in found.items():
        if kind in KINDS and state in {"skipped", "expired"}:
            skipped[reason] = skipped.get(reason, 0) + number
    family = CounterMetricFamily("convenor_reminders_skipped", "Reminders and digests not sent", labels=["reason"])
    for reason, number in skipped.items():
        family.add_metric([reason], number)
    yield family


def _of_tallies(counted: Mapping[str, Mapping[str, float]]) -> Iterator[Metric]:
    messages = CounterMetricFamily(
        "convenor_messages", "What became of letters at each try; fewer than five are not shown",
        labels=["kind", "language", "outcome"],
    )  # fmt: skip
    shown = {labels: number for labels, number in counted.get(MESSAGES, {}).items() if number >= SMALL}
    for labels, number in (_NOTHING_SENT | shown).items():
        messages.add_metric(labels.split(","), number)
    yield messages
    yield _histogram("send_duration", "What a letter takes, written and handed over", SEND_DURATION, counted)
    yield _histogram("reminder_lag", "How long after its time a reminder was sent", REMINDER_LAG, counted)


def _histogram(name: str, help_text: str, kind: Histogram, counted: Mapping[str, Mapping[str, float]]) -> Metric:
    buckets, total = kind.cumulated(counted.get(kind.name, {}))
    family = HistogramMetricFamily(f"convenor_{name}_seconds", help_text)
    family.add_metric([], buckets, total)
    return family


def _of_signs(seen: Iterable[Sign]) -> Iterator[Metric]:
    samples = [((one.name,), one.seen.timestamp()) for one in seen if one.seen]
    yield gauge(
        "sign_of_life_timestamp_seconds", "When the clock or a queue's workers were last seen", ["name"], samples
    )
    yield gauge(
        "scheduler_last_run_timestamp_seconds", "When the clock was last seen", [],
        [((), value) for name, value in samples if name == ("clock",)],
    )  # fmt: skip


def _of_bounces(session: Session, now: datetime) -> Iterator[Metric]:
    reported = CounterMetricFamily("convenor_bounces", "Reports about letters that had been sent", labels=["class"])
    for name, number in (_NOTHING_REPORTED | bounces.counts(session)).items():
        reported.add_metric([name], number)
    yield reported
    yield gauge(
        "suppressed_addresses", "Addresses that are not written to", [], [((), suppressions.count(session, now))]
    )


def _of_zoom(session: Session, counted: Census) -> Iterator[Metric]:
    """By account, not by session: a small number can tell who. Events are never deleted, and are asked for second: one
    that has come since has nobody yet."""
    rows = {row.id: row for row in zoom_events.listed(session)}
    people = _summed(
        ((rows[one.event_id].account or "", one.state), one.number) for one in counted.at_zoom if one.state != "came"
    )
    events: dict[tuple[str, ...], int] = {}
    alarms: dict[tuple[str, ...], int] = {}
    for row in rows.values():
        events[row.account or "", row.state] = events.get((row.account or "", row.state), 0) + 1
        for one in row.differences:
            if one["severity"] == "alarm":
                alarms[row.account or "", one["code"]] = alarms.get((row.account or "", one["code"]), 0) + 1
    yield gauge("zoom_registrants", "People at Zoom events, by what we know of them", ["account", "state"], people)
    yield gauge("zoom_event_states", "Zoom events that are looked after", ["account", "state"], events.items())
    yield gauge(
        "zoom_alarms", "In what Zoom events differ from the programme", ["account", "difference"], alarms.items()
    )


def from_broker(state: BrokerState) -> Iterator[Metric]:
    """Everything that the broker says."""
    depths = {(queue.name,): queue.depth for queue in state.queues}
    ages = [((queue.name,), queue.oldest.total_seconds()) for queue in state.queues if queue.oldest is not None]
    yield gauge("queue_messages", "Messages that wait", ["queue"], depths.items())
    yield gauge("queue_oldest_age_seconds", "How long the oldest has waited", ["queue"], ages)
    yield gauge("broker_unacknowledged_messages", "Messages being worked on", [], [((), state.unacknowledged)])
    yield gauge("broker_memory_used_bytes", "Memory of the broker", [], [((), state.memory_used)])
    yield gauge("broker_memory_limit_bytes", "Its limit; 0 is none", [], [((), state.memory_limit)])


def gauge(name: str, help_text: str, labels: list[str], samples: Iterable[Sample]) -> Metric:
    """One gauge of ours."""
    metric = GaugeMetricFamily(f"convenor_{name}", help_text, labels=labels)
    for values, value in samples:
        metric.add_metric(values, value)
    return metric


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
