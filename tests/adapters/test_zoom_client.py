"""What the client asks of Zoom, and what it makes of recorded answers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from adapters.zoom.client import ZoomRefused
from schemas.zoom import Interpretation, Interpreter, NewRegistrant, Refusal, ZoomRegistrant
from tests.adapters.zoom_lab import API, MEETING, WEBINAR, Desk, a_desk, sample

ELENA = NewRegistrant(email="elena.orlova@example.org", first_name="Елена", last_name="Орлова-Пример", language="ru-RU")
NOOR = NewRegistrant(email="noor.single@example.org", first_name="Noor")
HTML = httpx2.Response(502, html="<html><h1>Bad gateway</h1></html>")
REGISTRANTS = f"/webinars/{WEBINAR}/registrants"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = a_desk(tmp_path)
    yield one
    one.accounts.close()


def refusal_of(caught: pytest.ExceptionInfo[ZoomRefused]) -> Refusal:
    return caught.value.refusal


def said(case: str) -> httpx2.Response:
    found = next(one for one in sample("errors") if one["case"] == case)
    return httpx2.Response(found["status"], json=found["body"], headers=found["headers"])


def link(name: str, row: int | None = None) -> str:
    body = sample(name)
    found: str = (body if row is None else body["registrants"][row])["join_url"]
    return found


# Events


def test_a_webinar_is_read(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", sample("webinar_get_response"))
    found = desk.client.event("webinar", WEBINAR)
    assert (found.kind, found.id, found.type, found.start_time, found.duration, found.registration_url) == (
        "webinar", WEBINAR, 5, datetime(2026, 10, 22, 12, tzinfo=UTC), 75,
        "https://vienna-demo.zoom.us/webinar/register/WN_P3AFb_xf2CrLfKbv-E3lkx",
    )  # fmt: skip
    assert found.settings.language_interpretation == Interpretation(
        enable=True,
        interpreters=tuple(
            Interpreter(interpreter_languages=("English", other)) for other in ("Russian", "French", "Spanish")
        ),
    )


def test_the_address_of_the_api_is_the_one_that_came_with_the_token(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/meetings/{MEETING}", sample("meeting_get_response"))
    desk.client.event("meeting", MEETING)
    assert desk.zoom.calls() == [f"GET {API}/meetings/{MEETING}"]


def test_a_number_that_is_a_webinars_is_found_among_webinars(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/meetings/{WEBINAR}", said("meeting_endpoint_for_webinar_id"))
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", sample("webinar_get_response"))
    assert desk.client.event("meeting", WEBINAR).kind == "webinar"


@pytest.mark.parametrize("case", ["webinar_missing", "invalid_webinar_id"])
def test_a_number_that_is_a_meetings_is_found_among_meetings(desk: Desk, case: str) -> None:
    desk.zoom.answer("GET", f"/webinars/{MEETING}", said(case))
    desk.zoom.answer("GET", f"/meetings/{MEETING}", sample("meeting_get_response"))
    assert desk.client.event("webinar", MEETING).kind == "meeting"


def test_a_number_that_is_nowhere_is_refused_as_it_was_asked_for(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", said("webinar_missing"))
    desk.zoom.answer("GET", f"/meetings/{WEBINAR}", said("meeting_missing"))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.event("webinar", WEBINAR)
    assert refusal_of(caught) == Refusal(
        endpoint="get-event", kind="webinar", status=404, code=3001, tracking_id="v=2.0;clid=fict;rid=WEB_fictitious",
        message=f"Webinar does not exist: {WEBINAR}.",
    )  # fmt: skip


def test_an_event_is_read_whose_fields_are_texts_nulls_or_missing(desk: Desk) -> None:
    written = {
        "id": str(WEBINAR), "start_time": "2026-10-22T14:00:00", "timezone": "Europe/Vienna", "topic": None,
        "registration_url": "", "settings": {"approval_type": "1", "language_interpretation": None,
                                             "follow_up_attendees_email_notification": {"enable": True, "type": "1"}},
    }  # fmt: skip
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", written)
    found = desk.client.event("webinar", WEBINAR)
    assert (found.id, found.start_time, found.registration_url) == (
        WEBINAR, datetime(2026, 10, 22, 12, tzinfo=UTC), None,
    )  # fmt: skip
    assert (found.settings.approval_type, found.settings.follow_up_attendees_email_notification.type) == (1, 1)


def test_an_event_without_a_number_is_no_answer(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", {"topic": "Nothing else"})
    with pytest.raises(ZoomRefused) as caught:
        desk.client.event("webinar", WEBINAR)
    assert refusal_of(caught) == Refusal(endpoint="get-event", kind="webinar", status=200, message="unreadable")


def test_all_hosts_events_are_looked_through_and_read_singly_where_the_list_says_too_little(desk: Desk) -> None:
    listed = {"id": WEBINAR, "type": 5, "topic": "One"}
    spoken = {"id": str(MEETING), "type": 2, "registration_url": "https://vienna-demo.zoom.us/meeting/register/tJ8"}
    desk.zoom.answer("GET", "/users", {"users": [{"id": "one"}, {"id": "two"}]})
    desk.zoom.answer("GET", "/users/one/webinars", {"webinars": [listed, listed], "next_page_token": "more"},
                     {"webinars": [{"id": 7, "type": 6}], "next_page_token": ""})  # fmt: skip
    desk.zoom.answer("GET", "/users/one/meetings", {"meetings": [spoken]})
    desk.zoom.answer("GET", "/users/two/webinars", said("webinar_plan_missing"))
    desk.zoom.answer("GET", "/users/two/meetings", {"meetings": [{"no": "number"}, {"id": 8, "type": 1}]})
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", sample("webinar_get_response"))
    found = [(one.kind, one.id, one.registration_url is not None) for one in desk.client.events()]
    assert found == [
        ("webinar", WEBINAR, True), ("webinar", 7, False), ("meeting", MEETING, True), ("meeting", 8, False),
    ]  # fmt: skip
    assert desk.zoom.calls()[:3] == [
        f"GET {API}/users?status=active&page_size=300",
        f"GET {API}/users/one/webinars?page_size=300",
        f"GET {API}/webinars/{WEBINAR}",
    ]


@pytest.mark.parametrize("answer", [said("scope_missing"), httpx2.Response(200, json={"users": []})])
def test_where_users_cannot_be_listed_the_apps_owner_is_looked_through(desk: Desk, answer: httpx2.Response) -> None:
    desk.zoom.answer("GET", "/users", answer)
    desk.zoom.answer("GET", "/users/me/webinars", {"webinars": []})
    desk.zoom.answer("GET", "/users/me/meetings", {"meetings": []})
    assert list(desk.client.events()) == []


def test_where_the_settings_name_hosts_nobody_else_is_looked_through(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, hosts=("events.host@example.org",))
    desk.zoom.answer("GET", "/users/events.host@example.org/webinars", {"webinars": []})
    desk.zoom.answer("GET", "/users/events.host@example.org/meetings", {"meetings": []})
    assert list(desk.client.events()) == []


def test_an_event_deleted_since_it_was_listed_hides_no_other(desk: Desk) -> None:
    desk.zoom.answer("GET", "/users", {"users": [{"id": "one"}]})
    desk.zoom.answer("GET", "/users/one/webinars", {"webinars": [{"id": 5, "type": 5}, {"id": WEBINAR, "type": 5}]})
    desk.zoom.answer("GET", "/users/one/meetings", {"meetings": []})
    desk.zoom.answer("GET", "/webinars/5", said("webinar_missing"))
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", sample("webinar_get_response"))
    assert [one.id for one in desk.client.events()] == [WEBINAR]


def test_a_failure_of_zooms_while_events_are_listed_is_no_empty_list(desk: Desk) -> None:
    desk.zoom.answer("GET", "/users", HTML)
    with pytest.raises(ZoomRefused):
        list(desk.client.events())


@pytest.mark.parametrize("kind", ["webinar", "meeting"])
def test_zooms_own_mails_are_switched_off(desk: Desk, kind: Any) -> None:
    desk.zoom.answer("PATCH", f"/{kind}s/{WEBINAR}", httpx2.Response(204))
    desk.client.switch_mails_off(kind, WEBINAR)
    none = {"enable": False, "type": 0}
    of_webinars = {
        "attendees_and_panelists_reminder_email_notification": none,
        "follow_up_attendees_email_notification": none,
        "follow_up_absentees_email_notification": none,
    }
    both = {"registrants_email_notification": False, "registrants_confirmation_email": False}
    assert desk.zoom.bodies() == [{"settings": both | (of_webinars if kind == "webinar" else {})}]


def test_a_hosts_own_languages_are_told(desk: Desk) -> None:
    spoken = {"enable": True, "languages": ["English", "Russian"], "custom_languages": ["Arabic", "Italian"]}
    desk.zoom.answer("GET", "/users/gmPQ/settings", {"in_meeting": {"language_interpretation": spoken}}, {})
    assert desk.client.interpretation_languages("gmPQ") == {"Arabic", "Italian"}
    assert desk.client.interpretation_languages("gmPQ") == frozenset()


QUESTIONS = f"/webinars/{WEBINAR}/registrants/questions"


def test_questions_that_must_be_answered_are_named_without_address_and_name(desk: Desk) -> None:
    must = {"required": True}
    desk.zoom.answer("GET", QUESTIONS, {
        "questions": [
            {"field_name": "email", **must}, {"field_name": "first_name", **must}, {"field_name": "last_name", **must},
            {"field_name": "org", **must}, {"field_name": "phone", "required": False}, {"field_name": "state", **must},
        ],
        "custom_questions": [{"title": "Which?", **must}, {"title": "Why?", **must}, {"title": "How?"}],
    })  # fmt: skip
    assert desk.client.required_questions("webinar", WEBINAR) == ("org", "state", "custom")
    assert desk.zoom.calls() == [f"GET {API}{QUESTIONS}"]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"questions": None, "custom_questions": "none"},
        {"questions": [None, "org", {}, {"required": True}, {"field_name": 7, "required": True}]},
        {"questions": [{"field_name": "org"}, {"field_name": "city", "required": None}]},
    ],
)
def test_what_is_missing_or_unreadable_among_the_questions_asks_for_nothing(desk: Desk, told: Any) -> None:
    desk.zoom.answer("GET", QUESTIONS, told)
    assert desk.client.required_questions("webinar", WEBINAR) == ()


def test_the_scopes_are_those_of_the_token(desk: Desk) -> None:
    assert desk.client.scopes() == frozenset(sample("oauth_token_response")["scope"].split())


# Registrants


def by_status(**pages: Any) -> Any:
    """Answers a list by the status that is asked for; other statuses are empty."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        page = pages.get(request.url.params["status"], {"registrants": [], "next_page_token": ""})
        return page if isinstance(page, httpx2.Response) else httpx2.Response(200, json=page)

    return answer


