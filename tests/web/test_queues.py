"""Queues: what waits, what comes and goes, and signs of life with their age by the machine's clock."""

from datetime import timedelta

import pytest

from adapters.broker.embedded import EmbeddedBroker
from adapters.database import destinations, signs
from tests.web.conftest import Door, House
from tests.web.crowd import registered, written
from tests.web.page import Page
from tests.web.street import HOOK, NOW, native, signed
from tests.web.test_admin import log_in, tables

MINUTE = timedelta(minutes=1)


@pytest.fixture
def monitor(door: Door) -> Door:
    """Somebody who is logged in."""
    assert log_in(door).headers["location"] == "/admin/"
    return door


def test_queues_are_shown_with_depth_and_with_what_came_and_left(house: House, broker: EmbeddedBroker) -> None:
    house.set(redis_url=broker.client_url)
    with broker.address.client() as client:
        client.lpush("delivery", "{}")
    place = registered(house, 1)
    written(house, place, "invitation", due_at=NOW - MINUTE, state="sent", sent_at=NOW)
    with house.door() as door:
        for number in range(5):
            door.post(HOOK, content=native(), headers=signed(native(), name=f"msg_{number}"))
        log_in(door)
        found = tables(Page(door.get("/admin/queues").text))
    assert found["Messages in the broker"] == [
        ["Queue", "Waiting", "Oldest", "In a minute: came", "left", "Somebody answered", "State"],
        ["intake", "0", "–", "1.0", "0.0", "never", "nobody yet"],
        ["conferencing", "0", "–", "0.2", "0.2", "never", "nobody yet"],
        ["delivery", "1", "–", "0.2", "0.2", "never", "nobody yet"],
        ["housekeeping", "0", "–", "–", "–", "never", "nobody yet"],
        ["being worked on", "0", "–", "", "", "", ""],
    ]
    assert found["Waiting in the database"][1] == ["intake", "5", "0 seconds"]


def test_letters_that_wait_are_told_apart_by_what_they_wait_for(monitor: Door, house: House) -> None:
    due, later, again, failed = [registered(house, number) for number in range(4)]
    written(house, due, "invitation", due_at=NOW - MINUTE)
    written(house, later, "invitation", due_at=NOW + MINUTE)
    written(house, again, "invitation", due_at=NOW + MINUTE, state="planned", machine_try_after=NOW + MINUTE)
    written(house, failed, "invitation", state="failed", reason="550")
    assert tables(Page(monitor.get("/admin/queues").text))["Waiting in the database"][4:] == [
        ["delivery (letters that are due)", "1", "60 seconds"],
        ["another try, after the mail server said “later”", "1", ""],
        ["the time at which they are due", "2", ""],
        ["a person (failed or held)", "1", ""],
    ]


def test_signs_of_life_are_shown_by_process_with_their_age(monitor: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        signs.see(session, "clock", NOW)
        signs.see(session, signs.of_process("here/1/2"), NOW)
        signs.see(session, signs.of_process("here/3/4"), NOW)
        signs.send(session, signs.own("here/3/4"), NOW + MINUTE)
        signs.send(session, "canary:intake", NOW)
    house.clock.machine += 3 * MINUTE
    house.clock.moment += timedelta(days=30)  # whatever the conference's clock says
    found = tables(Page(monitor.get("/admin/queues").text))
    assert found["Signs of life, by the machine’s clock"][1:] == [
        ["the clock", "any", "3 minutes ago", "–"],
        ["a clock", "here/1/2", "3 minutes ago", "–"],
        ["a worker", "here/3/4", "3 minutes ago", "2 minutes"],
    ]
    assert found["Messages in the broker"][1][-1] == "no answer for 3 minutes"


def test_a_domain_that_rests_is_shown_without_its_name(monitor: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        destinations.pause(session, "f00d", "421 4.7.0", NOW, [MINUTE])
    page = Page(monitor.get("/admin/queues").text)
    assert tables(page)["Destinations that rest"][1:] == [["a domain", "421 4.7.0", "2026-09-01 11:06 CEST"]]
    assert "f00d" not in page.text


def test_a_broker_that_is_gone_leaves_the_rest_to_be_seen(monitor: Door) -> None:
    found = tables(Page(monitor.get("/admin/queues").text))
    assert found["Messages in the broker"][1][:3] == ["intake", "–", "–"]
    assert found["Waiting in the database"][1] == ["intake", "0", "–"]
