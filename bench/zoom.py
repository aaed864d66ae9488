"""Bringing people to Zoom: against the emulator on a socket of this machine, without its limits."""

import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Figure
from tests.house import OLGA, House, a_house

_MANY = 300
_FEW = 40


def to_zoom(folder: Path) -> Iterator[Figure]:
    """Rounds of thirty, and one by one, as far as the invitation in the outbox."""
    for what, number, at_once in (("in batches of thirty", _MANY, True), ("one by one", _FEW, False)):
        place = folder / str(at_once)
        place.mkdir(parents=True)
        with a_house(place, f"sqlite:///{place}/convenor.db") as house:
            house.look_at("survivor-voices")
            taken = _together(house, number) if at_once else _singly(house, number)
            assert len(house.at_zoom("survivor-voices", "approved")) == number
        yield Figure(f"one person added at Zoom, {what}, emulator without limits", number, taken / number)


def _together(house: House, number: int) -> float:
    with house.zoom_away():
        for one in range(number):
            house.process(house.receive(_person(one)))
    house.retry_now()
    begun = time.perf_counter()
    house.tend_event(house.zoom_event("survivor-voices").id)
    return time.perf_counter() - begun


def _singly(house: House, number: int) -> float:
    taken = 0.0
    for one in range(number):
        with house.zoom_away():
            house.process(house.receive(_person(one)))
        house.retry_now()
        begun = time.perf_counter()
        house.tend_event(house.zoom_event("survivor-voices").id)
        taken += time.perf_counter() - begun
    return taken


def _person(number: int) -> dict[str, object]:
    return OLGA | {"full_name": f"Person Number {number}", "email": f"person{number}@ngo.example.org"}
