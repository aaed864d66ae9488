"""The monitor: who may see it, and what it shows."""

from datetime import timedelta

import httpx2
import pytest

from adapters.broker.embedded import EmbeddedBroker
from adapters.database import answers, envelopes, letters, participants, registrations, signs, zoom_events
from adapters.database.answers import Given
from adapters.database.tables import ZoomEventRow
from adapters.database.zoom_events import Planned
from schemas.draft import Draft
from schemas.registration import Reason, RegistrationData
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import HOOK, NOW, PASSWORD, PERSON, native, signed


def log_in(door: Door, name: str = "admin", password: str = PASSWORD) -> httpx2.Response:
    """Fill in the login page as a browser does."""
    token = Page(door.get("/admin/login").text).one("input", name="token")["value"]
    return door.post("/admin/login", data={"token": token, "name": name, "password": password})


def tables(page: Page) -> dict[str, list[list[str]]]:
    """The words of each table, by its caption."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for one in page.elements:
        if one.tag == "caption":
            rows = found.setdefault(one.text, [])
        elif one.tag == "tr":
            rows.append([])
        elif one.tag in {"td", "th"}:
            rows[-1].append(" ".join(one.text.split()))
    return found


@pytest.fixture
def monitor(door: Door) -> Door:
    """Somebody who is logged in."""
    assert log_in(door).headers["location"] == "/admin/"
    return door


def test_without_a_login_nothing_is_shown(door: Door) -> None:
    answer = door.get("/admin/")
    assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/admin/login", "")


def test_without_a_password_set_a_page_says_how_to_set_one(house: House) -> None:
    house.set(admin_password_hash=None)
    with house.door() as door:
        for answer in (door.get("/admin/"), door.get("/admin/login"), door.post("/admin/login", data={})):
            assert (answer.status_code, "convenor admin password" in answer.text) == (503, True)


def test_with_name_and_password_one_is_let_in_for_twelve_hours(monitor: Door, house: House) -> None:
    assert monitor.get("/admin/").status_code == 200
    house.clock.machine += timedelta(hours=12)
    assert monitor.get("/admin/").status_code == 303


@pytest.mark.parametrize(("name", "password"), [("admin", "wrong"), ("nobody", PASSWORD), ("", ""), ("admin\x00", "é")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(door: Door, name: str, password: str) -> None:
    answer = log_in(door, name, password)
    assert (answer.status_code, "do not fit" in answer.text) == (403, True)
    assert door.get("/admin/").status_code == 303


def test_a_login_form_from_elsewhere_is_not_taken(door: Door) -> None:
    data = {"name": "admin", "password": PASSWORD, "token": "forged"}
    assert door.post("/admin/login", data=data).status_code == 403
    door.get("/admin/login")
    assert door.post("/admin/login", data=data).status_code == 403


def test_after_ten_wrong_tries_even_the_right_password_has_to_wait(door: Door, house: House) -> None:
    for _ in range(10):
        assert log_in(door, password="wrong").status_code == 403
    refused = log_in(door)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    house.clock.machine += timedelta(seconds=30)
    assert log_in(door).status_code == 303


def test_the_badge_is_out_of_reach_of_scripts_and_other_sites(door: Door) -> None:
    badge = log_in(door).headers["set-cookie"].lower()
    assert badge.startswith("convenor_admin=")
    assert all(word in badge for word in ("httponly", "samesite=lax", "max-age=43200", "path=/"))


def test_over_https_the_badge_is_for_this_host_alone(house: House) -> None:
    house.set(public_url="https://convenor.example.org")
    with house.door() as door:
        badge = door.get("/admin/login").headers["set-cookie"]
    assert badge.startswith("__Host-convenor_admin=")
    assert "secure" in badge.lower()


@pytest.mark.parametrize("cookie", ["", "x", "W10.x", "WyJhIiwiYWRtaW4iLDk5OTk5OTk5OTld.forged", "\x7f" * 5000])
def test_a_forged_badge_opens_nothing(door: Door, cookie: str) -> None:
    assert door.get("/admin/", headers={"cookie": f"convenor_admin={cookie}"}).status_code == 303


def test_who_changes_the_password_logs_everybody_out(house: House) -> None:
    with house.door() as door:
        badge = log_in(door).headers["set-cookie"].partition(";")[0]
    house.set(admin_name="warden")
    with house.door() as door:
        assert door.get("/admin/", headers={"cookie": badge}).status_code == 303


def test_logging_out_takes_a_form_of_the_page(monitor: Door) -> None:
    assert monitor.post("/admin/logout", data={"token": "forged"}).status_code == 403
    token = Page(monitor.get("/admin/").text).one("input", name="token")["value"]
    assert monitor.post("/admin/logout", data={"token": token}).headers["location"] == "/admin/login"
    assert monitor.get("/admin/").status_code == 303


def test_registrations_are_counted_by_session_and_state(monitor: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        for number, state in enumerate(("registered", "registered", "withdrawn")):
            data = RegistrationData.model_validate(PERSON | {"email": f"person{number}@example.org"})
            person = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW)
            registrations.add(
                session, participant_id=person.id, conference="rivers-2026", session_id="opening", attendance="online",
                interpretation=None, wants_link=state == "registered", machine_said=NOW, now=NOW, machine_now=NOW,
            ).state = state  # fmt: skip
    found = tables(Page(monitor.get("/admin/").text))
    assert found["Registrations for rivers-2026"][:3] == [
        ["Session", "registered", "pending", "waitlisted", "offered", "refused", "withdrawn"],
        ["Opening", "2", "0", "0", "0", "0", "1"],
        ["Dams & <Deltas>", "0", "0", "0", "0", "0", "0"],
    ]
    assert found["Waiting in the database"][2:4] == [["a join link", "2", ""], ["an invitation", "3", ""]]


def test_answers_from_calendars_are_counted_by_session(monitor: Door, house: House) -> None:
    assert "Answers from calendars" not in monitor.get("/admin/").text
    vault = house.toolbox.vault
    with house.toolbox.database.write() as session:
        for number, said in enumerate(("accepted", "declined", "countered", "accepted")):
            data = RegistrationData.model_validate(PERSON | {"email": f"person{number}@example.org"})
            person = participants.locked_or_created(session, vault, "rivers-2026", data, NOW, NOW)
            place = registrations.add(
                session, participant_id=person.id, conference="rivers-2026", session_id="opening", attendance="online",
                interpretation=None, wants_link=True, machine_said=NOW, now=NOW, machine_now=NOW,
            )  # fmt: skip
            session.flush()
            answers.note(session, vault, place.id, Given(said, 0, NOW), NOW, NOW)
    assert tables(Page(monitor.get("/admin/").text))["Answers from calendars for rivers-2026"][:2] == [
        ["Session", "accepted", "tentative", "declined", "delegated", "countered"],
        ["Opening", "2", "0", "1", "0", "1"],
    ]


def test_it_is_shown_when_a_host_has_started_and_ended(monitor: Door, house: House) -> None:
    planned = Planned("rivers-2026", "opening", None, None)
    hour = timedelta(hours=1)
    states = [(None, None), (NOW, None), (NOW, NOW + hour), (NOW + 2 * hour, NOW + hour), (None, NOW)]
    found = []
    for started, ended in states:
        with house.toolbox.database.write() as session:
            row = session.get_one(ZoomEventRow, zoom_events.ensure(session, planned, NOW))
            row.started_at, row.ended_at = started, ended
        said = tables(Page(monitor.get("/admin/").text))["Zoom events"][1][3]
        found.append(said.removeprefix("unknown: not-looked-up").strip())
    assert found == [
        "", "under way since 2026-09-01 11:05 CEST", "ended 2026-09-01 12:05 CEST",
        "under way since 2026-09-01 13:05 CEST", "ended 2026-09-01 11:05 CEST",
    ]  # fmt: skip


def test_what_did_not_go_well_is_shown_with_its_reasons_and_no_person(monitor: Door, house: House) -> None:
    receipt = monitor.post(HOOK, content=native(), headers=signed(native())).json()["receipt"]
    with house.toolbox.database.write() as session:
        row = envelopes.take(session, receipt)
        assert row is not None
        reason = Reason(field="email", code="invalid", message="Give an e-mail address like name@example.org.")
        envelopes.settle(row, "rejected", NOW, reasons=[reason])
        data = RegistrationData.model_validate(PERSON)
        person = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW)
        late = Draft("reminder", "opening", 1, ("opening",), NOW, NOW + timedelta(hours=1), skip="too-late")
        letters.add(session, person.id, "rivers-2026", "example.org", late, NOW, NOW)
    page = Page(monitor.get("/admin/").text)
    found = tables(page)
    assert found["Posts that were not accepted"][1][:5] == [
        receipt, "rivers-2026", "standard", "rejected", "email: Give an e-mail address like name@example.org.",
    ]  # fmt: skip
    assert found["Letters that did not arrive"][1][1:] == [
        "rivers-2026", "reminder", "opening", "skipped", "too-late", "0", "2026-09-01 11:05 CEST",
    ]  # fmt: skip
    assert found["Received posts, by source"][1:] == [["standard", "0", "0", "1", "0"]]
    assert found["Letters, by kind"][1:] == [["reminder", "0", "0", "0", "1", "0", "0", "0", "0"]]
    assert not any(word in page.text.lower() for word in ("amina", "kova"))


def test_signs_of_life_are_shown_with_their_age(monitor: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        signs.see(session, "clock", NOW)
        signs.send(session, "canary:intake", NOW)
    house.clock.machine += timedelta(minutes=3)
    page = Page(monitor.get("/admin/").text)
    assert tables(page)["Signs of life"][1:] == [
        ["canary:intake", "never", "3 minutes"],
        ["clock", "3 minutes ago", "–"],
    ]


def test_a_broker_that_is_gone_is_shown_as_gone(monitor: Door) -> None:
    assert "The broker cannot be reached." in Page(monitor.get("/admin/").text).text


def test_queues_are_shown_while_the_broker_answers(house: House, broker: EmbeddedBroker) -> None:
    house.set(redis_url=broker.client_url)
    with broker.address.client() as client:
        client.lpush("delivery", "{}")
    with house.door() as door:
        log_in(door)
        found = tables(Page(door.get("/admin/").text))
    assert found["Messages in the broker"] == [
        ["Queue", "Waiting", "Oldest"],
        ["intake", "0", "–"],
        ["conferencing", "0", "–"],
        ["delivery", "1", "–"],
        ["housekeeping", "0", "–"],
        ["being worked on", "0", "–"],
    ]


def test_without_the_database_the_monitor_says_so(monitor: Door, house: House) -> None:
    with house.toolbox.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE signs")
    assert monitor.get("/admin/").status_code == 503


def test_no_redirect_repeats_the_host_that_a_stranger_has_sent(door: Door) -> None:
    answer = door.get("/admin", headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (308, "/admin/")
    assert door.get("/livez/", headers={"host": "evil.example"}).status_code == 404
