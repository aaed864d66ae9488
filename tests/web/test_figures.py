"""Figures and Zoom: everything that is counted, and each session's Zoom event."""

from datetime import timedelta

import pytest

from adapters.database import answers, zoom_events
from adapters.database.answers import Given
from adapters.database.tables import ZoomEventRow
from adapters.database.zoom_events import Planned
from tests.web.conftest import Door, House
from tests.web.crowd import RIVERS, registered, written
from tests.web.page import Page
from tests.web.street import HOOK, NOW, native, signed
from tests.web.test_admin import log_in, tables


@pytest.fixture
def monitor(door: Door) -> Door:
    """Somebody who is logged in."""
    assert log_in(door).headers["location"] == "/admin/"
    return door


def test_registrations_are_counted_by_session_and_state(monitor: Door, house: House) -> None:
    for number, state in enumerate(("registered", "registered", "withdrawn")):
        registered(house, number, state=state)
    found = tables(Page(monitor.get("/admin/figures").text))
    assert found["Registrations for rivers-2026"][:3] == [
        ["Session", "registered", "pending", "waitlisted", "offered", "refused", "withdrawn"],
        ["Opening", "2", "0", "0", "0", "0", "1"],
        ["Dams & <Deltas>", "0", "0", "0", "0", "0", "0"],
    ]


def test_answers_from_calendars_are_counted_by_session(monitor: Door, house: House) -> None:
    assert "Answers from calendars" not in monitor.get("/admin/figures").text
    for number, said in enumerate(("accepted", "declined", "countered", "accepted")):
        place = registered(house, number)
        with house.toolbox.database.write() as session:
            answers.note(session, house.toolbox.vault, place, Given(said, 0, NOW), NOW, NOW)
    assert tables(Page(monitor.get("/admin/figures").text))["Answers from calendars for rivers-2026"][:2] == [
        ["Session", "accepted", "tentative", "declined", "delegated", "countered"],
        ["Opening", "2", "0", "1", "0", "1"],
    ]


def test_posts_and_letters_are_counted_by_what_became_of_them(monitor: Door, house: House) -> None:
    monitor.post(HOOK, content=native(), headers=signed(native()))
    place = registered(house, 1)
    written(house, place, "invitation", state="sent", sent_at=NOW, bounced="hard 5.1.1")
    written(house, place, "reminder")
    found = tables(Page(monitor.get("/admin/figures").text))
    assert found["Received posts, by source"][1:] == [["standard", "1", "0", "0", "0"]]
    assert found["Letters, by kind"] == [
        ["Kind", "planned", "claimed", "sent", "skipped", "expired", "failed", "held", "bounced"],
        ["invitation", "0", "0", "0", "0", "0", "0", "0", "1"],
        ["reminder", "1", "0", "0", "0", "0", "0", "0", "0"],
    ]


def test_it_is_shown_when_a_host_has_started_and_ended(monitor: Door, house: House) -> None:
    planned = Planned(RIVERS, "opening", None, None)
    hour = timedelta(hours=1)
    states = [(None, None), (NOW, None), (NOW, NOW + hour), (NOW + 2 * hour, NOW + hour), (None, NOW)]
    found = []
    for started, ended in states:
        with house.toolbox.database.write() as session:
            row = session.get_one(ZoomEventRow, zoom_events.ensure(session, planned, NOW))
            row.started_at, row.ended_at = started, ended
        said = tables(Page(monitor.get("/admin/zoom").text))["Zoom events"][1][3]
        found.append(said.removeprefix("unknown: The event has not been looked up yet (not-looked-up)").strip())
    assert found == [
        "", "under way since 2026-09-01 11:05 CEST", "ended 2026-09-01 12:05 CEST",
        "under way since 2026-09-01 13:05 CEST", "ended 2026-09-01 11:05 CEST",
    ]  # fmt: skip
