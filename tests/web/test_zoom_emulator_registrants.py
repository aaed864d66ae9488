"""Registrants of the emulated Zoom: added, refused, listed, approved, cancelled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.zoom import EventKind
from tests.web.zoom_lab import OLGA, Lab, a_lab, refused

ADDRESS = OLGA["email"]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab."""
    with a_lab(tmp_path, person_limit="off") as one:
        yield one


def batch(lab: Lab, number: int, count: int, kind: EventKind = "webinar", **more: Any) -> Any:
    """So many people at once."""
    rows = [{"first_name": "Noor", "email": f"noor-{one}@example.org"} for one in range(count)]
    return lab.call("POST", f"/{kind}s/{number}/batch_registrants", {"registrants": rows, **more})


def set_status(lab: Lab, number: int, action: str, **who: str) -> Any:
    """Change somebody's status."""
    return lab.call("PUT", f"/webinars/{number}/registrants/status", {"action": action, "registrants": [who]})


def test_whoever_is_there_is_returned_as_they_are_in_whatever_case_the_address_is_written(lab: Lab) -> None:
    number = lab.event()
    first, second = lab.add(number), lab.add(number, email="OLGA@Mission.Example.org", first_name="Somebody")
    assert (second.status_code, second.json()) == (201, first.json())
    assert [one["first_name"] for one in lab.emulator.registrants(number)] == ["Olga"]


def test_one_person_has_another_link_in_each_event(lab: Lab) -> None:
    first, second = lab.add(lab.event()).json(), lab.add(lab.event()).json()
    assert first["registrant_id"] != second["registrant_id"]
    assert first["join_url"] != second["join_url"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"first_name": "O" * 65}, "first_name"),
        ({"last_name": "P" * 65}, "last_name"),
        ({"email": "no address"}, "email"),
        ({"email": f"{'o' * 120}@example.org"}, "email"),
        ({"language": "uk-UA"}, "language"),
        ({"country": "Austria"}, "country"),
        ({"custom_questions": [{"title": "Which?", "value": "v" * 129}]}, "custom_questions"),
    ],
)
def test_data_that_zoom_does_not_take_are_refused(lab: Lab, wrong: dict[str, Any], field: str) -> None:
    answer = lab.add(lab.event(), **wrong)
    assert refused(answer) == (400, 300)
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_body_that_is_no_json_object_is_refused(lab: Lab) -> None:
    number = lab.event()
    assert refused(lab.call("POST", f"/webinars/{number}/registrants", ["Olga"])) == (400, 300)


def test_questions_that_must_be_answered_are(lab: Lab) -> None:
    number = lab.event()
    lab.emulator.ask(number, [{"field_name": "org", "required": True}], [{"title": "Which?", "required": True}])
    answer = lab.add(number)
    assert [one["field"] for one in answer.json()["errors"]] == ["Which?", "org"]
    given = [{"title": "Which?", "value": "Russian"}]
    assert lab.add(number, org="Example Mission", custom_questions=given).status_code == 201


def test_a_cancelled_registrant_is_denied_and_cannot_be_added_again_but_approved(lab: Lab) -> None:
    number = lab.event()
    registrant = lab.add(number).json()["registrant_id"]
    assert set_status(lab, number, "cancel", id=registrant, email=ADDRESS).status_code == 204
    assert lab.statuses(number) == {ADDRESS: "denied"}
    assert refused(lab.add(number)) == (400, 3000)
    assert set_status(lab, number, "approve", id=registrant).status_code == 204
    assert lab.add(number).json()["registrant_id"] == registrant


def test_a_deleted_registrant_can_be_added_again(lab: Lab) -> None:
    number = lab.event()
    registrant = lab.add(number).json()["registrant_id"]
    path = f"/webinars/{number}/registrants/{registrant}"
    assert lab.call("DELETE", path).status_code == 204
    assert refused(lab.call("GET", path)) == (400, 3079)
    assert lab.add(number).json()["registrant_id"] != registrant


def test_with_manual_approval_the_link_comes_with_the_approval(lab: Lab) -> None:
    number = lab.event(approval_type=1)
    added = lab.add(number).json()
    assert "join_url" not in added
    listed = f"/webinars/{number}/registrants"
    assert lab.call("GET", listed).json()["registrants"] == []
    (waiting,) = lab.call("GET", listed, status="pending").json()["registrants"]
    assert "join_url" not in waiting
    set_status(lab, number, "approve", id=added["registrant_id"])
    (approved,) = lab.call("GET", listed).json()["registrants"]
    assert approved["join_url"].startswith("http://127.0.0.1:8080/zoom-emulator/w/")


@pytest.mark.parametrize(("kind", "status"), [("meeting", "approved"), ("webinar", "pending")])
def test_auto_approve_of_one_person_is_for_meetings_alone(lab: Lab, kind: EventKind, status: str) -> None:
    number = lab.event(kind, approval_type=1)
    lab.add(number, kind, auto_approve=True)
    assert lab.statuses(number) == {ADDRESS: status}


@pytest.mark.parametrize("kind", ["meeting", "webinar"])
def test_auto_approve_of_a_batch_is_for_both(lab: Lab, kind: EventKind) -> None:
    number = lab.event(kind, approval_type=1)
    assert "join_url" in batch(lab, number, 1, kind, auto_approve=True).json()["registrants"][0]


