"""Today: the verdict, the sessions, what needs a human, the day's reminders."""

from datetime import timedelta

import pytest

from adapters.broker.embedded import EmbeddedBroker
from adapters.database import answers, census, envelopes, signs, zoom_events
from adapters.database.answers import Given
from adapters.database.tables import PARTICIPATION, RegistrantRow, ZoomEventRow
from adapters.database.zoom_events import Planned
from schemas.registration import Reason
from tests.web.conftest import Door, House
from tests.web.crowd import RIVERS, registered, written
from tests.web.page import Page
from tests.web.street import HOOK, NOW, native, signed
from tests.web.test_admin import log_in, tables
from workers.census import keep_count

MINUTE = timedelta(minutes=1)


@pytest.fixture
def monitor(door: Door) -> Door:
    """Somebody who is logged in."""
    assert log_in(door).headers["location"] == "/admin/"
    return door


def verdict(page: Page) -> str:
    """What the verdict says."""
    (one,) = (each for each in page.all("section") if each.attributes.get("class", "").startswith("verdict"))
    return " ".join(one.text.split())


def needed(page: Page) -> dict[str, str]:
    """What needs a human: the heading of each, and how many."""
    found = {}
    for one in page.all("h3"):
        number, _, what = " ".join(one.text.split()).partition(" ")
        found[what] = number
    return found


def alive(house: House) -> None:
    """The clock beats, and each queue is worked on."""
    with house.toolbox.database.write() as session:
        for name in ("clock", *(f"canary:{queue}" for queue in ("intake", "conferencing", "delivery", "housekeeping"))):
            signs.see(session, name, house.clock.machine_now())


def test_all_is_well_where_everything_lives_and_nothing_waits(house: House, broker: EmbeddedBroker) -> None:
    house.set(redis_url=broker.client_url)
    alive(house)
    with house.door() as door:
        log_in(door)
        page = Page(door.get("/admin/").text)
    assert verdict(page).startswith("All is well")
    assert needed(page) == {}
    assert "Nobody waits for you." in page.text


def test_a_clock_that_stands_still_is_said_within_a_minute(monitor: Door, house: House) -> None:
    alive(house)
    assert "The clock stands still" not in verdict(Page(monitor.get("/admin/").text))
    house.clock.machine += MINUTE
    assert "The clock stands still" in verdict(Page(monitor.get("/admin/").text))


def test_a_broker_that_is_gone_is_said_with_what_to_do(monitor: Door, house: House) -> None:
    alive(house)
    said = verdict(Page(monitor.get("/admin/").text))
    assert said.startswith("Something is wrong The broker does not answer")
    assert "docs/runbook/broker-down.md" in said


def test_without_the_database_the_page_says_what_is_wrong(monitor: Door, house: House) -> None:
    with house.toolbox.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE signs")
    answer = monitor.get("/admin/")
    assert (answer.status_code, "The database does not answer in time." in answer.text) == (503, True)