def test_registrants_of_every_status_and_page_are_listed(desk: Desk) -> None:
    pages = {"": "webinar_registrants_list_page1", "fictitiousNextPageToken01": "webinar_registrants_list_page2"}

    def answer(request: httpx2.Request) -> httpx2.Response:
        status, token = request.url.params["status"], request.url.params.get("next_page_token", "")
        if status == "approved":
            return httpx2.Response(200, json=sample(pages[token]))
        return httpx2.Response(200, json=sample("webinar_registrants_list_pending") if status == "pending" else {})

    desk.zoom.answer("GET", REGISTRANTS, answer)
    found = desk.client.registrants("webinar", WEBINAR)
    assert [(one.email.partition("@")[0], one.status, one.join_url is not None) for one in found] == [
        ("pending.person", "pending", False), ("amina.kovac", "approved", True), ("elena.orlova", "approved", True),
        ("tomas.ferreira", "approved", True), ("noor.single", "approved", True),
    ]  # fmt: skip
    assert desk.zoom.calls()[:3] == [
        f"GET {API}{REGISTRANTS}?status=pending&page_size=300",
        f"GET {API}{REGISTRANTS}?status=approved&page_size=300",
        f"GET {API}{REGISTRANTS}?status=approved&page_size=300&next_page_token=fictitiousNextPageToken01",
    ]


