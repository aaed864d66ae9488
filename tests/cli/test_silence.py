"""Who stands still, as the database knows it."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.database import signs
from adapters.processes import identity
from cli.run import standing_still
from tests.house import House, a_house
from workers.housekeeping import Housekeeper


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house without a broker: who beats does so without it."""
    with a_house(tmp_path, database_url) as one:
        yield one


def beat(house: House, who: str, ago: float) -> None:
    with house.toolbox.database.write() as session:
        signs.see(session, signs.of_process(who), house.toolbox.clock.machine_now() - timedelta(seconds=ago))


def test_a_process_stands_still_when_its_last_beat_is_too_old(house: House) -> None:
    assert standing_still(house.toolbox, 5) == frozenset()  # it has not beaten yet
    beat(house, identity(), 10)
    assert standing_still(house.toolbox, 60) == frozenset()
    assert standing_still(house.toolbox, 5) == frozenset({os.getpid()})


def test_another_process_that_had_the_same_number_is_another(house: House) -> None:
    here, pid, _ = identity().split("/")
    beat(house, f"{here}/{pid}/1", 100)
    beat(house, f"another-host/{pid}/1", 100)
    assert standing_still(house.toolbox, 60) == frozenset()


def test_a_clock_beats_also_while_the_broker_is_away(house: House) -> None:
    beat(house, identity(), 100)
    keeper = Housekeeper(house.toolbox)
    keeper.tick()
    assert not keeper.broker_answers
    assert standing_still(house.toolbox, 60) == frozenset()


def test_without_a_database_nobody_is_blamed(tmp_path: Path) -> None:
    with a_house(tmp_path, f"sqlite:///{tmp_path}/convenor.db") as house:
        beat(house, identity(), 100)
        house.toolbox.database.dispose()
        (tmp_path / "convenor.db").unlink()
        assert standing_still(house.toolbox, 60) == frozenset()