def test_zoom_events_that_are_stopped_are_said_until_they_are_over(monitor: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        planned = Planned(RIVERS, "opening", None, NOW + MINUTE)
        row = session.get_one(ZoomEventRow, zoom_events.ensure(session, planned, NOW))
        row.state, row.reason = "stopped", "no-registration"
    assert "rivers-2026: opening: Zoom events are stopped" in verdict(Page(monitor.get("/admin/").text))
    house.clock.moment += 2 * MINUTE
    assert "Zoom events are stopped" not in verdict(Page(monitor.get("/admin/").text))


def test_each_who_is_registered_stands_in_one_number_by_the_newest_invitation(monitor: Door, house: House) -> None:
    accepted, bounced, held, coming, _untold, gone = [registered(house, number) for number in range(6)]
    for one in (accepted, bounced, held, gone):
        written(house, one, "invitation", state="sent", sent_at=NOW)
    written(house, bounced, "update", revision=2, state="sent", sent_at=NOW, bounced="hard 5.1.1")
    written(house, held, "update", revision=2, state="held", reason="hard-bounce")
    written(house, coming, "invitation")
    written(house, accepted, "digest", about="2026-10-22", due_at=NOW + 60 * MINUTE, state="sent", sent_at=NOW)
    registered(house, 7, state="pending")
    registered(house, 8, state="withdrawn")
    house.clock.moment = NOW
    found = tables(Page(monitor.get("/admin/").text))["Who is registered, and how their newest invitation stands"]
    assert found[0] == ["Session", "Registered", "Accepted", "On its way", "Not invited yet", "Came back",
                        "Held or failed", "Reminded", "Waiting"]  # fmt: skip
    (opening,) = (row for row in found if row[0].startswith("Opening"))
    assert opening[1:] == ["6", "2", "1", "1", "1", "1", "1", "1"]
    assert opening[0].startswith("Opening Thu 22 Oct, 14:00–15:00 CESTrivers-2026")
    assert "2 accepted by the mail server" in opening[0]


def test_what_needs_a_human_is_one_list_with_what_to_do_and_no_person(monitor: Door, house: House) -> None:
    receipt = monitor.post(HOOK, content=native(), headers=signed(native())).json()["receipt"]
    with house.toolbox.database.write() as session:
        row = envelopes.take(session, receipt)
        assert row is not None
        envelopes.settle(row, "rejected", NOW, reasons=[Reason(field="email", code="invalid", message="Give one.")])
    places = [registered(house, number) for number in range(4)]
    written(house, places[0], "invitation", state="failed", reason="smtp-550-5.1.1")
    written(house, places[1], "invitation", state="held", reason="hard-bounce")
    written(house, places[2], "invitation", state="sent", sent_at=NOW, bounced="hard 5.1.1")
    registered(house, 9, state="pending")
    with house.toolbox.database.write() as session:
        answers.note(session, house.toolbox.vault, places[3], Given("declined", 0, NOW), NOW, NOW)
        event = zoom_events.ensure(session, Planned(RIVERS, "opening", None, None), NOW)
        session.add(RegistrantRow(id="rgt_1", event_id=event, registration_id=places[0], address_index=b"1",
                                  sealed_address=b"1", desired="approved", held=True, reason="refused",
                                  created_at=NOW))  # fmt: skip
    page = Page(monitor.get("/admin/").text)
    assert needed(page) == {
        "Submissions that were not accepted": "1",
        "Letters that failed": "1",
        "Letters held for a person, because the address does not take our mail": "1",
        "Letters that came back": "1",
        "Registrants whom Zoom does not take": "1",
        "People waiting for approval": "1",
        "Declined in a calendar, but still registered": "1",
    }
    assert "The recipient's mail server says that nobody has this address (550-5.1.1) (1)" in page.text
    links = [one["href"] for one in page.all("a")]
    assert {"/admin/places", "/admin/zoom"} <= set(links)
    assert not any(word in page.text.lower() for word in ("amina", "kova", "person1@"))


@pytest.mark.parametrize("answer", PARTICIPATION)
def test_only_who_declined_is_among_the_declines(monitor: Door, house: House, answer: str) -> None:
    place = registered(house, 1)
    with house.toolbox.database.write() as session:
        answers.note(session, house.toolbox.vault, place, Given(answer, 0, NOW), NOW, NOW)
    declined = "Declined in a calendar, but still registered" in needed(Page(monitor.get("/admin/").text))
    assert declined == (answer == "declined")


def test_the_days_reminders_stand_by_when_they_are_due(monitor: Door, house: House) -> None:
    places = [registered(house, number) for number in range(6)]
    soon, before = NOW + 30 * MINUTE, NOW - 30 * MINUTE
    written(house, places[0], "reminder", due_at=before, state="sent", sent_at=before + MINUTE)
    written(house, places[1], "reminder", due_at=before, state="sent", sent_at=before + 2 * MINUTE)
    written(house, places[2], "reminder", due_at=before)
    written(house, places[3], "reminder", due_at=before, state="expired", reason="too-late")
    written(house, places[4], "reminder", due_at=soon)
    written(house, places[5], "reminder", due_at=NOW + timedelta(days=1))
    page = Page(monitor.get("/admin/").text)
    assert tables(page)["Today’s reminders, by when they are due"] == [
        ["Due", "Reminder", "Conference", "Sent in time", "Late", "Due now", "Planned", "Not sent"],
        ["2026-09-01 10:35 CEST", "reminder", "rivers-2026", "1", "2", "0", "0", "1"],
        ["2026-09-01 11:35 CEST", "reminder", "rivers-2026", "0", "0", "0", "1", "0"],
    ]
    assert len([one for one in page.all("rect") if one.attributes.get("y")]) == 4


def test_a_title_is_shown_and_never_obeyed(monitor: Door) -> None:
    text = monitor.get("/admin/figures").text
    assert ("Dams &amp; &lt;Deltas&gt;" in text, "<Deltas>" in text) == (True, False)


def test_pages_are_spared_the_counting_while_a_census_is_fresh(monitor: Door, house: House) -> None:
    registered(house, 1)
    assert keep_count(house.toolbox)
    registered(house, 2)
    key = "Who is registered, and how their newest invitation stands"

    def number() -> str:
        rows = tables(Page(monitor.get("/admin/").text))[key]
        return next(row[1] for row in rows if row[0].startswith("Opening"))

    assert number() == "1"
    house.clock.machine += census.FRESH
    assert number() == "2"


def test_scripts_come_from_this_house_and_may_not_evaluate_or_inject(monitor: Door) -> None:
    answer = monitor.get("/admin/")
    page = Page(answer.text)
    assert [one["src"] for one in page.all("script")] == ["/static/htmx.min.js", "/static/monitor.js"]
    assert '"allowEval": false' in page.one("meta", name="htmx-config")["content"]
    assert '"includeIndicatorStyles": false' in page.one("meta", name="htmx-config")["content"]
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert not any("style" in one.attributes or "onclick" in one.attributes for one in page.elements)
    for one in page.all("script"):
        assert monitor.get(one["src"]).status_code == 200