def test_rows_without_a_status_have_that_of_their_list_and_ids_may_be_numbers(desk: Desk) -> None:
    row = {"id": 4711, "email": "a@example.org", "first_name": None, "join_url": ""}
    unknown = {"id": "b", "email": "b@example.org", "status": "Approved"}
    desk.zoom.answer("GET", REGISTRANTS, by_status(denied={"registrants": [row]}, approved={"registrants": [unknown]}))
    assert desk.client.registrants("webinar", WEBINAR) == [
        ZoomRegistrant(id="4711", email="a@example.org", status="denied"),
        ZoomRegistrant(id="b", email="b@example.org", status="approved"),
    ]


def test_a_row_that_cannot_be_read_hides_no_other_and_is_reported(desk: Desk) -> None:
    rows = [{"email": "no.id@example.org"}, "no row", {"id": "x"}, {"id": "b", "email": "b@example.org"}]
    desk.zoom.answer("GET", REGISTRANTS, by_status(approved={"registrants": rows}))
    with capture_logs() as logs:
        found = desk.client.registrants("webinar", WEBINAR)
    assert [one.id for one in found] == ["b"]
    assert [(one["event"], one["count"]) for one in logs if "count" in one] == [
        ("registrants of Zoom that cannot be read", 2)
    ]


