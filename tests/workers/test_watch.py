"""A worker's watch over itself: on a real broker, with its answers given or not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.broker.embedded import EmbeddedBroker
from adapters.clock import Clock
from adapters.database import signs
from adapters.processes import identity
from tests.house import House, a_house
from tests.servers.broker import keeper_pid, kill, restart
from workers import app as corridor
from workers.housekeeping import Housekeeper
from workers.watch import Watch, alive


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """The house's own."""
    one = EmbeddedBroker(tmp_path / "var" / "broker")
    one.start()
    one.wait_ready()
    yield one
    one.stop()


@pytest.fixture
def house(tmp_path: Path, database_url: str, broker: EmbeddedBroker) -> Iterator[House]:
    """A house whose broker runs."""
    assert keeper_pid(broker)
    with a_house(tmp_path, database_url) as one:
        yield one


class Later:
    """A clock whose machine's time can be put forward."""

    rehearsing = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.by = timedelta()

    def now(self) -> datetime:
        return self._clock.now()

    def machine_now(self) -> datetime:
        return self._clock.machine_now() + self.by


@dataclass
class Watched:
    """A watch, and how time passes for it."""

    watch: Watch
    clock: Later
    hands: list[bool]

    def looks(self, times: int, every: float) -> list[bool]:
        """What it finds at each look."""
        found = []
        for _ in range(times):
            found.append(self.watch.look())
            self.clock.by += timedelta(seconds=every)
        return found


def watched(house: House, *, busy: bool = False) -> Watched:
    clock = Later(house.toolbox.clock)
    toolbox = replace(house.toolbox, clock=clock)
    hands = [busy]
    watch = Watch(toolbox, busy=lambda: hands[0])
    corridor.configure(house.toolbox.settings, watch.queue)
    # What an earlier test of this process has left: connections to its broker, and the queues that it knew.
    corridor.app._after_fork()  # type: ignore[attr-defined]
    for remembered in ("queues", "router"):
        vars(corridor.app.amqp).pop(remembered, None)
    corridor.use(toolbox)
    return Watched(watch, clock, hands)


def waiting(broker: EmbeddedBroker, queue: str) -> int:
    with broker.address.client() as client:
        return int(client.llen(queue))


def test_whoever_gets_its_answers_is_well(house: House) -> None:
    one = watched(house)
    for _ in range(20):
        assert one.looks(1, every=20) == [True]
        alive(one.watch.queue)


def test_whoever_gets_no_answer_for_a_minute_is_not(house: House) -> None:
    assert watched(house).looks(8, every=14.5) == [True] * 6 + [False] * 2


def test_tasks_in_hand_are_given_the_time_that_tasks_may_take(house: House) -> None:
    assert watched(house, busy=True).looks(13, every=14.5) == [True] * 12 + [False] * 1


def test_tasks_that_have_just_ended_leave_a_minute_for_the_answer(house: House) -> None:
    one = watched(house, busy=True)
    assert one.looks(7, every=14.5) == [True] * 7
    one.hands[0] = False
    assert one.looks(6, every=14.5) == [True] * 5 + [False]


def test_a_machines_clock_that_jumps_ends_nobody_who_answers_then(house: House) -> None:
    one = watched(house)
    assert one.looks(1, every=3600) == [True]
    assert one.looks(1, every=5) == [True]
    alive(one.watch.queue)
    assert one.looks(1, every=5) == [True]


def test_a_broker_that_was_away_is_no_fault_of_the_worker(house: House, broker: EmbeddedBroker) -> None:
    one = watched(house)
    assert one.looks(1, every=30) == [True]
    kill(broker)
    assert one.looks(10, every=30) == [True] * 10
    restart(broker)
    assert one.looks(8, every=14.5) == [True] * 6 + [False] * 2


def test_a_full_broker_is_no_fault_of_the_worker(house: House, broker: EmbeddedBroker) -> None:
    one = watched(house)
    assert one.looks(1, every=30) == [True]
    with broker.address.client() as client:
        client.config_set("maxmemory", "1kb")
    assert one.looks(10, every=30) == [True] * 10


def test_it_leaves_nothing_behind(house: House, broker: EmbeddedBroker) -> None:
    watch = watched(house).watch
    watch.look()
    assert waiting(broker, watch.queue) == 1
    watch.forget()
    assert waiting(broker, watch.queue) == 0
    with house.toolbox.database.read() as session:
        assert signs.processes(session) == {}


def test_a_clock_clears_away_what_a_killed_worker_has_left(house: House, broker: EmbeddedBroker) -> None:
    here, pid, _ = identity().split("/")
    killed, elsewhere = f"{here}/{pid}/1", "another-host/5/7"
    with broker.address.client() as client:
        client.lpush(signs.own(killed), "a message")
    with house.toolbox.database.write() as session:
        for one in (killed, elsewhere):
            signs.see(session, signs.of_process(one), house.toolbox.clock.machine_now())
    Housekeeper(house.toolbox).tick()
    with house.toolbox.database.read() as session:
        assert set(signs.processes(session)) == {identity(), elsewhere}
    assert waiting(broker, signs.own(killed)) == 0
