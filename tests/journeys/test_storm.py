"""A small storm on each database. `python -m bench.storm` lets longer ones pass; docs/storm.md says what they do."""

import os
from pathlib import Path
from typing import Literal

import pytest

from bench.storm.storm import Storm, passed, print_verdict


@pytest.mark.timeout(400)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_small_storm_loses_nothing_and_repeats_misdirects_and_reorders_nothing(
    tmp_path: Path, database: Literal["sqlite", "postgresql"]
) -> None:
    seed = int(os.environ.get("CONVENOR_TEST_SEED", "2021"))
    storm = Storm(people=50, seconds=15, seed=seed, database=database, patience=200)
    verdict = passed(storm, tmp_path)
    print_verdict(storm, verdict)
    assert set(verdict.faults.values()) == {0}