def test_a_page_token_that_has_ended_begins_the_list_anew(desk: Desk) -> None:
    ended = httpx2.Response(400, json={"code": 300, "message": "The next page token is invalid or expired."})
    first, second = sample("webinar_registrants_list_page1"), sample("webinar_registrants_list_page2")
    turns = iter([first, ended, first, second])

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.params["status"] != "approved":
            return httpx2.Response(200, json={"registrants": []})
        page = next(turns)
        return page if isinstance(page, httpx2.Response) else httpx2.Response(200, json=page)

    desk.zoom.answer("GET", REGISTRANTS, answer)
    assert len(desk.client.registrants("webinar", WEBINAR)) == 4


def test_page_tokens_that_end_again_and_again_are_given_up(desk: Desk) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if "next_page_token" in request.url.params:
            return httpx2.Response(400, json={"code": 300, "message": "The next page token is invalid or expired."})
        return httpx2.Response(200, json=sample("webinar_registrants_list_page1"))

    desk.zoom.answer("GET", REGISTRANTS, answer)
    with pytest.raises(ZoomRefused):
        desk.client.registrants("webinar", WEBINAR)
    assert len(desk.zoom.calls()) == 6


def test_a_list_whose_pages_do_not_end_is_no_list(desk: Desk) -> None:
    desk.zoom.answer("GET", REGISTRANTS, sample("webinar_registrants_list_page1"))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.registrants("webinar", WEBINAR)
    assert refusal_of(caught).message == "unreadable"


def test_an_empty_answer_is_not_an_empty_list(desk: Desk) -> None:
    desk.zoom.answer("GET", REGISTRANTS, httpx2.Response(200))
    with pytest.raises(ZoomRefused):
        desk.client.registrants("webinar", WEBINAR)


def test_one_registrant_is_looked_up(desk: Desk) -> None:
    desk.zoom.answer("GET", f"{REGISTRANTS}/YPgTcAWrPBfwYoyk9Mr_s_", sample("webinar_registrant_get_response"))
    assert desk.client.registrant("webinar", WEBINAR, "YPgTcAWrPBfwYoyk9Mr_s_") == ZoomRegistrant(
        id="YPgTcAWrPBfwYoyk9Mr_s_", email=ELENA.email, first_name=ELENA.first_name, last_name=ELENA.last_name,
        language="ru-RU", status="approved", join_url=link("webinar_registrant_get_response"),
    )  # fmt: skip


