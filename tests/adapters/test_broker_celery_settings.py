"""Celery's settings, as far as they show without a worker; those of workers show in test_repairs and in journeys."""

import json
from collections.abc import Iterator

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from adapters.broker.celery_settings import celery_settings
from adapters.broker.embedded import EmbeddedBroker
from adapters.broker.queues import QUEUES
from tests.servers.broker import kill, restart


@pytest.fixture
def app(broker: EmbeddedBroker) -> Iterator[Celery]:
    with Celery("tests.broker_settings", set_as_current=False) as one:
        one.conf.update(celery_settings(broker.url))
        yield one


def depth(broker: EmbeddedBroker, queue: str) -> int:
    with broker.address.client() as client:
        return client.llen(queue)


@pytest.mark.parametrize("queue", QUEUES)
def test_a_message_lies_in_the_list_of_its_queue(app: Celery, broker: EmbeddedBroker, queue: str) -> None:
    app.send_task("any.task", ("env_1",), queue=queue)
    assert depth(broker, queue) == 1


def test_a_task_without_a_queue_is_housekeeping(app: Celery, broker: EmbeddedBroker) -> None:
    app.send_task("any.task")
    assert depth(broker, "housekeeping") == 1


def test_a_queue_that_nobody_reads_is_an_error(app: Celery) -> None:
    with pytest.raises(KeyError, match="letters"):
        app.send_task("any.task", queue="letters")


def test_other_queues_can_be_declared() -> None:
    settings = celery_settings("memory://", queues=["slow", "fast"])
    assert [(queue.name, queue.routing_key) for queue in settings["task_queues"]] == [
        ("slow", "slow"),
        ("fast", "fast"),
    ]
    assert settings["task_default_queue"] == "fast"


def test_a_broker_that_lost_everything_works_on(app: Celery, broker: EmbeddedBroker) -> None:
    app.send_task("any.task", queue="intake")
    with broker.address.client() as client:
        client.flushall()
    app.send_task("any.task", queue="intake")
    assert depth(broker, "intake") == 1


def test_a_publisher_survives_a_restart_of_the_broker(app: Celery, broker: EmbeddedBroker) -> None:
    app.send_task("any.task", queue="intake")
    kill(broker)
    with pytest.raises(OperationalError):
        app.send_task("any.task", queue="intake")
    restart(broker)
    app.send_task("any.task", queue="intake")
    assert depth(broker, "intake") >= 1  # the first may not have reached the disk


def test_a_transports_own_options_are_kept() -> None:
    options = celery_settings("sentinel://localhost", transport_options={"master_name": "convenor"})[
        "broker_transport_options"
    ]
    assert options["master_name"] == "convenor"
    assert options["visibility_timeout"] == 300


def test_a_message_carries_its_ids_in_json(app: Celery, broker: EmbeddedBroker) -> None:
    app.send_task("delivery.deliver", ("let_1",), queue="delivery")
    with broker.address.client() as client:
        message = json.loads(client.lindex("delivery", 0) or "")
    headers = message["headers"]
    assert (headers["task"], headers["argsrepr"], headers["kwargsrepr"]) == ("delivery.deliver", "('let_1',)", "{}")
    assert message["content-type"] == "application/json"


def test_the_time_limits_fit_into_each_other() -> None:
    settings = celery_settings("memory://")
    soft, hard = settings["task_soft_time_limit"], settings["task_time_limit"]
    assert soft < hard < settings["broker_transport_options"]["visibility_timeout"] / 2
