"""Parts are killed, the broker's data are deleted: everybody has one invitation in the end."""

import shutil
import signal
import subprocess
import sys
import time
from os import kill

import pytest

from tests.journeys.town import Town, eventually

PEOPLE = 500


def _killed(town: Town, *words: str) -> int:
    """Kill what matches once it is there again: a quick machine registers faster than `up` replaces what was killed."""
    eventually(lambda: town.processes(*words) != [])
    return town.kill(*words)


@pytest.mark.timeout(400)
def test_workers_and_broker_are_killed_among_500_registrations_and_everybody_has_one_invitation(town: Town) -> None:
    killed = 0
    for number in range(PEOPLE):
        if number % 125 == 40:
            killed += _killed(town, "worker", "intake")
        if number % 125 == 80:
            killed += _killed(town, "--queues=delivery")
        if number % 250 == 120:
            shutil.rmtree(town.folder / "var" / "broker" / "appendonlydir", ignore_errors=True)
            killed += _killed(town, "valkey-server")
        town.register(number)
    eventually(lambda: len(town.letters()) == PEOPLE, 240)
    time.sleep(2)  # whatever would come twice has time to come
    assert killed >= 10
    # A letter that was handed over when its worker was killed may come twice, as the same message.
    assert len(town.message_ids()) == PEOPLE
    assert sum(town.message_ids().values()) - PEOPLE <= killed


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
        for number in range(40):
            town.register(number)
        eventually(lambda: len(town.letters()) == 40, 120)
        time.sleep(2)
        assert set(town.letters().values()) == {1}
    finally:
        for process in more:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(60) for process in more] == [0, 0]
