"""A worker that is asked to end: in the middle of its work, idle, too busy, and without a broker."""

from pathlib import Path

from adapters.broker.embedded import EmbeddedBroker
from tests.servers.broker import kill, restart
from tests.servers.waiting import until
from tests.servers.worker_lab import QUEUE, LabWorker, a_worker


def asked_to_end(worker: LabWorker) -> int:
    worker.process.terminate()
    return worker.process.wait(60)


def left(broker: EmbeddedBroker) -> tuple[int, int]:
    """Messages that wait, and messages that nobody has acknowledged."""
    with broker.address.client() as client:
        return client.llen(QUEUE), client.hlen("unacked")


def test_it_finishes_what_it_has_begun_and_leaves_the_rest(tmp_path: Path, broker: EmbeddedBroker) -> None:
    with a_worker(tmp_path, broker.url) as worker:
        for number in range(40):
            worker.publish(number, 0.2)
        until(lambda: len(worker.done) >= 4)
        assert asked_to_end(worker) == 0
        waiting, unacknowledged = left(broker)
        assert unacknowledged == 0
        assert sorted(worker.done) == list(range(40 - waiting))
        assert 0 < waiting <= 36


def test_it_ends_although_its_tasks_do_not_and_they_go_back(tmp_path: Path, broker: EmbeddedBroker) -> None:
    with a_worker(tmp_path, broker.url, patience=1.0) as worker:
        for number in range(4):
            worker.publish(number, 3600)
        until(lambda: left(broker) == (2, 2))
        assert asked_to_end(worker) == 0
        assert left(broker) == (4, 0)
        assert worker.done == []


def test_it_ends_while_the_broker_is_away(tmp_path: Path, broker: EmbeddedBroker) -> None:
    with a_worker(tmp_path, broker.url) as worker:
        worker.publish(1, 0)
        until(lambda: worker.done == [1])
        kill(broker)
        until(lambda: "Connection to broker lost" in worker.log.read_text())
        assert asked_to_end(worker) == 0
    restart(broker)
