"""Timing a thing many times, and the loop that figures are set against."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, how often, and seconds each (the median of five rounds where it was repeated)."""

    what: str
    times: int
    seconds: float


def each(what: str, do: Callable[[], object], times: int) -> Figure:
    """CPU and wall are the same here: nothing waits."""
    do()
    rounds = []
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(times):
            do()
        rounds.append((time.perf_counter() - begun) / times)
    return Figure(what, times * 5, median(rounds))


def reference() -> float:
    """Seconds of a fixed amount of plain Python."""

    def loop() -> int:
        total = 0
        for number in range(10_000):
            total += number & 7
        return total

    return each("loop", loop, 200).seconds
