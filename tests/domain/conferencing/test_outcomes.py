"""What a refusal of Zoom's means."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from adapters.zoom.answers import Reply, ZoomRefused, read
from adapters.zoom.calls import Call
from domain.conferencing.outcomes import Outcome, outcome
from schemas.zoom import Endpoint, Refusal

SAMPLES = Path(__file__).resolve().parents[2] / "adapters" / "zoom_samples"
NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 10, 2, tzinfo=UTC)
SLOWLY = timedelta(minutes=10)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


STOP_TOKEN = Outcome("stop", "zoom-124-token", SLOWLY, scope="account")
DOCUMENTED: dict[str, tuple[Endpoint, Outcome]] = {
    "token_invalid": ("list-registrants", STOP_TOKEN),
    "token_expired": ("add-registrant", STOP_TOKEN),
    "scope_missing": ("add-registrant", Outcome("stop", "zoom-4711-scopes", SLOWLY, scope="account")),
    "validation_failed": ("add-registrant", Outcome("ask", "zoom-300-invalid", scope="person")),
    "webinar_without_registration": ("add-registrant", Outcome("stop", "zoom-3000-no-registration", SLOWLY)),
    "webinar_attendee_limit": ("add-registrant", Outcome("ask", "zoom-3000-full", SLOWLY)),
    "webinar_paid_registration": ("add-registrant", Outcome("stop", "zoom-3000-paid-registration", SLOWLY)),
    "panelist_cannot_register": ("add-registrant", Outcome("ask", "zoom-3000-panelist", scope="person")),
    "meeting_endpoint_for_webinar_id": ("get-event", Outcome("stop", "zoom-3000-other-kind", SLOWLY)),
    "host_cannot_register": ("add-registrant", Outcome("ask", "zoom-3027-host", scope="person")),
    "work_email_wanted": ("add-registrant", Outcome("ask", "zoom-3034-work-address", scope="person")),
    "webinar_max_capacity_on_approve": ("set-status", Outcome("ask", "zoom-3035-full", SLOWLY)),
    "event_is_over": ("add-registrant", Outcome("stop", "zoom-3038-over", SLOWLY)),
    "meeting_full": ("add-registrant", Outcome("ask", "zoom-3043-full", SLOWLY)),
    "webinar_full_batch": ("batch-registrants", Outcome("again", "zoom-3043-full", seconds(2), scope="person")),
    "batch_wrong_webinar_type": (
        "batch-registrants", Outcome("again", "zoom-300-no-batch", seconds(2), scope="person"),
    ),
    "webinar_plan_missing": ("get-event", Outcome("stop", "zoom-200-no-licence", SLOWLY)),
    "no_permission": ("add-registrant", Outcome("stop", "zoom-200-no-permission", SLOWLY)),
    "invalid_webinar_id": ("get-event", Outcome("stop", "zoom-300-no-event", SLOWLY)),
    "webinar_missing": ("add-registrant", Outcome("stop", "zoom-3001-no-event", SLOWLY)),
    "meeting_missing": ("list-registrants", Outcome("stop", "zoom-3001-no-event", SLOWLY)),
    "batch_registration_not_enabled": ("batch-registrants", Outcome("stop", "zoom-404-no-registration", SLOWLY)),
    "batch_wrong_type": ("batch-registrants", Outcome("again", "zoom-303-no-batch", seconds(2), scope="person")),
    "registrant_missing": ("get-registrant", Outcome("again", "zoom-3079-no-registrant", seconds(2), scope="person")),
    "rate_per_second": ("add-registrant", Outcome("wait", "zoom-429-per-second", seconds(1), scope="account")),
    "rate_daily": ("batch-registrants", Outcome("wait", "zoom-429-per-day", until=MIDNIGHT, scope="account")),
    "rate_same_registrant": (
        "add-registrant", Outcome("wait", "zoom-429-person-per-day", until=MIDNIGHT, scope="person"),
    ),
    "rate_create_update_100": ("update-event", Outcome("wait", "zoom-429-event-per-day", until=MIDNIGHT)),
}  # fmt: skip

CASES: list[dict[str, Any]] = json.loads((SAMPLES / "errors.json").read_text("utf-8"))
OAUTH_CASES: list[dict[str, Any]] = json.loads((SAMPLES / "oauth_errors.json").read_text("utf-8"))


def refused(endpoint: Endpoint, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Refusal:
    """What the client makes of an answer."""
    call = Call(endpoint, "GET", "/")
    with pytest.raises(ZoomRefused) as caught:
        read(call, Reply(status, httpx2.Headers(headers), json.dumps(body).encode()), NOW)
    return caught.value.refusal


def test_every_documented_error_is_known_here() -> None:
    assert {one["case"] for one in CASES} == set(DOCUMENTED)


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["case"])
def test_each_documented_error_has_its_outcome(case: dict[str, Any]) -> None:
    endpoint, expected = DOCUMENTED[case["case"]]
    assert outcome(refused(endpoint, case["status"], case["body"], case["headers"]), tries=0, now=NOW) == expected


@pytest.mark.parametrize("case", [one for one in CASES if one["status"] != 429], ids=lambda one: one["case"])
@pytest.mark.parametrize("status", [200, 400, 404])
def test_the_http_status_changes_nothing_where_there_is_a_code(case: dict[str, Any], status: int) -> None:
    endpoint, expected = DOCUMENTED[case["case"]]
    assert outcome(refused(endpoint, status, case["body"]), tries=0, now=NOW) == expected


@pytest.mark.parametrize("case", [one for one in CASES if one["status"] == 429], ids=lambda one: one["case"])
def test_limits_are_told_apart_without_their_headers(case: dict[str, Any]) -> None:
    endpoint, expected = DOCUMENTED[case["case"]]
    assert outcome(refused(endpoint, 429, case["body"]), tries=0, now=NOW) == expected


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("case", OAUTH_CASES, ids=lambda one: one["case"])
def test_an_app_that_gets_no_token_stops_its_account(case: dict[str, Any], status: int) -> None:
    reason = f"zoom-token-{case['body']['error'].replace('_', '-')}"
    assert outcome(refused("token", status, case["body"]), tries=0, now=NOW) == Outcome(
        "stop", reason, SLOWLY, scope="account"
    )


def test_a_numbered_error_of_the_token_endpoint_stops_its_account_too() -> None:
    refusal = refused("token", 400, {"code": 4735, "message": "Invalid account."})
    assert outcome(refusal, tries=0, now=NOW) == Outcome("stop", "zoom-4735-token", SLOWLY, scope="account")


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (Refusal(endpoint="get-questions", status=400, code=4711, message="scopes"), "zoom-4711-questions"),
        (Refusal(endpoint="get-questions", status=401, code=124), "zoom-124-questions"),
        (Refusal(endpoint="get-questions", status=429, code=429, daily=True), "zoom-429-questions"),
        (Refusal(endpoint="get-questions", status=404), "zoom-404-questions"),
        (Refusal(endpoint="get-questions", message="ReadTimeout"), "zoom-no-answer"),
        (Refusal(endpoint="get-questions", ours="budget", retry_after=3.0), "zoom-no-answer"),
    ],
)
def test_nothing_stops_where_questions_cannot_be_read(refusal: Refusal, reason: str) -> None:
    assert outcome(refusal, tries=0, now=NOW) == Outcome("again", reason, seconds(2))


def test_a_limit_per_day_ends_when_zoom_says() -> None:
    refusal = Refusal(endpoint="add-registrant", status=429, code=429, daily=True, limit=6000, retry_after=90.0)
    until = datetime(2026, 10, 1, 9, 31, 30, tzinfo=UTC)
    assert outcome(refusal, tries=0, now=NOW) == Outcome("wait", "zoom-429-per-day", until=until, scope="account")


def test_a_limit_per_second_that_names_its_end_is_waited_for() -> None:
    refusal = Refusal(endpoint="list-registrants", status=429, code=429, retry_after=4.0)
    assert outcome(refusal, tries=0, now=NOW) == Outcome("wait", "zoom-429-per-second", seconds(4), scope="account")


@pytest.mark.parametrize(("tries", "pause"), [(0, 1), (1, 2), (2, 2), (3, 5), (6, 60), (50, 60)])
def test_a_limit_that_tells_nothing_is_waited_for_longer_and_longer(tries: int, pause: int) -> None:
    refusal = refused("add-registrant", 429, {"code": 429, "message": "Too many requests."})
    assert outcome(refusal, tries=tries, now=NOW).after == seconds(pause)


def test_our_own_count_of_a_person_says_what_zoom_would() -> None:
    refusal = Refusal(endpoint="add-registrant", daily=True, limit=3, ours="person-budget")
    assert outcome(refusal, tries=0, now=NOW) == DOCUMENTED["rate_same_registrant"][1]


def test_a_person_waits_as_long_as_zoom_says() -> None:
    refusal = Refusal(endpoint="add-registrant", status=429, code=429, daily=True, limit=3, retry_after=60.0)
    assert outcome(refusal, tries=0, now=NOW).until == datetime(2026, 10, 1, 9, 31, tzinfo=UTC)


def test_our_own_budget_is_waited_for() -> None:
    by_second = Refusal(endpoint="add-registrant", retry_after=3.5, ours="budget")
    by_day = Refusal(endpoint="add-registrant", daily=True, retry_after=3600.0, ours="budget")
    until = datetime(2026, 10, 1, 10, 30, tzinfo=UTC)
    assert [outcome(one, tries=0, now=NOW) for one in (by_second, by_day)] == [
        Outcome("wait", "zoom-429-per-second", seconds(3.5), scope="account"),
        Outcome("wait", "zoom-429-per-day", until=until, scope="account"),
    ]


def test_one_person_over_the_limit_sends_a_batch_back_to_be_added_singly() -> None:
    said = (
        "You have exceeded the daily rate limit of (3) for Webinar Batch Registration API requests for the registrant "
        "(amina.kovac@example.org). You can resume these API requests at GMT 00:00:00."
    )
    body = {"code": 429, "message": said}
    assert outcome(refused("batch-registrants", 429, body), tries=0, now=NOW) == Outcome(
        "again", "zoom-429-person-per-day", seconds(2), scope="person"
    )


@pytest.mark.parametrize("code", [300, 3027, 3034, 3043])
def test_what_is_wrong_with_one_in_a_batch_is_said_of_nobody_else(code: int) -> None:
    refusal = refused("batch-registrants", 400, {"code": code, "message": "Validation Failed."})
    found = outcome(refusal, tries=0, now=NOW)
    assert (found.do, found.scope) == ("again", "person")


@pytest.mark.parametrize("tries", range(10))
def test_who_does_not_answer_is_asked_again_for_ever_and_more_and_more_seldom(tries: int) -> None:
    wait = (2, 5, 15, 30, 60, 120, 300, 600, 600, 600)[tries]
    refusal = Refusal(endpoint="list-registrants", message="ReadTimeout")
    assert outcome(refusal, tries=tries, now=NOW) == Outcome("again", "zoom-no-answer", seconds(wait))


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (Refusal(endpoint="get-event", status=503), "zoom-503-down"),
        (Refusal(endpoint="get-event", status=500, code=500, message="Internal error"), "zoom-500-down"),
        (Refusal(endpoint="get-event", status=200), "zoom-200-unreadable"),
        (Refusal(endpoint="get-event", status=404), "zoom-404-unreadable"),
        (Refusal(endpoint="get-event", status=200, message="unreadable"), "zoom-200-unreadable"),
    ],
)
def test_pages_and_failures_of_servers_are_never_final(refusal: Refusal, reason: str) -> None:
    assert outcome(refusal, tries=20, now=NOW) == Outcome("again", reason, seconds(600))


def test_an_answer_lost_after_an_addition_concerns_one_person_alone() -> None:
    refusal = Refusal(endpoint="add-registrant", message="RemoteProtocolError")
    assert outcome(refusal, tries=0, now=NOW) == Outcome("again", "zoom-no-answer", seconds(2), scope="person")


def test_a_token_that_zoom_does_not_give_for_now_concerns_the_account() -> None:
    assert outcome(Refusal(endpoint="token", status=502), tries=0, now=NOW) == Outcome(
        "again", "zoom-502-down", seconds(2), scope="account"
    )


def test_unauthorized_without_a_code_stops_the_account() -> None:
    assert outcome(Refusal(endpoint="get-event", status=401), tries=0, now=NOW) == Outcome(
        "stop", "zoom-401-token", SLOWLY, scope="account"
    )


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        (0, Outcome("again", "zoom-9999-unknown", seconds(2), scope="person")),
        (1, Outcome("again", "zoom-9999-unknown", seconds(5), scope="person")),
        (2, Outcome("ask", "zoom-9999-unknown", scope="person")),
        (9, Outcome("ask", "zoom-9999-unknown", scope="person")),
    ],
)
def test_what_nobody_knows_is_tried_three_times_and_then_shown(tries: int, expected: Outcome) -> None:
    refusal = refused("add-registrant", 400, {"code": 9999, "message": "Something new."})
    assert outcome(refusal, tries=tries, now=NOW) == expected


def test_a_message_without_a_code_is_as_unknown() -> None:
    refusal = refused("get-event", 403, {"message": "Forbidden"})
    assert outcome(refusal, tries=2, now=NOW) == Outcome("ask", "zoom-403-unknown")


def test_a_meaning_of_3000_that_nobody_knows_is_a_persons_to_read() -> None:
    refusal = refused("add-registrant", 400, {"code": 3000, "message": "Something new."})
    assert outcome(refusal, tries=0, now=NOW) == Outcome("ask", "zoom-3000-refused", scope="person")


def test_somebody_who_stands_so_already_is_settled() -> None:
    refusal = refused("set-status", 400, {"code": 3000, "message": "This registrant was already approved."})
    assert outcome(refusal, tries=0, now=NOW) == Outcome("done", "zoom-3000-already", scope="person")


def test_somebody_denied_since_the_list_was_read_is_looked_up_again() -> None:
    refusal = refused("add-registrant", 400, {"code": 3000, "message": "The registration of this email was denied."})
    assert outcome(refusal, tries=0, now=NOW) == Outcome("again", "zoom-3000-denied", seconds(2), scope="person")


def test_a_host_who_is_not_there_stops_the_account() -> None:
    refusal = refused("list-events", 404, {"code": 1001, "message": "User does not exist."})
    assert outcome(refusal, tries=0, now=NOW) == Outcome("stop", "zoom-1001-no-host", SLOWLY, scope="account")
