"""The plan of a storm: which blow falls when, drawn from the seed."""

import random
from dataclasses import dataclass
from typing import Final

from bench.storm.blows import KILLS, OTHERS

_EVERY: Final = 4.0
"""Seconds from one blow to the next, about: enough for most to find that what they hit has come back to work."""
_LASTS: Final = (1.0, 7.0)


@dataclass(frozen=True, slots=True)
class Blow:
    """`at` seconds after the beginning, for `seconds` where it is of that kind."""

    at: float
    what: str
    seconds: float


def drawn(seed: int, seconds: float, only: str = "") -> list[Blow]:
    """Blows for so many seconds: each kind whose name holds `only` in turn, in an order of its own, until the time is
    filled. The last fifth is left for those that are still on their way to the door."""
    chance = random.Random(f"{seed}/blows")  # noqa: S311 - to be repeated, not secret
    blows: list[Blow] = []
    kinds = [one for one in (*KILLS, *OTHERS) if only in one]
    turn: list[str] = []
    at = 2.0
    while kinds and at < seconds * 0.8:
        turn = turn or chance.sample(kinds, len(kinds))
        one = Blow(round(at, 1), turn.pop(), round(chance.uniform(*_LASTS), 1))
        blows.append(one)
        at += chance.uniform(0.4, 1.6) * _EVERY + (one.seconds if one.what in OTHERS[2:] else 0)
    return blows
