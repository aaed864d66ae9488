"""The emulator's bodies have the shapes of the sample bodies: the same fields, with values of the same types."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.zoom import EventKind
from tests.web.zoom_lab import Lab, a_lab

TESTS = Path(__file__).resolve().parent.parent
ANSWERS = TESTS / "adapters" / "zoom_samples"
NOTIFICATIONS = TESTS / "domain" / "conferencing" / "samples"

QUESTION = {"title": "Which language will you listen to?", "type": "single", "required": False,
            "answers": ["English (original)", "Russian"]}  # fmt: skip
ANSWERED: dict[str, Any] = {"language": "ru-RU", "country": "AT", "org": "Fictitious Institute",
            "custom_questions": [{"title": QUESTION["title"], "value": "Russian"}]}  # fmt: skip
INTERPRETERS = [{"email": "interp.ru@example.org", "interpreter_languages": "English,Russian"}]
INTERPRETED: dict[str, Any] = {"language_interpretation": {"enable": True, "interpreters": INTERPRETERS}}
KINDS: tuple[EventKind, ...] = ("webinar", "meeting")


def shape(value: Any) -> Any:
    """Fields and types, whatever the values; of a list, the shapes that it has."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        shapes: list[Any] = []
        for one in map(shape, value):
            if one not in shapes:
                shapes.append(one)
        return shapes
    return type(value).__name__


