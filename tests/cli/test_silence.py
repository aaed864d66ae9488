"""Who is replaced for being silent: judged by the signs in the database, with the real broker answering."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.broker.embedded import EmbeddedBroker
from adapters.database import signs
from cli.run import silent_queues
from tests.house import House, a_house
from workers.housekeeping import Housekeeper


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house whose broker runs."""
    broker = EmbeddedBroker(tmp_path / "var" / "broker")
    broker.start()
    broker.wait_ready()
    with a_house(tmp_path, database_url) as one:
        yield one
    broker.stop()


def note(house: House, name: str, *, sent: float | None = None, seen: float | None = None) -> None:
    """A sign that was sent and seen so many seconds ago."""
    now = house.toolbox.clock.machine_now()
    with house.toolbox.database.write() as session:
        if sent is not None:
            signs.send_anew(session, name, now - timedelta(seconds=sent))
        if seen is not None:
            signs.see(session, name, now - timedelta(seconds=seen))


def test_a_queue_whose_canary_waits_too_long_is_silent(house: House) -> None:
    note(house, "clock", seen=1)
    note(house, "canary:delivery", sent=70)
    note(house, "canary:intake", sent=70, seen=69)
    note(house, "canary:conferencing", sent=20)
    assert silent_queues(house.toolbox, 60) == frozenset({"delivery"})


def test_a_clock_that_stands_still_is_silent_and_nobody_else_is_blamed(house: House) -> None:
    note(house, "clock", seen=70)
    note(house, "canary:delivery", sent=70)
    assert silent_queues(house.toolbox, 60) == frozenset({"clock"})


def test_a_canary_that_was_lost_with_the_broker_is_forgotten_when_it_answers_again(house: House) -> None:
    note(house, "canary:delivery", sent=600)
    keeper = Housekeeper(house.toolbox)
    keeper.broker_answers = False
    keeper.tick()
    assert silent_queues(house.toolbox, 60) == frozenset()


def test_without_a_broker_nobody_is_silent(tmp_path: Path, database_url: str) -> None:
    with a_house(tmp_path, database_url) as house:
        note(house, "clock", seen=1)
        note(house, "canary:delivery", sent=70)
        assert silent_queues(house.toolbox, 60) == frozenset()
