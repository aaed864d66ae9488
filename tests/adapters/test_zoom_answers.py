"""How an answer of Zoom's is read."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from adapters.zoom.answers import Reply, ZoomRefused, read
from adapters.zoom.calls import Call
from schemas.zoom import Refusal

ADD = Call("add-registrant", "POST", "/")
NOW = datetime(2026, 10, 1, 23, 59, 30, tzinfo=UTC)


def refusal(body: Any, headers: dict[str, str] | None = None, status: int = 429) -> Refusal:
    with pytest.raises(ZoomRefused) as caught:
        read(ADD, Reply(status, httpx2.Headers(headers), json.dumps(body).encode()), NOW)
    return caught.value.refusal


LIMIT = {"code": 429, "message": "You have reached the limit."}


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("2026-10-02T00:00:00Z", None, 30.0),
        ("2026-10-02T00:00:00Z", "Thu, 01 Oct 2026 23:00:00 GMT", 3600.0),
        ("2026-10-02T02:00:00+02:00", None, 30.0),
        ("2026-10-02T00:00:00", None, 30.0),
        ("Fri, 02 Oct 2026 00:00:00 GMT", None, 30.0),
        ("17", None, 17.0),
        ("0", None, 1.0),
        ("999999999999", None, 86_400.0),
        ("2026-10-01T23:59:29Z", None, 1.0),
        ("2026-10-02T00:00:00Z", "no date", 30.0),
        ("2021-06-15T00:00:00Z", None, None),
        ("2029-01-01T00:00:00Z", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_retry_after_is_a_number_a_date_or_an_instant_counted_from_the_answer(
    retry_after: str, date: str | None, seconds: float | None
) -> None:
    headers = {"Retry-After": retry_after} | ({} if date is None else {"Date": date})
    assert refusal(LIMIT, headers).retry_after == seconds


@pytest.mark.parametrize(
    ("message", "headers", "daily", "limit", "limits_one"),
    [
        ("per-second", {"X-RateLimit-Type": "QPS", "X-RateLimit-Limit": "3"}, False, 3, False),
        ("", {"X-RateLimit-Type": "Daily-limit", "X-RateLimit-Limit": "30000"}, True, 30_000, False),
        ("", {"X-RateLimit-Type": "Daily-limit", "X-RateLimit-Limit": "10"}, True, 10, False),
        ("", {"X-RateLimit-Limit": "3"}, True, 3, True),
        ("exceeded the daily rate limit of (10) for the registrant", {}, True, 10, True),
        ("reached the maximum daily rate limit for this API", {}, True, None, False),
        ("exceeded the daily rate limit for this registrant", {}, True, None, True),
        ("You can resume at GMT 00:00:00", {}, True, None, False),
        ("Too many requests", {}, False, None, False),
        ("Too many requests", {"X-RateLimit-Limit": "a lot"}, False, None, False),
    ],
)
def test_whose_limit_it_is_is_read_from_the_headers_or_else_from_the_words(
    message: str, headers: dict[str, str], daily: bool, limit: int | None, limits_one: bool
) -> None:
    found = refusal({"code": 429, "message": message}, headers)
    assert (found.daily, found.limit, found.limits_one) == (daily, limit, limits_one)


def test_other_errors_have_no_limit() -> None:
    found = refusal({"code": 300, "message": "only for (type 5), daily"}, {"X-RateLimit-Limit": "3"}, status=400)
    assert (found.daily, found.limit) == (False, None)


@pytest.mark.parametrize(
    ("code", "read_as"), [(300, 300), ("300", 300), ("x", None), (True, None), (None, None), ([1], None), (1.5, None)]
)
def test_codes_may_be_numbers_or_texts(code: object, read_as: int | None) -> None:
    assert refusal({"code": code, "message": "No."}, status=400).code == read_as


@pytest.mark.parametrize("body", [{"code": 300}, {"code": 300, "errors": []}, {"error": "invalid_client"}])
def test_an_error_is_one_whatever_stands_beside_it(body: dict[str, Any]) -> None:
    assert refusal(body, status=200).status == 200


def test_an_oauth_error_has_its_name_and_reason_for_its_message() -> None:
    body = {"reason": "Invalid client_id or client_secret", "error": "invalid_client"}
    assert refusal(body, status=200).message == "invalid_client: Invalid client_id or client_secret"


def test_a_tracking_id_can_forge_no_log_line() -> None:
    written = "v=2.0; rid=\u001b[31mred " + "x" * 500
    assert refusal(LIMIT, {"x-zm-trackingid": written}).tracking_id == "v=2.0;rid=[31mred" + "x" * 103


def test_a_change_may_be_answered_by_nothing() -> None:
    assert read(ADD, Reply(204, httpx2.Headers(), b""), NOW) == {}


@pytest.mark.parametrize(
    ("headers", "ended"),
    [
        ({"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "0"}, True),
        ({"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "29"}, False),
        ({"X-RateLimit-Type": "Daily-limit", "X-RateLimit-Remaining": "0"}, False),
        ({}, False),
    ],
)
def test_an_answer_tells_when_it_used_up_the_second(headers: dict[str, str], ended: bool) -> None:
    assert Reply(200, httpx2.Headers(headers), b"{}").ends_second is ended
