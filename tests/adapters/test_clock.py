"""Two times, and a clock that rehearsals can steer."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.clock import ClockError, MachineClock, Movement, anchored, clock_from, steer

EIGHT = datetime(2021, 6, 14, 6, tzinfo=UTC)


def test_without_a_setting_both_times_are_the_machines() -> None:
    clock = clock_from(None)
    assert isinstance(clock, MachineClock)
    assert abs(clock.now() - clock.machine_now()) < timedelta(minutes=1)


def test_a_movement_counts_from_its_anchor_at_its_speed() -> None:
    assert Movement(EIGHT, anchor=1000.0, speed=600).at(1060.0) == EIGHT + timedelta(hours=10)


def test_a_movement_stops_where_it_is_told_to() -> None:
    until = EIGHT + timedelta(hours=1)
    assert Movement(EIGHT, anchor=1000.0, speed=600, until=until).at(2000.0) == until


def test_processes_that_share_an_anchor_agree() -> None:
    written = "2021-06-14T08:00:00+02:00;speed=0;anchor=1000"
    assert (clock_from(written).now(), clock_from(written).now()) == (EIGHT, EIGHT)


def test_a_clock_without_an_anchor_begins_now() -> None:
    clock = clock_from("2021-06-14T08:00:00+02:00;speed=0")
    assert (clock.now(), clock.rehearsing) == (EIGHT, True)


def test_an_anchor_is_added_once() -> None:
    written = anchored("2021-06-14T08:00:00+02:00;speed=600")
    assert written is not None
    assert written.startswith("2021-06-14T08:00:00+02:00;speed=600;anchor=")
    assert anchored(written) == written
    assert anchored(None) is None


def test_a_steered_clock_follows_its_file_and_comes_back_from_what_it_was_told(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = clock_from(f"2021-06-14T08:00:00+02:00;speed=0;steer={file}")
    assert clock.now() == EIGHT
    later = EIGHT + timedelta(days=1)
    steer(file, Movement(later, anchor=0.0, speed=5.0, until=later))
    assert clock.now() == later


def test_a_steered_clock_misses_no_step_within_one_time_stamp(tmp_path: Path) -> None:
    file, stamp = tmp_path / "clock", (1_623_650_400_000_000_000,) * 2
    clock = clock_from(f"2021-06-14T08:00:00+02:00;speed=0;steer={file}")
    seen = []
    for step in range(1, 4):
        moment = EIGHT + timedelta(days=step)
        steer(file, Movement(moment, anchor=0.0, speed=0.0))
        os.utime(file, ns=stamp)
        seen.append(clock.now())
    assert seen == [EIGHT + timedelta(days=step) for step in range(1, 4)]


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "2021-06-14T08:00:00",
        "2021-06-14T08:00:00+02:00;speed=fast",
        "2021-06-14T08:00:00+02:00;sped=600",
        "2021-06-14T08:00:00+02:00;speed=-1",
        "2021-06-14T08:00:00+02:00;speed=nan",
        "2021-06-14T08:00:00+02:00;speed=inf",
    ],
)
def test_what_cannot_be_read_is_refused_with_a_form_that_can(written: str) -> None:
    with pytest.raises(ClockError):
        clock_from(written)
