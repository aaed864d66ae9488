"""What people see of the emulated Zoom: links, its own registration page, and the admin of those who test with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.page import Page
from tests.web.zoom_lab import BASE, OLGA, Lab, a_lab

TYPED = {**OLGA, "language": "ru-RU"}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab."""
    with a_lab(tmp_path) as one:
        yield one


def page_of(lab: Lab, number: int) -> str:
    """The path of an event's registration page."""
    kind = lab.emulator.state()["events"][0]["kind"]
    url: str = lab.call("GET", f"/{kind}s/{number}").json()["registration_url"]
    return url.removeprefix(BASE)


def test_a_personal_link_leads_to_a_page_that_says_that_zoom_would_open(lab: Lab) -> None:
    url: str = lab.add(lab.event()).json()["join_url"]
    answer = lab.ask("GET", url.removeprefix(BASE))
    assert answer.status_code == 200
    assert "Zoom would open here" in answer.text
    assert not {"Olga", "Petrenko", "olga@mission.example.org"} & set(answer.text.split())


def test_a_link_without_the_right_key_leads_to_the_registration_page(lab: Lab) -> None:
    number = lab.event()
    answer = lab.ask("GET", f"/w/{number}?tk=invented.DQ")
    assert (answer.status_code, answer.headers["location"]) == (302, BASE + page_of(lab, number))


def test_a_cancelled_registrants_link_leads_there_too(lab: Lab) -> None:
    number = lab.event()
    url: str = lab.add(number).json()["join_url"]
    lab.emulator.act(number, "cancel", OLGA["email"])
    assert lab.ask("GET", url.removeprefix(BASE)).status_code == 302


@pytest.mark.parametrize("path", ["/w/1?tk=x", "/w/what?tk=x", "/j/98123456780"])
def test_a_link_to_nothing_leads_to_the_same_page(lab: Lab, path: str) -> None:
    assert "Zoom would open here" in lab.ask("GET", path).text


@pytest.mark.parametrize("kind", ["webinar", "meeting"])
def test_who_registers_on_zooms_page_is_registered_and_told_about(lab: Lab, kind: Any) -> None:
    lab.emulator.configure(echo=False)
    number = lab.event(kind)
    answer = lab.ask("POST", page_of(lab, number), data=TYPED)
    assert (answer.status_code, "You are registered" in answer.text) == (200, True)
    (registrant,) = lab.emulator.registrants(number)
    assert (registrant["email"], registrant["status"]) == (OLGA["email"], "approved")
    assert registrant["join_url"] not in answer.text
    (told,) = lab.told()
    assert told["event"] == f"{kind}.registration_created"


def test_the_page_asks_for_four_things_and_labels_them(lab: Lab) -> None:
    page = Page(lab.ask("GET", page_of(lab, lab.event())).text)
    labels = {one["for"]: one.text.strip() for one in page.elements if one.tag == "label"}
    assert labels == {
        "first_name": "First name", "last_name": "Last name (optional)", "email": "Email address",
        "language": "Language of Zoom's mails",
    }  # fmt: skip


def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(lab: Lab) -> None:
    answer = lab.ask("POST", page_of(lab, lab.event()), data={**TYPED, "email": "nowhere"})
    assert answer.status_code == 422
    assert "This cannot be right." in answer.text
    assert 'value="nowhere"' in answer.text


def test_the_page_says_zooms_words_where_nobody_can_register(lab: Lab) -> None:
    number = lab.event()
    path = page_of(lab, number)
    lab.emulator.act(number, "end")
    answer = lab.ask("POST", path, data=TYPED)
    assert (answer.status_code, "Webinar is over" in answer.text) == (422, True)


def test_with_manual_approval_the_page_says_so(lab: Lab) -> None:
    number = lab.event(approval_type=1)
    assert "waits for the host" in lab.ask("POST", page_of(lab, number), data=TYPED).text


def test_a_tracking_link_is_told_with_who_came_by_it(lab: Lab) -> None:
    before, _, token = page_of(lab, lab.event()).rpartition("/")
    lab.ask("POST", f"{before}/5500000000001/{token}", data=TYPED)
    source = lab.told()[0]["payload"]["object"]["registrant"]["tracking_source"]
    assert source["id"] == "5500000000001"


def test_there_is_no_page_for_an_event_that_is_not_there(lab: Lab) -> None:
    assert lab.ask("GET", "/webinar/register/WN_nothing").status_code == 404


def test_the_admin_injects_faults_and_shows_what_became_of_them(lab: Lab) -> None:
    answer = lab.ask("POST", "/admin/faults", json={"kind": "status", "status": 500, "endpoint": "list-users"})
    fault = answer.json()["id"]
    assert lab.call("GET", "/users").status_code == 500
    state = lab.ask("GET", "/admin/state").json()
    assert [(one["id"], one["applied"]) for one in state["faults"]] == [(fault, 1)]
    assert state["counts"]["list-users"] == {"500": 1}
    assert state["calls"][0]["fault"] == "status"
    lab.ask("POST", "/admin/clear", json={"faults": True, "calls": True})
    state = lab.ask("GET", "/admin/state").json()
    assert (state["faults"], state["calls"]) == ([], [])


