"""The whole house, on its embedded parts: from a signed post to the mail server's acceptance."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median, quantiles

from bench.measure import Figure
from bench.table import Row, table
from cli.people import Invented
from cli.rehearsal import Stage, staged, two_weeks_before
from config.logging import configure_logging
from config.settings import load_settings

IDLE = "one registration, idle system, post to SMTP acceptance: median"
_SINGLE = 60
_MANY = 500


def _stage(out: Path) -> AbstractContextManager[Stage]:
    return staged(load_settings(), "alliance-2021", out, starts=two_weeks_before, speed=1e6, tell=lambda _: None)


def _person(number: int) -> Invented:
    data = {
        "full_name": f"Person Number {number}", "email": f"person{number}@ngo.example.org", "language": "en",
        "sessions": ["survivor-voices"], "interpretation": "ru", "time_zone": "Europe/Kyiv",
    }  # fmt: skip
    return Invented(data, "standard")


def one_by_one(out: Path) -> Iterator[Figure]:
    """One registration at a time on an idle system."""
    with _stage(out) as stage:
        taken = []
        for number in range(_SINGLE):
            begun = time.perf_counter()
            stage.street.arrive(_person(number), number, stage.toolbox.clock.machine_now())
            _await(stage, number + 1)
            taken.append(time.perf_counter() - begun)
        yield Figure(IDLE, _SINGLE, median(taken))
        yield Figure("the same: 95th percentile", _SINGLE, quantiles(taken, n=20)[-1])


def many_at_once(out: Path) -> Iterator[Figure]:
    """Many registrations from one client, one after the other."""
    with _stage(out) as stage:
        begun = time.perf_counter()
        for number in range(_MANY):
            stage.street.arrive(_person(number), number, stage.toolbox.clock.machine_now())
        posted = time.perf_counter()
        _await(stage, _MANY)
        yield Figure("signed post answered, one client", _MANY, (posted - begun) / _MANY)
        yield Figure("registration, post to SMTP acceptance, in a rush", _MANY, (time.perf_counter() - begun) / _MANY)


def _await(stage: Stage, number: int) -> None:
    until = time.monotonic() + 120
    while len(stage.catcher.caught) < number:
        if time.monotonic() > until:
            raise TimeoutError(f"{len(stage.catcher.caught)} of {number} letters came")
        time.sleep(0.002)


def rows() -> Iterator[Row]:
    """For the table: one registration on an idle system, on SQLite."""
    with tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder:
        for one in one_by_one(Path(folder)):
            must, aim = ("150 ms", "60 ms") if one.what == IDLE else ("", "")
            yield Row(one.what, f"{one.seconds * 1e3:,.0f} ms, load {os.getloadavg()[0]:.1f}", must, aim,
                      "python -m bench.doors")  # fmt: skip


if __name__ == "__main__":
    configure_logging("error", "console", "bench")
    table("One registration at a time", [*rows()])