def test_a_registrants_id_cannot_lead_elsewhere(desk: Desk) -> None:
    desk.zoom.answer("GET", f"{REGISTRANTS}/../../users", sample("webinar_registrant_get_response"))
    desk.client.registrant("webinar", WEBINAR, "../../users")
    assert desk.zoom.calls() == [f"GET {API}{REGISTRANTS}/..%2F..%2Fusers"]


def test_one_is_added_to_a_webinar(desk: Desk) -> None:
    desk.zoom.answer("POST", REGISTRANTS, sample("webinar_registrant_add_response"), status=201)
    assert desk.client.add("webinar", WEBINAR, ELENA, "person") == ZoomRegistrant(
        id="YPgTcAWrPBfwYoyk9Mr_s_", email=ELENA.email, first_name=ELENA.first_name, last_name=ELENA.last_name,
        language="ru-RU", status=None, join_url=link("webinar_registrant_add_response"),
    )  # fmt: skip
    assert desk.zoom.bodies() == [
        {"email": ELENA.email, "first_name": "Елена", "last_name": "Орлова-Пример", "language": "ru-RU"}
    ]


def test_one_with_a_single_name_is_added_to_a_meeting_and_approved(desk: Desk) -> None:
    desk.zoom.answer("POST", f"/meetings/{MEETING}/registrants", sample("meeting_registrant_add_response"), status=201)
    found = desk.client.add("meeting", MEETING, NOOR, "person")
    assert (found.id, found.email, found.status) == ("1ar4h4761O4qAm2vuqfuRF", NOOR.email, "approved")
    assert desk.zoom.bodies() == [{"email": NOOR.email, "first_name": "Noor", "auto_approve": True}]


def test_who_is_added_and_gets_no_link_is_pending(desk: Desk) -> None:
    desk.zoom.answer(
        "POST", f"/meetings/{MEETING}/registrants", sample("meeting_registrant_add_pending_response"), status=201
    )
    found = desk.client.add("meeting", MEETING, NOOR, "person")
    assert (found.id, found.status, found.join_url) == ("SJg8uHLzZVC9aa3sO0pd8m", "pending", None)


def test_the_number_of_the_event_is_never_taken_for_a_registrants_id(desk: Desk) -> None:
    desk.zoom.answer("POST", REGISTRANTS, {"id": WEBINAR, "join_url": "https://vienna-demo.zoom.us/w/1"}, status=201)
    with pytest.raises(ZoomRefused) as caught:
        desk.client.add("webinar", WEBINAR, ELENA, "person")
    assert refusal_of(caught).message == "unreadable"


def test_many_are_added_at_once(desk: Desk) -> None:
    path = f"/webinars/{WEBINAR}/batch_registrants"
    desk.zoom.answer("POST", path, sample("webinar_batch_registrants_response"), status=201)
    found = desk.client.add_batch("webinar", WEBINAR, [(ELENA, "one"), (NOOR, "two")])
    assert [(one.id, one.email, one.first_name, one.status, one.join_url) for one in found] == [
        ("YPgTcAWrPBfwYoyk9Mr_s_", ELENA.email, "Елена", "approved", link("webinar_batch_registrants_response", 1)),
        ("80hM7f-2vmUPeVfZEGQczZ", NOOR.email, "Noor", "approved", link("webinar_batch_registrants_response", 3)),
    ]
    assert desk.zoom.bodies() == [
        {"auto_approve": True, "registrants": [
            {"email": ELENA.email, "first_name": "Елена", "last_name": "Орлова-Пример"},
            {"email": NOOR.email, "first_name": "Noor"},
        ]}
    ]  # fmt: skip


def test_whom_a_batch_does_not_name_is_not_answered(desk: Desk) -> None:
    path = f"/meetings/{MEETING}/batch_registrants"
    shouted = sample("meeting_batch_registrants_response")
    shouted["registrants"][1]["email"] = ELENA.email.upper()
    desk.zoom.answer("POST", path, shouted, status=201)
    found = desk.client.add_batch("meeting", MEETING, [(ELENA, "one"), (NOOR, "two")])
    assert [one.email for one in found] == [ELENA.email.upper()]
    assert desk.zoom.bodies()[0]["registrants_confirmation_email"] is False


