"""What is wrong with the machines, judged from what was read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.health import CODES, LONG, MailVitals, QueueVitals, Vitals, WorkerVitals, verdicts

NOW = datetime(2021, 6, 14, 8, 0, tzinfo=UTC)
QUEUES = tuple(QueueVitals(name) for name in ("intake", "conferencing", "delivery", "housekeeping"))
WELL = Vitals(clock_seen=NOW, queues=QUEUES, workers=[WorkerVitals(NOW, NOW)])


def ago(**long: float) -> datetime:
    return NOW - timedelta(**long)


def said(vitals: Vitals) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, one.about) for one in verdicts(vitals, NOW)]


def with_queue(*, oldest: timedelta | None = None, unanswered_since: datetime | None = None) -> Vitals:
    queues = [*QUEUES[:2], QueueVitals("delivery", 1, oldest, unanswered_since), QUEUES[3]]
    return replace(WELL, queues=queues)


def test_where_all_is_well_nothing_is_found() -> None:
    assert verdicts(WELL, NOW) == []


def test_a_database_that_is_gone_is_said_alone_for_nothing_else_is_known() -> None:
    assert said(Vitals(database=False)) == [("database-down", "critical", "")]


def test_a_broker_that_is_gone_is_not_blamed_on_the_workers() -> None:
    silent = with_queue(unanswered_since=ago(minutes=10))
    assert said(replace(silent, broker=False)) == [("broker-down", "critical", "")]


@pytest.mark.parametrize(("share", "severity"), [(0.69, None), (0.7, "warning"), (0.9, "critical")])
def test_a_broker_that_fills_up_is_a_warning_before_it_takes_nothing_more(share: float, severity: str | None) -> None:
    assert said(replace(WELL, memory_share=share)) == ([("broker-memory", severity, "")] if severity else [])


def test_a_clock_that_has_missed_six_beats_stands_still_and_after_three_minutes_somebody_is_called() -> None:
    assert said(replace(WELL, clock_seen=ago(seconds=30))) == []
    assert said(replace(WELL, clock_seen=ago(seconds=31))) == [("clock-silent", "warning", "")]
    assert said(replace(WELL, clock_seen=ago(seconds=181))) == [("clock-silent", "critical", "")]
    assert said(replace(WELL, clock_seen=None)) == [("clock-silent", "critical", "")]


def test_a_clock_that_beats_seldom_is_given_three_beats() -> None:
    patient = replace(WELL, clock_seen=ago(seconds=140), beats_every=timedelta(seconds=50))
    assert said(patient) == []
    assert said(replace(patient, clock_seen=ago(seconds=151))) == [("clock-silent", "warning", "")]


def test_a_queue_that_nobody_consumes_is_named() -> None:
    assert said(with_queue(unanswered_since=ago(seconds=25))) == []
    assert said(with_queue(unanswered_since=ago(seconds=26))) == [("queue-unattended", "warning", "delivery")]
    assert said(with_queue(unanswered_since=ago(seconds=121))) == [("queue-unattended", "critical", "delivery")]


@pytest.mark.parametrize("paused", ["mail", "delivery"])
def test_a_queue_that_a_person_has_paused_may_rest(paused: str) -> None:
    resting = replace(
        with_queue(unanswered_since=ago(hours=1), oldest=timedelta(hours=1)), pauses={paused: ago(minutes=9)}
    )
    assert said(resting) == []


@pytest.mark.parametrize(
    "worker",
    [WorkerVitals(ago(seconds=31), ago(seconds=31)), WorkerVitals(NOW, ago(seconds=36))],
    ids=["stands still", "beats, and does nothing"],
)
def test_one_worker_of_several_that_does_nothing_is_seen(worker: WorkerVitals) -> None:
    assert said(replace(WELL, workers=[*WELL.workers, worker])) == [("worker-silent", "warning", "")]


def test_a_worker_whose_children_are_all_busy_for_a_while_is_given_time() -> None:
    assert said(replace(WELL, workers=[WorkerVitals(NOW, ago(seconds=34))])) == []


def test_a_worker_that_has_just_begun_has_nothing_to_answer_for() -> None:
    assert said(replace(WELL, workers=[WorkerVitals(ago(seconds=20), None)])) == []


def test_what_waits_too_long_is_said_within_a_minute_and_after_five_somebody_is_called() -> None:
    assert said(with_queue(oldest=timedelta(seconds=30))) == []
    assert said(with_queue(oldest=timedelta(seconds=31))) == [("queue-ageing", "warning", "delivery")]
    assert said(with_queue(oldest=timedelta(seconds=301))) == [("queue-ageing", "critical", "delivery")]


def test_a_mail_server_that_is_away_and_one_that_refuses_us_are_two_things() -> None:
    away, refuses = MailVitals("unreachable", NOW, "server-not-reached"), MailVitals("refused", NOW, "smtp-550-5.7.1")
    assert said(replace(WELL, mail=away)) == [("mail-unreachable", "warning", "server-not-reached")]
    assert said(replace(WELL, mail=refuses)) == [("mail-refused", "warning", "smtp-550-5.7.1")]


def test_letters_that_wait_for_the_mail_server_are_not_said_to_age_as_well() -> None:
    waiting = replace(with_queue(oldest=timedelta(hours=1)), mail=MailVitals("unreachable", NOW, "server-not-reached"))
    assert said(waiting) == [("mail-unreachable", "warning", "server-not-reached")]


def test_letters_that_came_back_because_of_us_are_critical_at_once() -> None:
    assert said(replace(WELL, policy_bounces=1, policy_bounces_since=NOW)) == [("policy-bounces", "critical", "")]


def test_what_waits_for_a_person_is_critical_after_a_quarter_of_an_hour() -> None:
    assert said(replace(WELL, dead=2, dead_since=ago(minutes=1))) == [("dead-letters", "warning", "")]
    assert said(replace(WELL, dead=2, dead_since=ago(minutes=16))) == [("dead-letters", "critical", "")]


def test_a_pause_is_recalled_when_it_may_have_been_forgotten() -> None:
    assert said(replace(WELL, pauses={"mail": ago(minutes=29)})) == []
    assert said(replace(WELL, pauses={"mail": ago(minutes=31)})) == [("paused", "warning", "mail")]
    assert said(replace(WELL, pauses={"mail": ago(hours=5)})) == [("paused", "critical", "mail")]


def test_what_is_critical_is_said_first() -> None:
    both = replace(with_queue(oldest=timedelta(seconds=40)), clock_seen=ago(minutes=4))
    assert [one.severity for one in verdicts(both, NOW)] == ["critical", "warning"]


def test_a_finding_says_since_when_and_where_to_read_on() -> None:
    (found,) = verdicts(replace(WELL, clock_seen=ago(seconds=40)), NOW)
    assert (found.since, found.runbook) == (ago(seconds=40), "docs/runbook/clock-silent.md")


def test_every_code_that_can_grow_worse_is_known() -> None:
    assert set(LONG) <= set(CODES)