def test_a_batch_takes_thirty_people_and_whoever_is_there_already(lab: Lab) -> None:
    number = lab.event()
    assert batch(lab, number, 30).status_code == 201
    assert len({one["registrant_id"] for one in batch(lab, number, 30).json()["registrants"]}) == 30
    assert len(lab.statuses(number)) == 30
    assert refused(batch(lab, number, 31)) == (400, 300)
    assert refused(batch(lab, number, 0)) == (400, 300)


def test_a_batch_is_for_scheduled_events_alone(lab: Lab) -> None:
    recurrence = {"recurrence": {"type": 2, "repeat_interval": 1, "end_times": 2}, "settings": {"approval_type": 0}}
    start = {"start_time": "2026-10-22T12:00:00Z"}
    webinar = lab.emulator.create("osce-org", "webinar", {"type": 9, **start, **recurrence})
    meeting = lab.emulator.create("osce-org", "meeting", {"type": 8, **start, **recurrence})
    assert refused(batch(lab, webinar, 1)) == (400, 300)
    assert refused(batch(lab, meeting, 1, "meeting")) == (400, 303)


def test_where_a_batch_fills_the_event_those_before_are_in(lab: Lab) -> None:
    number = lab.event(registrants_restrict_number=3)
    assert refused(batch(lab, number, 5)) == (400, 3043)
    assert list(lab.statuses(number)) == [f"noor-{one}@example.org" for one in range(3)]
    lab.emulator.configure(variant=1)
    assert refused(batch(lab, number, 5)) == (404, 3043)


@pytest.mark.parametrize(("kind", "code"), [("webinar", 3000), ("meeting", 3043)])
def test_a_full_event_takes_nobody(lab: Lab, kind: EventKind, code: int) -> None:
    lab.emulator.configure(webinar_capacity=1, meeting_capacity=1)
    number = lab.event(kind)
    lab.add(number, kind)
    assert refused(lab.add(number, kind, email="late@example.org")) == (400, code)
    assert lab.add(number, kind).status_code == 201


def test_a_full_webinar_approves_nobody(lab: Lab) -> None:
    number = lab.event(approval_type=1, registrants_restrict_number=1)
    for address in (ADDRESS, "late@example.org"):
        lab.add(number, email=address)
    assert set_status(lab, number, "approve", email=ADDRESS).status_code == 204
    assert refused(set_status(lab, number, "approve", email="late@example.org")) == (400, 3035)


def test_hosts_and_panelists_cannot_register(lab: Lab) -> None:
    pair = {"email": "Interp.RU@example.org", "interpreter_languages": "English,Russian"}
    number = lab.event(
        alternative_hosts="second@example.org; third@example.org",
        language_interpretation={"enable": True, "interpreters": [pair]},
    )
    host = lab.call("GET", f"/webinars/{number}").json()["host_email"]
    assert refused(lab.add(number, email=host)) == (400, 3027)
    assert refused(lab.add(number, email="third@example.org")) == (400, 3027)
    assert refused(lab.add(number, email="interp.ru@example.org")) == (400, 3000)


@pytest.mark.parametrize(("kind", "code"), [("webinar", 3000), ("meeting", 404)])
def test_an_event_without_registration_takes_nobody(lab: Lab, kind: EventKind, code: int) -> None:
    assert refused(lab.add(lab.event(kind, approval_type=2), kind)) == (400, code)


def test_nobody_registers_for_what_is_over(lab: Lab) -> None:
    number, ended = lab.event(), lab.event("meeting")
    lab.emulator.act(ended, "end")
    assert refused(lab.add(ended, "meeting")) == (400, 3038)
    lab.clock.at = lab.clock.at.replace(month=10, day=22, hour=13, minute=14)
    assert lab.add(number).status_code == 201
    lab.clock.pass_by(minutes=1)
    assert refused(lab.add(number, email="late@example.org")) == (400, 3038)


def test_a_list_shows_the_approved_unless_asked_and_no_more_than_300(lab: Lab) -> None:
    number = lab.event()
    for one in range(4):
        lab.add(number, email=f"p{one}@example.org")
    set_status(lab, number, "cancel", email="p0@example.org")
    listed = f"/webinars/{number}/registrants"
    assert [one["email"] for one in lab.call("GET", listed).json()["registrants"]] == [
        f"p{one}@example.org" for one in range(1, 4)
    ]
    (denied,) = lab.call("GET", listed, status="denied").json()["registrants"]
    assert (denied["email"], "join_url" in denied) == ("p0@example.org", False)
    assert lab.call("GET", listed).json()["page_size"] == 30
    assert refused(lab.call("GET", listed, page_size=301)) == (400, 300)
    assert refused(lab.call("GET", listed, status="all")) == (400, 300)


def test_a_list_loses_nobody_where_somebody_leaves_it_between_two_pages(lab: Lab) -> None:
    number = lab.event()
    for one in range(4):
        lab.add(number, email=f"p{one}@example.org")
    listed = f"/webinars/{number}/registrants"
    token = lab.call("GET", listed, page_size=2).json()["next_page_token"]
    set_status(lab, number, "cancel", email="p0@example.org")
    rest = lab.call("GET", listed, page_size=2, next_page_token=token).json()
    assert [one["email"] for one in rest["registrants"]] == ["p2@example.org", "p3@example.org"]


@pytest.mark.parametrize(
    "said",
    [
        {"action": "wait", "registrants": [{"id": "x"}]},
        {"action": "approve"},
        {"action": "approve", "registrants": []},
    ],
)
def test_a_change_of_status_names_an_action_and_people(lab: Lab, said: dict[str, Any]) -> None:
    assert refused(lab.call("PUT", f"/webinars/{lab.event()}/registrants/status", said)) == (400, 300)