def test_a_batch_of_more_than_thirty_is_a_mistake_of_ours(desk: Desk) -> None:
    with pytest.raises(ValueError, match="30"):
        desk.client.add_batch("webinar", WEBINAR, [(NOOR, str(number)) for number in range(31)])


def test_statuses_are_changed_in_calls_of_thirty(desk: Desk) -> None:
    desk.zoom.answer("PUT", f"{REGISTRANTS}/status", httpx2.Response(204))
    desk.client.set_status("webinar", WEBINAR, "cancel", [(f"id{n}", f"p{n}@example.org") for n in range(31)])
    sent = desk.zoom.bodies()
    assert [(one["action"], len(one["registrants"])) for one in sent] == [("cancel", 30), ("cancel", 1)]
    assert sent[1]["registrants"] == [{"id": "id30", "email": "p30@example.org"}]


# What goes wrong


def test_an_error_in_an_answer_that_says_200_is_an_error(desk: Desk) -> None:
    desk.zoom.answer("POST", REGISTRANTS, {"code": 3043, "message": "Webinar has reached maximum attendee capacity."})
    with pytest.raises(ZoomRefused) as caught:
        desk.client.add("webinar", WEBINAR, ELENA, "person")
    assert (refusal_of(caught).status, refusal_of(caught).code) == (200, 3043)


@pytest.mark.parametrize("status", [200, 201, 404, 502])
@pytest.mark.parametrize("body", [b"<html>Zoom is resting</html>", b"[1, 2]", b"\xff\xfe", b"{", b"[" * 100_000])
def test_an_answer_that_is_no_json_of_zooms_is_a_refusal_without_code(desk: Desk, status: int, body: bytes) -> None:
    desk.zoom.answer("GET", REGISTRANTS, httpx2.Response(status, content=body))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.registrants("webinar", WEBINAR)
    assert refusal_of(caught) == Refusal(endpoint="list-registrants", kind="webinar", category="medium", status=status)