def answer(name: str) -> Any:
    """A sample answer."""
    return json.loads((ANSWERS / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab."""
    with a_lab(tmp_path) as one:
        yield one


def test_a_token_has_the_fields_of_the_sample(lab: Lab) -> None:
    assert shape(lab.ask_token().json()) == shape(answer("oauth_token_response"))


def test_a_webinar_has_the_fields_of_the_sample(lab: Lab) -> None:
    number = lab.event(**INTERPRETED)
    assert shape(lab.call("GET", f"/webinars/{number}").json()) == shape(answer("webinar_get_response"))


def test_a_meeting_has_the_fields_of_the_sample_and_alternative_hosts(lab: Lab) -> None:
    number = lab.event("meeting", **INTERPRETED)
    said = lab.call("GET", f"/meetings/{number}").json()
    assert said["settings"].pop("alternative_hosts") == ""
    assert shape(said) == shape(answer("meeting_get_response"))


def test_a_recurring_webinar_has_the_fields_and_the_times_of_the_sample(lab: Lab) -> None:
    sample = answer("webinar_get_recurring_response")
    wanted = {name: sample[name] for name in ("topic", "type", "start_time", "recurrence", "timezone")}
    wanted |= {"duration": 60, "settings": {"approval_type": 0, **INTERPRETED}}
    number = lab.emulator.create("osce-org", "webinar", wanted)
    said = lab.call("GET", f"/webinars/{number}").json()
    assert shape(said) == shape(sample)
    assert said["occurrences"] == sample["occurrences"]
    assert shape(lab.add(number).json()) == shape(answer("webinar_registrant_add_recurring_response"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_addition_is_answered_as_in_the_sample(lab: Lab, kind: EventKind) -> None:
    assert shape(lab.add(lab.event(kind), kind).json()) == shape(answer(f"{kind}_registrant_add_response"))


def test_an_addition_that_waits_for_approval_is_answered_as_in_the_sample(lab: Lab) -> None:
    number = lab.event("meeting", approval_type=1)
    assert shape(lab.add(number, "meeting").json()) == shape(answer("meeting_registrant_add_pending_response"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_answered_as_in_the_sample(lab: Lab, kind: EventKind) -> None:
    rows = [{"first_name": "Noor", "email": f"noor-{count}@example.org"} for count in range(2)]
    said = lab.call("POST", f"/{kind}s/{lab.event(kind)}/batch_registrants", {"registrants": rows}).json()
    assert shape(said) == shape(answer(f"{kind}_batch_registrants_response"))


def test_lists_of_registrants_are_as_in_the_samples(lab: Lab) -> None:
    number = lab.event()
    for count in range(4):
        lab.add(number, email=f"p{count}@example.org", **ANSWERED)
    path = f"/webinars/{number}/registrants"
    first = lab.call("GET", path, page_size=2).json()
    second = lab.call("GET", path, page_size=2, next_page_token=first["next_page_token"]).json()
    assert shape(first) == shape(answer("webinar_registrants_list_page1"))
    assert shape(second) == shape(answer("webinar_registrants_list_page2"))
    assert second["next_page_token"] == ""


def test_a_list_of_those_who_wait_is_as_in_the_sample(lab: Lab) -> None:
    number = lab.event(approval_type=1)
    lab.add(number, **ANSWERED)
    said = lab.call("GET", f"/webinars/{number}/registrants", status="pending").json()
    assert shape(said) == shape(answer("webinar_registrants_list_pending"))


def test_one_registrant_is_as_in_the_sample(lab: Lab) -> None:
    number = lab.event()
    registrant = lab.add(number, **ANSWERED).json()["registrant_id"]
    said = lab.call("GET", f"/webinars/{number}/registrants/{registrant}").json()
    assert shape(said) == shape(answer("webinar_registrant_get_response"))


def test_questions_are_shown_as_they_were_set(lab: Lab) -> None:
    number = lab.event()
    asked = {"questions": [{"field_name": "org", "required": True}], "custom_questions": [QUESTION]}
    assert lab.call("PATCH", f"/webinars/{number}/registrants/questions", asked).status_code == 204
    assert lab.call("GET", f"/webinars/{number}/registrants/questions").json() == asked


def test_answers_carry_the_headers_of_the_sample(lab: Lab) -> None:
    sample = answer("rate_limit_ok_headers")
    said = lab.call("GET", f"/webinars/{lab.event()}")
    assert {name: said.headers[name] for name in sample if name != "x-zm-trackingid"} == {
        name: value for name, value in sample.items() if name != "x-zm-trackingid"
    }
    assert said.headers["x-zm-trackingid"].startswith("v=2.0;clid=")


def test_personal_links_have_the_documented_form(lab: Lab) -> None:
    number = lab.event()
    url = lab.add(number).json()["join_url"]
    sample = answer("webinar_registrant_add_response")["join_url"]
    token = lab.call("GET", f"/webinars/{number}").json()["registration_url"].rpartition("/")[2]
    head, _, query = url.partition("?")
    tk, _, uuid = query.partition("&uuid=")
    assert head == f"http://127.0.0.1:8080/zoom-emulator/w/{number}"
    assert uuid == token
    assert [len(part) for part in tk.removeprefix("tk=").split(".")] == [
        len(part) for part in sample.partition("tk=")[2].partition("&")[0].split(".")
    ]


def _created(lab: Lab, kind: EventKind) -> None:
    lab.add(lab.event(kind), kind, source_id="5500000000001", **ANSWERED)


def _approved(lab: Lab, kind: EventKind) -> None:
    number = lab.event(kind, approval_type=1)
    lab.add(number, kind, source_id="5500000000001")
    lab.emulator.act(number, "approve", "olga@mission.example.org")


def _cancelled(lab: Lab, kind: EventKind) -> None:
    number = lab.event(kind)
    lab.add(number, kind, source_id="5500000000001")
    lab.emulator.act(number, "cancel", "olga@mission.example.org")


def _denied(lab: Lab, kind: EventKind) -> None:
    number = lab.event(kind, approval_type=1)
    lab.add(number, kind, source_id="5500000000001")
    lab.emulator.act(number, "deny", "olga@mission.example.org")


def _updated(lab: Lab, kind: EventKind) -> None:
    number = lab.event(kind, **INTERPRETED)
    change: dict[str, Any] = {"start_time": "2026-10-22T13:00:00Z"}
    if kind == "webinar":
        more = [*INTERPRETERS, {"email": "interp.fr@example.org", "interpreter_languages": "English,French"}]
        change["settings"] = {"language_interpretation": {"enable": True, "interpreters": more}}
    lab.emulator.change(number, change)


def _converted(lab: Lab, kind: EventKind) -> None:
    lab.emulator.act(lab.event(), "convert")


def _left_app(lab: Lab, kind: EventKind) -> None:
    lab.emulator.act_on_account("osce-org", "deauthorize")


def _done(action: str) -> Callable[[Lab, EventKind], None]:
    def happen(lab: Lab, kind: EventKind) -> None:
        number = lab.event(kind)
        lab.add(number, kind)
        lab.emulator.act(number, action, "olga@mission.example.org")

    return happen


HAPPENINGS: dict[str, Callable[[Lab, EventKind], None]] = {
    "registration_created": _created, "registration_approved": _approved, "registration_cancelled": _cancelled,
    "registration_denied": _denied, "updated": _updated, "deleted": _done("delete"), "started": _done("start"),
    "ended": _done("end"), "participant_joined": _done("join"), "participant_left": _done("leave"),
}  # fmt: skip
CASES = [(f"{kind}_{what}", kind, happen) for what, happen in HAPPENINGS.items() for kind in KINDS]
CASES += [("webinar_converted_to_meeting", "webinar", _converted), ("app_deauthorized", "webinar", _left_app)]


@pytest.mark.parametrize(("name", "kind", "happen"), CASES, ids=[name for name, _, _ in CASES])
def test_a_notification_has_the_fields_of_the_sample(
    lab: Lab, name: str, kind: EventKind, happen: Callable[[Lab, EventKind], None]
) -> None:
    happen(lab, kind)
    sample = json.loads((NOTIFICATIONS / f"zoom_webhook_{name}.json").read_text("utf-8"))
    told = lab.told()[-1]
    assert told["event"] == sample["event"]
    assert shape(told) == shape(sample)
