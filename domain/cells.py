"""Small numbers in a table that can tell who somebody is, for those who may see figures and no people (rule A9).

A wish to hear one language in one session is such a number. What is hidden must not follow from what is shown: where
one number of a row is hidden, another is too, and the row's sum is not said.
"""

from collections.abc import Sequence
from typing import Final

SMALL: Final = 5
"""Numbers from 1 to below this are small."""


def shown(numbers: Sequence[int]) -> list[int | None]:
    """A row's numbers, None for those that are hidden. Nobody is not hidden: it tells of nobody."""
    hidden = {place for place, number in enumerate(numbers) if 0 < number < SMALL}
    others = [place for place, number in enumerate(numbers) if number >= SMALL]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda place: numbers[place]))
    return [None if place in hidden else number for place, number in enumerate(numbers)]


def shown_sum(numbers: Sequence[int]) -> int | None:
    """Their sum, None where one of them is hidden."""
    return None if None in shown(numbers) else sum(numbers)
