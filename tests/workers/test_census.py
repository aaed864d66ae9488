"""The census: counted by a worker, read by pages, never a truth of its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.broker.queues import QUEUES, BrokerState, QueueState
from adapters.database import census
from adapters.database.tables import CensusRow
from domain.cadence import day_of
from domain.times import VIENNA
from tests.house import House
from workers import housekeeping
from workers.app import COUNT
from workers.census import keep_count


def read(house: House, *, later: timedelta = timedelta()) -> census.Census:
    clock = house.toolbox.clock
    with house.toolbox.database.read() as session:
        day = census.Day(*day_of(clock.now(), VIENNA))
        return census.current(session, day, clock.now(), clock.machine_now() + later)


def test_it_is_counted_once_for_several_who_count(house: House) -> None:
    assert [keep_count(house.toolbox), keep_count(house.toolbox)] == [True, False]


def test_what_was_kept_is_read_until_it_is_old(house: House) -> None:
    keep_count(house.toolbox)
    counted = read(house).machine_counted
    assert read(house).machine_counted == counted
    assert read(house, later=census.FRESH).machine_counted != counted


def test_counting_rests_nine_times_as_long_as_it_took(house: House) -> None:
    now = house.toolbox.clock.machine_now()
    with house.toolbox.database.write() as session:
        day = census.Day(*day_of(now, VIENNA))
        one = census.count(session, day, now, now)
        for seconds, due in ((0.1, census.EVERY), (4.0, timedelta(seconds=36))):
            census.keep(session, replace(one, seconds=seconds))
            assert not census.is_due(session, now + due - timedelta(seconds=1))
            assert census.is_due(session, now + due)
            assert census.is_due(session, now - due)


def test_what_another_version_has_kept_is_no_census(house: House) -> None:
    with house.toolbox.database.write() as session:
        session.add(CensusRow(name="all", document='{"letters": []}'))
    assert read(house).letters == []
    assert keep_count(house.toolbox)


def test_the_clock_asks_for_one_from_time_to_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    idle = BrokerState(tuple(QueueState(one, 0, None) for one in QUEUES), 0, None, 0, 0)
    monkeypatch.setattr(housekeeping, "broker_state", lambda *_, **__: idle)
    monkeypatch.setattr(housekeeping, "enqueue", lambda task, *_, **__: asked.append(task))
    monkeypatch.setattr(housekeeping, "COUNT_EVERY", timedelta(hours=1))
    keeper = housekeeping.Housekeeper(house.toolbox)
    keeper.tick()
    keeper.tick()
    assert asked.count(COUNT) == 1
    monkeypatch.setattr(housekeeping, "COUNT_EVERY", timedelta())
    keeper.tick()
    assert asked.count(COUNT) == 2