def test_a_question_whose_connection_breaks_is_asked_once_more(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", httpx2.ReadError("broken"), sample("webinar_get_response"))
    assert desk.client.event("webinar", WEBINAR).id == WEBINAR
    assert len(desk.zoom.calls()) == 2


def test_a_question_that_is_not_answered_in_time_is_not_asked_again(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", httpx2.ReadTimeout("slow"))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.event("webinar", WEBINAR)
    assert refusal_of(caught) == Refusal(endpoint="get-event", kind="webinar", message="ReadTimeout")
    assert len(desk.zoom.calls()) == 1


@pytest.mark.parametrize(
    "lost", [httpx2.ReadError("broken"), httpx2.ConnectError("nobody"), httpx2.ReadTimeout("slow")]
)
def test_a_change_without_an_answer_is_never_repeated(desk: Desk, lost: Exception) -> None:
    for method, path in (("POST", REGISTRANTS), ("PUT", f"{REGISTRANTS}/status"), ("PATCH", f"/webinars/{WEBINAR}")):
        desk.zoom.answer(method, path, lost)
    desk.zoom.answer("POST", f"/webinars/{WEBINAR}/batch_registrants", lost)
    for change in (
        lambda: desk.client.add("webinar", WEBINAR, ELENA, "person"),
        lambda: desk.client.add_batch("webinar", WEBINAR, [(ELENA, "person")]),
        lambda: desk.client.set_status("webinar", WEBINAR, "approve", [("id", ELENA.email)]),
        lambda: desk.client.switch_mails_off("webinar", WEBINAR),
    ):
        with pytest.raises(ZoomRefused):
            change()
    assert len(desk.zoom.calls()) == 4


def test_a_token_that_was_ended_is_renewed_once_and_the_call_repeated(desk: Desk) -> None:
    desk.zoom.answers["POST", "/oauth/token"] = [
        httpx2.Response(200, json={"access_token": "first"}), httpx2.Response(200, json={"access_token": "second"}),
    ]  # fmt: skip
    added = httpx2.Response(201, json=sample("webinar_registrant_add_response"))
    desk.zoom.answer("POST", REGISTRANTS, said("token_expired"), added)
    desk.client.add("webinar", WEBINAR, ELENA, "person")
    assert [one.headers["authorization"] for one in desk.zoom.asked if one.url.path.startswith("/v2")] == [
        "Bearer first", "Bearer second",
    ]  # fmt: skip


def test_a_new_token_that_is_refused_too_is_the_end(desk: Desk) -> None:
    desk.zoom.answers["POST", "/oauth/token"] = [
        httpx2.Response(200, json={"access_token": f"token{number}"}) for number in range(5)
    ]
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", said("token_invalid"))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.event("webinar", WEBINAR)
    assert (refusal_of(caught).code, len(desk.zoom.calls())) == (124, 2)


def test_missing_scopes_are_looked_for_in_a_new_token_where_the_old_one_is_no_new_one(desk: Desk) -> None:
    desk.zoom.answers["POST", "/oauth/token"] = [
        httpx2.Response(200, json={"access_token": f"token{number}"}) for number in range(5)
    ]
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", said("scope_missing"), said("scope_missing"),
                     sample("webinar_get_response"))  # fmt: skip
    with pytest.raises(ZoomRefused):
        desk.client.event("webinar", WEBINAR)
    assert len(desk.zoom.calls()) == 1
    desk.machine.pass_by(minutes=2)
    desk.client.event("webinar", WEBINAR)
    assert len(desk.zoom.calls()) == 3


def test_the_log_names_what_was_asked_and_nobody(desk: Desk) -> None:
    tracked = {"x-zm-trackingid": "v=2.0;clid=fict;rid=WEB_fictitious"}
    added = httpx2.Response(201, json=sample("webinar_registrant_add_response"), headers=tracked)
    desk.zoom.answer("POST", REGISTRANTS, added, said("rate_same_registrant"))
    with capture_logs() as logs:
        desk.client.add("webinar", WEBINAR, ELENA, "person")
        with pytest.raises(ZoomRefused) as caught:
            desk.client.add("webinar", WEBINAR, ELENA, "person")
    kept = [{name: one.get(name) for name in ("log_level", "endpoint", "status", "code", "tracking_id", "account")}
            for one in logs if "endpoint" in one]  # fmt: skip
    tracking_id = "v=2.0;clid=fict;rid=WEB_fictitious"
    known = {"endpoint": "add-registrant", "tracking_id": tracking_id, "account": "osce-org"}
    assert kept == [
        {"log_level": "debug", "status": 201, "code": None, **known},
        {"log_level": "warning", "status": 429, "code": 429, **known},
    ]
    told = json.dumps([{name: str(value) for name, value in one.items()} for one in logs]) + str(caught.value)
    for secret in ("example.org", "Елена", "tk=", "eyJ", str(WEBINAR), "YPgTcAWrPBfwYoyk9Mr_s_"):
        assert secret not in told


def test_a_refusal_says_where_and_with_what_and_no_more(desk: Desk) -> None:
    desk.zoom.answer("POST", REGISTRANTS, said("rate_same_registrant"))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.add("webinar", WEBINAR, ELENA, "person")
    assert str(caught.value) == ("add-registrant: status 429, code 429, tracking id v=2.0;clid=fict;rid=WEB_fictitious")
    assert "example.org" not in repr(caught.value.refusal)


def test_a_redirection_is_not_followed(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", httpx2.Response(302, headers={"location": "https://example.org/"}))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.event("webinar", WEBINAR)
    assert (refusal_of(caught).status, len(desk.zoom.calls())) == (302, 1)


def test_without_a_broker_the_work_goes_on_and_the_log_says_so_once(desk: Desk) -> None:
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", sample("webinar_get_response"))
    with capture_logs() as logs:
        for _ in range(3):
            desk.client.event("webinar", WEBINAR)
    assert len([one for one in logs if one["event"].startswith("the shared Zoom budget")]) == 1
