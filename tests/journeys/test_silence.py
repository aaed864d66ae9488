"""Processes that live and do not work: stopped, or deaf to their queues. They are noticed and replaced."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.town import Town, a_town, eventually
from workers import app as corridor
from workers.watch import MUST_BE_REPLACED


def main_of(town: Town, *words: str) -> int:
    """The oldest of those processes: children have higher numbers than who has forked them, but for a wrap-around."""
    eventually(lambda: town.processes(*words) != [])
    return town.processes(*words)[0]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One that is quick to lose its patience."""
    folder = tmp_path_factory.mktemp("town")
    with a_town(folder, f"sqlite:///{folder}/convenor.db", SILENT_AFTER="8") as one:
        yield one


@pytest.mark.timeout(240)
def test_a_worker_and_a_clock_that_stand_still_are_replaced_and_letters_go_out_again(town: Town) -> None:
    town.register(1)
    eventually(lambda: len(town.letters()) == 1)
    stopped = [main_of(town, "worker", "--queues=delivery"), main_of(town, "cli.main", "clock")]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    town.register(2)
    eventually(lambda: not set(stopped) & set(town.processes("cli.main")))
    eventually(lambda: len(town.letters()) == 2)
    assert town.log().count("stands still and is replaced") >= 2


@pytest.mark.timeout(240)
def test_a_worker_that_consumes_nothing_ends_by_itself_although_another_consumes_the_same_queues(
    town: Town, tmp_path: Path
) -> None:
    log = tmp_path / "alone.log"
    with log.open("wb") as out:
        alone = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "worker", "--queues=delivery,housekeeping", "--concurrency=1"],
            env=town.environment, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        eventually(lambda: "ready." in log.read_text())
        corridor.configure(town.toolbox.settings)
        corridor.app._after_fork()  # type: ignore[attr-defined] # connections of an earlier test lead elsewhere
        ready = next(line for line in log.read_text().splitlines() if "ready." in line)
        deafen(ready.partition('"event": "')[2].partition(" ready")[0])
        assert alone.wait(90) == MUST_BE_REPLACED
        assert "this worker consumes nothing" in log.read_text()
    finally:
        alone.kill()
        alone.wait()
    before = len(town.letters())
    town.register(3)
    eventually(lambda: len(town.letters()) == before + 1)


def deafen(name: str) -> None:
    """Have a worker stop consuming by a remote command, as its defects can: it lives, is connected, and hears no
    message."""
    queues = corridor.app.control.inspect([name], timeout=5).active_queues()
    assert queues is not None
    for queue in queues[name]:
        corridor.app.control.cancel_consumer(queue["name"], destination=[name])
