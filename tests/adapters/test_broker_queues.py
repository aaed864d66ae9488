"""What the broker holds, as the monitor tells it."""

import datetime as dt
import json
import os
import signal
from pathlib import Path

import pytest
from celery import Celery
from celery.signals import before_task_publish

from adapters.broker.address import broker_address
from adapters.broker.celery_settings import celery_settings
from adapters.broker.embedded import EmbeddedBroker
from adapters.broker.errors import BrokerMisconfigured, BrokerUnavailable
from adapters.broker.queues import QUEUES, BrokerState, QueueState, broker_state, ping, stamp
from tests.servers.broker import server_pid

NOW = dt.datetime(2021, 6, 14, 16, 0, tzinfo=dt.UTC)


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def put(broker: EmbeddedBroker, queue: str, message: object) -> None:
    with broker.address.client() as client:
        client.lpush(queue, json.dumps(message))


def waiting_since(moment: dt.datetime) -> dict[str, object]:
    headers: dict[str, object] = {}
    stamp(headers, moment)
    return {"headers": headers}


def state(broker: EmbeddedBroker) -> BrokerState:
    return broker_state(broker.address, NOW)


def test_an_empty_broker_holds_nothing(broker: EmbeddedBroker) -> None:
    found = state(broker)
    assert found.queues == tuple(QueueState(name, 0, None) for name in QUEUES)
    assert (found.unacknowledged, found.oldest_unacknowledged) == (0, None)
    assert found.memory_limit == 64 * 1024 * 1024
    assert 0 < found.memory_used < found.memory_limit
    assert found.memory_share == found.memory_used / found.memory_limit


def test_messages_of_every_priority_count_and_the_oldest_tells_the_age(broker: EmbeddedBroker) -> None:
    put(broker, "delivery", waiting_since(NOW - minutes(5)))
    put(broker, "delivery", waiting_since(NOW - minutes(2)))
    put(broker, "delivery\x06\x169", waiting_since(NOW - minutes(30)))
    put(broker, "intake\x06\x163", waiting_since(NOW - minutes(1)))
    assert state(broker).queues == (
        QueueState("intake", 1, minutes(1)),
        QueueState("conferencing", 0, None),
        QueueState("delivery", 3, minutes(30)),
        QueueState("housekeeping", 0, None),
    )


@pytest.mark.parametrize("message", [{"headers": {}}, {"headers": {"enqueued_at": "early"}}, ["no message"], "text"])
def test_a_message_that_does_not_tell_its_age_counts_all_the_same(broker: EmbeddedBroker, message: object) -> None:
    put(broker, "intake", message)
    assert state(broker).queues[0] == QueueState("intake", 1, None)


def test_a_message_from_a_clock_that_is_ahead_has_no_negative_age(broker: EmbeddedBroker) -> None:
    put(broker, "intake", waiting_since(NOW + minutes(3)))
    assert state(broker).queues[0] == QueueState("intake", 1, dt.timedelta())


def test_what_celery_publishes_is_found_with_its_age(broker: EmbeddedBroker) -> None:
    def stamped(headers: dict[str, object], **_: object) -> None:
        stamp(headers, NOW - minutes(7))

    before_task_publish.connect(stamped)
    with Celery("tests.broker_queues", set_as_current=False) as app:
        app.conf.update(celery_settings(broker.url))
        app.send_task("delivery.deliver", ("let_1",), queue="delivery")
        app.send_task("delivery.deliver", ("let_2",), queue="delivery", priority=9)
    assert state(broker).queues[2] == QueueState("delivery", 2, minutes(7))


def test_messages_that_a_worker_holds_count_as_unacknowledged(broker: EmbeddedBroker) -> None:
    with broker.address.client() as client:  # as kombu.transport.redis.QoS.append writes them
        for tag, moment in (("one", NOW - minutes(4)), ("two", NOW - minutes(9))):
            client.zadd("unacked_index", {tag: moment.timestamp()})
            client.hset("unacked", tag, "message")
    found = state(broker)
    assert (found.unacknowledged, found.oldest_unacknowledged) == (2, minutes(9))


def test_a_server_without_a_limit_is_never_full(broker: EmbeddedBroker) -> None:
    with broker.address.client() as client:
        client.config_set("maxmemory", 0)
    assert state(broker).memory_share == 0.0


def test_a_broker_that_is_down_is_worth_another_try(tmp_path: Path) -> None:
    nowhere = EmbeddedBroker(tmp_path / "broker").address
    with pytest.raises(BrokerUnavailable) as gone:
        broker_state(nowhere, NOW)
    assert str(gone.value) == "the broker does not answer (ConnectionError)"
    assert gone.value.trying_again_helps is True
    with pytest.raises(BrokerUnavailable):
        ping(nowhere)


def test_a_broker_that_hangs_is_given_up(broker: EmbeddedBroker) -> None:
    server = server_pid(broker)
    os.kill(server, signal.SIGSTOP)
    try:
        with pytest.raises(BrokerUnavailable, match="TimeoutError"):
            broker_state(broker.address, NOW, timeout=0.1)
    finally:
        os.kill(server, signal.SIGCONT)


def test_a_broker_that_refuses_us_is_for_a_person_to_mend(broker: EmbeddedBroker) -> None:
    wrong = broker_address(broker.client_url.replace("unix://", "unix://olga:secret@"))
    with pytest.raises(BrokerMisconfigured) as refused:
        ping(wrong)
    assert str(refused.value) == "the broker refuses us (AuthenticationError)"
    assert refused.value.trying_again_helps is False


def test_a_broker_that_answers_is_there(broker: EmbeddedBroker) -> None:
    ping(broker.address)
