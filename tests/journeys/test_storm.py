"""A small storm on each database, with blows of every kind between the two. `python -m bench.storm` lets longer ones
pass; docs/storm.md says what they do."""

from pathlib import Path
from typing import Literal

import pytest

from bench.storm.storm import Storm, passed, print_verdict


@pytest.mark.timeout(420)
@pytest.mark.parametrize(("database", "seed"), [("sqlite", 273), ("postgresql", 602)])
def test_in_a_small_storm_nothing_is_lost_repeated_without_need_misdirected_or_overtaken(
    tmp_path: Path, database: Literal["sqlite", "postgresql"], seed: int
) -> None:
    storm = Storm(people=60, seconds=30, seed=seed, database=database, patience=240)
    verdict = passed(storm, tmp_path)
    print_verdict(storm, verdict)
    assert set(verdict.faults.values()) == {0}
