"""The two repairs of Celery: that they cure, and that what they cure is still there."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Consumer, Exchange, Message, Queue
from kombu.common import ignore_errors
from kombu.exceptions import OperationalError
from kombu.transport import redis as transport
from structlog.testing import capture_logs

from adapters.broker import repairs
from adapters.broker.celery_settings import celery_settings
from adapters.broker.embedded import EmbeddedBroker
from adapters.broker.repairs import repair
from tests.servers.broker import kill, restart
from tests.servers.waiting import until
from tests.servers.worker_lab import LabWorker, a_worker

METHODS = ((transport.Channel, "_connparams"), (transport.QoS, "ack"), (transport.QoS, "reject"))


@pytest.fixture
def _as_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kombu without the repairs, whoever has applied them to this process."""
    for owner, name in METHODS:
        method = getattr(owner, name)
        monkeypatch.setattr(owner, name, getattr(method, "__wrapped__", method))


@pytest.fixture
def _repaired(_as_released: None) -> None:
    assert repair() is True


class OneAtATime:
    """A consumer that has taken one message, has not acknowledged it, and may hold but that one.

    Like a worker it has a second channel, for remote commands.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.channel: Any = connection.default_channel
        self.taken: list[Message] = []
        self.commands: Any = connection.channel()
        Consumer(self.commands, [Queue("c", Exchange("c", type="fanout"), auto_delete=True)]).consume()
        connection.SimpleQueue("delivery").put("let_1")
        consumer = Consumer(self.channel, [Queue("delivery", routing_key="delivery")], callbacks=[self._take])
        consumer.qos(prefetch_count=1)
        consumer.consume()
        while not self.taken:  # the answer to the subscription comes on the way
            connection.drain_events(timeout=5)

    def _take(self, _body: object, message: Message) -> None:
        self.taken.append(message)

    @property
    def asks_for_more(self) -> bool:
        """Whether it may ask the broker for another message."""
        return bool(self.channel.qos.can_consume())


@contextmanager
def a_consumer(broker: EmbeddedBroker) -> Iterator[OneAtATime]:
    options = celery_settings(broker.url)["broker_transport_options"]
    with Connection(broker.url, transport_options=options) as connection:
        consumer = OneAtATime(connection)
        try:
            yield consumer
        finally:
            for channel in (consumer.commands, consumer.channel):
                with suppress(AttributeError, *connection.connection_errors):
                    channel.close()
                channel._disconnect_pools()  # closing may have opened another connection


def lose(consumer: OneAtATime, broker: EmbeddedBroker) -> None:
    """Kill the broker while the consumer waits for an answer, and clean up as celery.worker.consumer does."""
    consumer.channel.qos.prefetch_count = 2
    with suppress(TimeoutError):
        consumer.connection.drain_events(timeout=0.1)
    kill(broker)
    with suppress(Exception):
        consumer.connection.collect()
    ignore_errors(consumer.connection, consumer.connection.close)


@pytest.mark.usefixtures("_as_released")
def test_as_released_a_worker_would_not_know_that_its_connection_is_gone(broker: EmbeddedBroker) -> None:
    with a_consumer(broker) as consumer, pytest.raises(AttributeError, match="'NoneType' object has no attribute"):
        lose(consumer, broker)


@pytest.mark.usefixtures("_repaired")
def test_repaired_it_is_an_error_that_a_worker_survives(broker: EmbeddedBroker) -> None:
    with a_consumer(broker) as consumer:
        lose(consumer, broker)
        with pytest.raises(consumer.connection.connection_errors, match="connection has been closed"):
            consumer.channel._connparams()


@pytest.mark.usefixtures("_as_released")
@pytest.mark.parametrize("settle", ["ack", "reject"])
def test_as_released_a_failed_acknowledgement_keeps_its_credit(broker: EmbeddedBroker, settle: str) -> None:
    with a_consumer(broker) as consumer:
        assert not consumer.asks_for_more
        kill(broker)
        with pytest.raises(consumer.connection.connection_errors):
            getattr(consumer.taken[0], settle)()
        assert not consumer.asks_for_more


@pytest.mark.usefixtures("_repaired")
@pytest.mark.parametrize("settle", ["ack", "reject", "requeue"])
def test_repaired_a_failed_acknowledgement_gives_its_credit_back(broker: EmbeddedBroker, settle: str) -> None:
    with a_consumer(broker) as consumer:
        assert not consumer.asks_for_more
        kill(broker)
        with pytest.raises(consumer.connection.connection_errors):
            getattr(consumer.taken[0], settle)()
        assert consumer.asks_for_more


@pytest.mark.usefixtures("_repaired")
def test_repaired_an_acknowledgement_is_still_one(broker: EmbeddedBroker) -> None:
    with a_consumer(broker) as consumer:
        consumer.taken[0].ack()
        assert consumer.asks_for_more
        with broker.address.client() as client:
            assert client.exists("unacked", "unacked_index", "delivery") == 0


@pytest.mark.usefixtures("_repaired")
def test_repairs_are_applied_once() -> None:
    before = [getattr(owner, name) for owner, name in METHODS]
    assert repair() is True
    assert [getattr(owner, name) for owner, name in METHODS] == before


@pytest.mark.usefixtures("_as_released")
@pytest.mark.parametrize("other", [{"celery": "5.7.1"}, {"kombu": "5.8.0"}])
def test_other_versions_are_left_alone_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, other: dict[str, str]
) -> None:
    monkeypatch.setattr(repairs, "version", (repairs.REPAIRED | other).__getitem__)
    before = [getattr(owner, name) for owner, name in METHODS]
    with capture_logs() as logged:
        assert repair() is False
    assert [getattr(owner, name) for owner, name in METHODS] == before
    assert [(entry["log_level"], entry["event"]) for entry in logged] == [
        ("warning", "Celery is not repaired: its version is another")
    ]


def goes_on(worker: LabWorker, publish: Callable[[float], None]) -> None:
    """Give it a task, and wait until it has done another one."""
    before = len(worker.done)
    publish(0)
    until(lambda: len(worker.done) > before or not worker.alive)
    assert worker.alive, worker.log.read_text()[-2000:]


def test_a_worker_goes_on_when_its_broker_is_killed_again_and_again_under_load(
    tmp_path: Path, broker: EmbeddedBroker
) -> None:
    """Without the repairs about one kill in three ends or silences a worker whose children are partly busy."""
    chance = random.Random(5)  # noqa: S311 - the same load each time
    numbers = iter(range(10_000))
    with a_worker(tmp_path, broker.url) as worker:

        def publish(seconds: float) -> None:
            with suppress(OperationalError):
                worker.publish(next(numbers), seconds)

        publish(0)
        until(lambda: worker.done == [0])
        for _ in range(8):
            for seconds in (0.02, chance.choice([0.3, 1.0]), 0.02):
                publish(seconds)
            goes_on(worker, publish)
            kill(broker)
            restart(broker)
            goes_on(worker, publish)
