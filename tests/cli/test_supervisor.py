"""Parts that die are started again; parts that live without working are replaced; everything ends together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from cli.supervisor import Part, Supervisor

FOREVER = [sys.executable, "-c", "import time; time.sleep(600)"]


def a_part(name: str = "part", command: Sequence[str] = FOREVER) -> Part:
    return Part(name, lambda: command)


Supervised = Callable[..., Supervisor]


@pytest.fixture
def supervised() -> Iterator[Supervised]:
    """Makes supervisors, and stops them at the end."""
    made: list[Supervisor] = []

    def make(*parts: Part, still: Callable[[], frozenset[int]] = frozenset) -> Supervisor:
        one = Supervisor(parts, dict(os.environ), lambda _age: still(), silent_after=0.1)
        made.append(one)
        one.start()
        return one

    yield make
    for one in made:
        one.stop()


def look_until(supervisor: Supervisor, so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not so():
        assert time.monotonic() < until
        supervisor.look()
        time.sleep(0.02)


def pid(part: Part) -> int:
    assert part.process is not None
    return part.process.pid


def test_a_part_that_was_killed_is_started_again(supervised: Supervised) -> None:
    part = a_part()
    supervisor = supervised(part)
    first = pid(part)
    os.kill(first, signal.SIGKILL)
    look_until(supervisor, lambda: part.process is not None and not part.ended() and pid(part) != first)


def test_a_part_that_fails_at_once_is_tried_again_after_longer_and_longer_pauses(supervised: Supervised) -> None:
    part = a_part("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    supervisor = supervised(part)
    look_until(supervisor, lambda: part.restarts == 2)
    assert part.not_before - time.monotonic() > 1


def test_a_part_that_stands_still_is_replaced_and_the_others_are_not(supervised: Supervised) -> None:
    stuck, well = a_part("stuck"), a_part("well")
    found: set[int] = set()
    supervisor = supervised(stuck, well, still=lambda: frozenset(found))
    before = pid(stuck), pid(well)
    found.add(pid(stuck))
    look_until(supervisor, lambda: not stuck.ended() and pid(stuck) != before[0])
    assert pid(well) == before[1]


def test_a_part_that_is_stopped_does_not_hear_that_it_should_end_and_is_replaced_all_the_same(
    supervised: Supervised, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.supervisor._LAST_CHANCE", 0.2)
    stuck = a_part("stuck")
    found: set[int] = set()
    supervisor = supervised(stuck, still=lambda: frozenset(found))
    first = pid(stuck)
    found.add(first)
    os.kill(first, signal.SIGSTOP)
    look_until(supervisor, lambda: not stuck.ended() and pid(stuck) != first)


def test_a_part_that_beats_again_in_time_is_let_be(supervised: Supervised) -> None:
    part = a_part("part")
    found = [True, True, True, False] * 5
    supervisor = supervised(part, still=lambda: frozenset({pid(part)} if found and found.pop(0) else ()))
    first = pid(part)
    look_until(supervisor, lambda: not found)
    assert pid(part) == first
    assert not part.ended()


def test_everything_ends_when_the_supervisor_stops(supervised: Supervised) -> None:
    parts = [a_part("one"), a_part("two")]
    supervised(*parts).stop()
    assert [part.process.returncode for part in parts if part.process] == [-signal.SIGTERM] * 2


def test_a_part_is_started_only_when_the_one_before_is_ready() -> None:
    order: list[str] = []

    def noting(name: str) -> Callable[[], Sequence[str]]:
        def command() -> Sequence[str]:
            order.append(name)
            return FOREVER

        return command

    first = Part("first", noting("first"), ready=lambda: order.append("ready"))
    second = Part("second", noting("second"))
    supervisor = Supervisor([first, second], dict(os.environ), lambda _age: frozenset())
    supervisor.start()
    supervisor.stop()
    assert order == ["first", "ready", "second"]


def test_parts_end_when_up_itself_is_killed(tmp_path: Path) -> None:
    """As `--supervised` does it: the kernel asks the part to end when its parent is gone."""
    child = (
        "import time; from adapters.processes import end_with_parent; "
        "end_with_parent(); print('ready', flush=True); time.sleep(600)"
    )
    parent = (
        "import subprocess, sys; "
        f"part = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE); "
        "part.stdout.readline(); print(part.pid, flush=True); part.wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    part = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    until = time.monotonic() + 30
    while Path(f"/proc/{part}/stat").exists() and " Z " not in Path(f"/proc/{part}/stat").read_text():
        assert time.monotonic() < until
        time.sleep(0.02)