def test_the_admin_changes_options(lab: Lab) -> None:
    answer = lab.ask("POST", "/admin/options", json={"person_limit": "account", "duplicates": 10})
    assert (answer.json()["person_limit"], answer.json()["duplicates"], answer.json()["limits"]) == (
        "account",
        10,
        True,
    )
    assert lab.ask("POST", "/admin/options", json={"duplicates": 101}).status_code == 422
    assert lab.ask("POST", "/admin/options", json={"sunshine": True}).status_code == 422
    assert lab.ask("POST", "/admin/options", content=b"[]").status_code == 400


def test_the_admin_does_what_a_host_does(lab: Lab) -> None:
    number = lab.event()
    lab.add(number)
    lab.ask("POST", f"/admin/events/{number}", json={"start_time": "2026-10-22T13:00:00Z"})
    for action in ("start", "join", "leave", "cancel", "end", "delete"):
        said = {"registrant": OLGA["email"]}
        assert lab.ask("POST", f"/admin/events/{number}/{action}", json=said).status_code == 200
    assert [one["event"].partition(".")[2] for one in lab.told()] == [
        "registration_created", "updated", "started", "participant_joined", "participant_left",
        "registration_cancelled", "ended", "deleted",
    ]  # fmt: skip


def test_the_admin_says_what_there_is_not(lab: Lab) -> None:
    number = lab.event()
    for path, status in (
        ("/admin/events/98123456780/start", 404), ("/admin/accounts/nobody/validate", 404),
        ("/admin/accounts/osce-org/dance", 404), (f"/admin/events/{number}/join", 409),
    ):  # fmt: skip
        assert lab.ask("POST", path, json={}).status_code == status
    assert lab.ask("POST", f"/admin/events/{number}", json={"duration": "long"}).status_code == 409
    lab.add(number)
    said = {"registrant": OLGA["email"]}
    assert lab.ask("POST", f"/admin/events/{number}/dance", json=said).status_code == 404


def test_the_admin_delivers_and_looks_after_accounts(lab: Lab) -> None:
    assert lab.ask("POST", "/admin/deliver", json={}).json() == {"tried": 0}
    lab.call("GET", "/users")
    lab.ask("POST", "/admin/accounts/osce-org/expire-tokens", json={})
    assert lab.call("GET", "/users").status_code == 401


def test_the_admins_page_shows_everything_and_its_forms_work(lab: Lab) -> None:
    number = lab.event()
    form = {"kind": "latency", "case": "no_permission", "endpoint": "", "account": "osce-org", "event": "",
            "times": "", "percent": "50", "status": "", "seconds": "0.5", "committed": "yes"}  # fmt: skip
    answer = lab.ask("POST", "/admin/faults", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/zoom-emulator/admin/")
    (fault,) = lab.emulator.state()["faults"]
    assert {name: fault[name] for name in ("kind", "times", "percent", "seconds", "committed", "endpoint")} == {
        "kind": "latency", "times": None, "percent": 50, "seconds": 0.5, "committed": True, "endpoint": None,
    }  # fmt: skip
    shown = lab.ask("GET", "/admin/", headers={"accept": "text/html"})
    assert shown.status_code == 200
    page = Page(shown.text)
    fields = {one["name"]: one.attributes.get("value", "") for one in page.elements if one.tag == "input"}
    options = {name: fields[name] for name in lab.emulator.state()["options"]}
    assert lab.ask("POST", "/admin/options", data=options).status_code == 303
    assert lab.emulator.configure().model_dump() == lab.emulator.state()["options"]
    assert str(number) in shown.text
    assert lab.ask("POST", "/admin/clear", data={"fault": str(fault["id"])}).status_code == 303
    assert lab.emulator.state()["faults"] == []


def test_the_admin_shows_nobodys_name_or_address(lab: Lab) -> None:
    lab.add(lab.event())
    for path in ("/admin/", "/admin/state"):
        shown = lab.ask("GET", path).text.lower()
        assert not any(word in shown for word in ("olga", "petrenko", "mission.example"))


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "convenor.example.org"},
        {"origin": "https://elsewhere.example.org"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
    ],
)
def test_the_admin_does_nothing_for_other_names_and_other_pages(lab: Lab, headers: dict[str, str]) -> None:
    answer = lab.ask("POST", "/admin/clear", json={"faults": True}, headers=headers)
    assert answer.status_code == 403


def test_the_admin_does_nothing_for_other_machines_and_the_api_does(lab: Lab) -> None:
    lab.door.come_from("192.0.2.7")
    assert lab.ask("GET", "/admin/state").status_code == 403
    assert lab.ask("GET", "/admin").status_code == 308
    assert lab.call("GET", "/users").status_code == 200


def test_its_own_stylesheet_is_served(lab: Lab) -> None:
    page = Page(lab.ask("GET", page_of(lab, lab.event())).text)
    (sheet,) = [one["href"] for one in page.elements if one.tag == "link" and one["rel"] == "stylesheet"]
    assert sheet == "/zoom-emulator/static/convenor.css"
    assert lab.ask("GET", sheet.removeprefix("/zoom-emulator")).status_code == 200
