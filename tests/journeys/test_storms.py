"""The broker is away, or there is more than one of everything: everybody has one invitation in the end. What all
together does to it, `test_storm.py` tells."""

import signal
import subprocess
import sys
import time
from os import kill

import pytest

from adapters.database import signs
from adapters.processes import identity
from tests.journeys.town import Town, eventually


def alive(town: Town) -> set[str]:
    """Who has given a sign of life, by identity."""
    with town.toolbox.database.read() as session:
        return set(signs.processes(session))


@pytest.mark.timeout(240)
def test_with_the_broker_away_the_door_answers_and_the_registration_goes_through_when_it_is_back(town: Town) -> None:
    broker = town.processes("adapters.broker.keeper") + town.processes("valkey-server")
    for pid in broker:
        kill(pid, signal.SIGSTOP)
    receipts = {town.register(number) for number in range(5)}
    assert len(receipts) == 5
    assert town.letters() == {}
    assert town.kill("valkey-server") == 1
    town.kill("adapters.broker.keeper")
    eventually(lambda: len(town.letters()) == 5, 120)
    assert set(town.letters().values()) == {1}


@pytest.mark.timeout(240)
def test_two_clocks_and_a_second_worker_do_no_harm(town: Town) -> None:
    more = [
        subprocess.Popen([sys.executable, "-m", "cli.main", *command], env=town.environment)
        for command in (["clock"], ["worker", "--concurrency=1"])
    ]
    try:
        eventually(lambda: {identity(process.pid) for process in more} <= alive(town))
        for number in range(40):
            town.register(number)
        eventually(lambda: len(town.letters()) == 40, 120)
        time.sleep(2)
        assert set(town.letters().values()) == {1}
    finally:
        for process in more:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(60) for process in more] == [0, 0]
