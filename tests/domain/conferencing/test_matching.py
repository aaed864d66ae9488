"""Which of an account's events is a session's."""

from typing import Any

import pytest

from domain.conferencing.matching import (
    Ambiguous,
    Match,
    find,
    is_zoom_registration,
    registration_token,
    same_title,
    starts_at,
)
from schemas.programme import Session
from schemas.zoom import ZoomEventDetails

WEBINAR = "WN_P3AFb_xf2CrLfKbv-E3lkx"
MEETING = "tJ8kOxzY12dN1AkSEh_XHcuhR6QrhSlxmvhE"


def session(**changes: object) -> Session:
    """A session on the evening of 22 October 2026, in summer time, with its registration page at Zoom."""
    return Session.model_validate({
        "id": "rivers", "title": "Rivers across borders", "date": "2026-10-22", "start": "14:00", "end": "15:15",
        "registration": f"https://osce-org.zoom.us/webinar/register/{WEBINAR}", "zoom": {"account": "osce-org"},
        **changes,
    })  # fmt: skip


def event(number: int = 98123456780, **changes: object) -> ZoomEventDetails:
    """The webinar as Zoom gives it."""
    return ZoomEventDetails.model_validate({
        "kind": "webinar", "id": number, "type": 5, "topic": "Rivers across borders",
        "start_time": "2026-10-22T12:00:00Z", "duration": 75,
        "registration_url": f"https://vienna-demo.zoom.us/webinar/register/{WEBINAR}", **changes,
    })  # fmt: skip


OTHER: dict[str, Any] = {"topic": "Something else", "start_time": "2026-10-23T12:00:00Z"}
ELSEWHERE = "https://osce-org.zoom.us/webinar/register/WN_0000000000000000000000"


@pytest.mark.parametrize(
    ("url", "token"),
    [
        (f"https://osce-org.zoom.us/webinar/register/{WEBINAR}", WEBINAR),
        (f"https://us02web.zoom.us/webinar/register/{WEBINAR}/", WEBINAR),
        (f"https://osce-org.zoom.us/webinar/register/5500000000001/{WEBINAR}?lang=ru#/registration", WEBINAR),
        (f"https://odihr-pl.zoom.us/meeting/register/{MEETING}", MEETING),
        ("https://odihr-pl.zoom.us/meeting/register/B8kOxzY12dN1AkSEh_XHcu", "B8kOxzY12dN1AkSEh_XHcu"),
        (f"http://127.0.0.1:8080/zoom-emulator/webinar/register/{WEBINAR}", WEBINAR),
        ("https://osce-org.zoom.us/webinar/register/5500000000001", None),
        ("https://osce-org.zoom.us/webinar/register/55000000000010000000", None),
        (f"https://osce-org.zoom.us/webinar/register/{WEBINAR}/success", None),
        (f"https://osce-org.zoom.us/w/98123456780?uuid={WEBINAR}", None),
        ("https://docs.google.com/forms/d/e/1FAIpQLSdExampleExampleExample/viewform", None),
        ("https://osce-org.zoom.us/webinar/register/WN_П3AFb_xf2CrLfKbv-E3lkx", None),
        (f"ftp://osce-org.zoom.us/webinar/register/{WEBINAR}", None),
        ("https://[broken/webinar/register", None),
        ("", None),
        (None, None),
    ],
)
def test_of_a_registration_address_the_token_counts_and_nothing_else(url: str | None, token: str | None) -> None:
    assert registration_token(url) == token
    assert is_zoom_registration(url) is (token is not None)


def test_an_event_is_found_by_its_registration_address_whatever_it_is_called_and_whenever_it_is() -> None:
    wanted = event(**OTHER)
    assert find(session(), "Europe/Vienna", [event(1, registration_url=None), wanted]) == Match(
        wanted, "registration-address"
    )


def test_an_event_of_another_kind_is_found_by_its_address_all_the_same() -> None:
    converted = event(kind="meeting", type=2)
    assert find(session(), "Europe/Vienna", [converted]) == Match(converted, "registration-address")


