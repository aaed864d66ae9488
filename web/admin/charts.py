"""Where the strokes of the monitor's charts stand: plain numbers, drawn by the templates as SVG. Each chart has its
table beside it, and says no more than that."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

WIDTH: Final = 720
"""Of a time line; half a unit for each minute of a day of 24 hours."""
HEIGHT: Final = 120


class Part(NamedTuple):
    """A part of a bar: from `x`, `width` wide, in hundredths of the whole."""

    name: str
    number: int
    x: float
    width: float


def bar(numbers: Mapping[str, int]) -> list[Part]:
    """The parts of a bar, in order; those without a number have none."""
    whole, x, parts = sum(numbers.values()), 0.0, []
    for name, number in numbers.items():
        if number:
            width = 100 * number / whole
            parts.append(Part(name, number, round(x, 2), round(width, 2)))
            x += width
    return parts


class Mark(NamedTuple):
    """A stroke of a time line: its left edge, its top and its height."""

    name: str
    x: float
    y: float
    height: float


def along(day: tuple[datetime, datetime], moment: datetime) -> float:
    """Where a moment stands on a day's line; days of a clock change are longer or shorter."""
    start, end = day
    return round(WIDTH * (moment - start) / (end - start), 1)


def columns(day: tuple[datetime, datetime], stacks: Sequence[tuple[datetime, Mapping[str, int]]]) -> list[Mark]:
    """A column for each moment, of parts that stand on each other; the highest fills the height. A part is never too
    low to be seen."""
    tallest = max((sum(parts.values()) for _, parts in stacks), default=0)
    marks = []
    for moment, parts in stacks:
        y = float(HEIGHT)
        for name, number in parts.items():
            if number:
                height = max(2.0, round(HEIGHT * number / tallest, 1))
                y -= height
                marks.append(Mark(name, along(day, moment), round(y, 1), height))
    return marks