def test_the_tokens_case_counts() -> None:
    swapped = event(**OTHER, registration_url=f"https://osce-org.zoom.us/webinar/register/{WEBINAR.swapcase()}")
    assert find(session(), "Europe/Vienna", [swapped]) is None


def test_an_address_that_is_not_zooms_is_not_compared() -> None:
    form = "https://docs.google.com/forms/d/e/1FAIpQLSdExampleExampleExample/viewform"
    assert find(session(registration=form), "Europe/Vienna", [event(**OTHER, registration_url=form)]) is None


@pytest.mark.parametrize(
    "registration", [None, "https://forms.example.org/rivers", "https://osce-org.zoom.us/webinar/register/" + "x" * 22]
)
def test_without_an_address_at_zoom_the_same_title_and_start_make_the_event(registration: str | None) -> None:
    wanted = event(topic="  RIVERS  across\u00a0borders ")
    events = [event(1, **OTHER), event(2, topic="Rivers"), event(3, start_time="2026-10-22T13:00:00Z"), wanted]
    assert find(session(registration=registration), "Europe/Vienna", events) == Match(wanted, "title-and-time")


def test_the_start_is_that_of_the_conferences_clock() -> None:
    after_the_change = session(registration=None, date="2026-10-27")
    assert find(after_the_change, "Europe/Vienna", [event(start_time="2026-10-27T12:00:00Z")]) is None
    found = find(after_the_change, "Europe/Vienna", [event(start_time="2026-10-27T13:00:00Z")])
    assert isinstance(found, Match)


def test_zoom_cuts_a_title_at_200_characters() -> None:
    title = "Rivers " * 40
    wanted = event(topic=title[:200])
    assert find(session(registration=None, title=title), "Europe/Vienna", [wanted]) == Match(wanted, "title-and-time")


def test_two_events_that_would_do_are_both_named() -> None:
    twice = [event(7), event(3), event(7)]
    assert find(session(), "Europe/Vienna", twice) == Ambiguous((3, 7), "registration-address")
    assert find(session(registration=None), "Europe/Vienna", twice) == Ambiguous((3, 7), "title-and-time")


def test_an_event_that_is_listed_twice_is_one() -> None:
    occurrences = [event(start_time="2026-10-15T12:00:00Z"), event(), event(start_time="2026-10-29T13:00:00Z")]
    assert find(session(registration=None), "Europe/Vienna", occurrences) == Match(event(), "title-and-time")


def test_a_meeting_is_not_taken_for_a_webinar_by_its_title() -> None:
    meeting = event(kind="meeting", type=2)
    assert find(session(registration=None), "Europe/Vienna", [meeting]) is None
    of_a_meeting = session(registration=None, zoom={"account": "osce-org", "kind": "meeting"})
    assert find(of_a_meeting, "Europe/Vienna", [meeting]) == Match(meeting, "title-and-time")


@pytest.mark.parametrize("open_still", [{"date": None}, {"title": None}, {"start": None, "end": None}])
def test_a_session_without_title_or_time_is_found_by_its_address_alone(open_still: dict[str, object]) -> None:
    unconfirmed = {"unconfirmed": "The convenors could say.", **open_still}
    nameless = event(topic="") if "title" in open_still else event()
    assert find(session(**unconfirmed, registration=None), "Europe/Vienna", [nameless]) is None
    assert find(session(**unconfirmed), "Europe/Vienna", [event()]) == Match(event(), "registration-address")


def test_an_event_without_a_time_is_not_found_by_it() -> None:
    assert find(session(registration=None), "Europe/Vienna", [event(type=6, start_time=""), event(2, **OTHER)]) is None


def test_a_start_without_a_zone_is_utc() -> None:
    assert starts_at(event(start_time="2026-10-22T12:00:00")) == starts_at(
        event(start_time="2026-10-22T14:00:00+02:00")
    )
    assert starts_at(event(start_time=None)) is None


def test_titles_are_the_same_but_for_case_width_and_blanks() -> None:
    assert same_title(session(title="Ｒivers  across borders"), event(topic="RIVERS across borders"))
    assert not same_title(session(), event(topic="Rivers across"))
