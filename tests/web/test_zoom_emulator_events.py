"""Webinars and meetings of the emulated Zoom: made, seeded, changed, listed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.programmes import load_programme
from config.settings import ROOT
from schemas.programme import Conference
from schemas.zoom import EventKind
from tests.servers.zoom import an_account
from tests.web.zoom_lab import BASE, Lab, a_lab, refused

ALLIANCE = ROOT / "config" / "conferences" / "alliance-2021.yaml"
PAIR = {"email": "interp.ru@example.org", "interpreter_languages": "English,Russian"}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab."""
    with a_lab(tmp_path) as one:
        yield one


@pytest.fixture
def alliance() -> Conference:
    """The programme of June 2021."""
    return load_programme(ALLIANCE)


def test_each_session_of_the_account_becomes_an_event_once(lab: Lab, alliance: Conference) -> None:
    numbers = lab.emulator.seed("osce-org", alliance)
    assert lab.emulator.seed("osce-org", alliance) == numbers
    ours = {one.id for one in alliance.sessions if one.zoom and one.zoom.account == "osce-org" and one.date}
    assert set(numbers) == ours
    assert len(set(numbers.values())) == len(ours)
    assert {len(str(number)) for number in numbers.values()} == {11}
    assert len(lab.emulator.state()["events"]) == len(ours)


def test_a_seeded_webinar_says_what_the_programme_says(lab: Lab, alliance: Conference) -> None:
    number = lab.emulator.seed("osce-org", alliance)["demand-research-launch"]
    said = lab.call("GET", f"/webinars/{number}").json()
    assert (said["start_time"], said["duration"], said["type"]) == ("2021-06-15T09:30:00Z", 90, 5)
    assert said["registration_url"] == "https://osce-org.zoom.us/webinar/register/WN_3vcw1qptQMKNtCSIRFSCAw"
    assert said["settings"]["language_interpretation"]["interpreters"] == [{**PAIR, "languages": "US,RU"}]


def test_a_seeded_meeting_keeps_its_registration_address(lab: Lab, alliance: Conference) -> None:
    number = lab.emulator.seed("osce-org", alliance)["cedaw-gr38"]
    said = lab.call("GET", f"/meetings/{number}").json()
    page = "https://osce-org.zoom.us/meeting/register/tJlpcuyupzsrEter11QA7XNiVEyNuwMvkuRV"
    assert (said["type"], said["registration_url"]) == (2, page)


def test_a_session_with_a_form_elsewhere_gets_an_address_of_the_emulator(lab: Lab, alliance: Conference) -> None:
    number = lab.emulator.seed("osce-org", alliance)["criminalising-knowing-use"]
    said = lab.call("GET", f"/webinars/{number}").json()["registration_url"]
    assert said.startswith(f"{BASE}/webinar/register/WN_")


def test_a_number_that_the_programme_gives_is_kept_and_languages_are_made_for_the_host(lab: Lab) -> None:
    conference = Conference.model_validate({
        "id": "rivers-2026", "title": "Rivers", "starts": "2026-10-22", "ends": "2026-10-22",
        "sessions": [
            {"id": "opening", "title": "Opening", "date": "2026-10-22", "start": "14:00", "end": "15:00",
             "interpretation": ["it"], "zoom": {"account": "osce-org", "event": 98123456780}},
            {"id": "open-date", "title": "Open", "unconfirmed": "no date",
             "zoom": {"account": "osce-org", "event": 98123456781}},
        ],
    })  # fmt: skip
    assert lab.emulator.seed("osce-org", conference) == {"opening": 98123456780}
    said = lab.call("GET", "/webinars/98123456780").json()
    assert said["settings"]["language_interpretation"]["interpreters"][0]["interpreter_languages"] == "English,Italian"
    custom = lab.call("GET", "/users/me/settings").json()["in_meeting"]["language_interpretation"]["custom_languages"]
    assert custom == ["Italian"]


def test_zooms_own_mails_are_on_until_they_are_switched_off(lab: Lab) -> None:
    number = lab.event()
    reminder = "attendees_and_panelists_reminder_email_notification"
    off = {"registrants_email_notification": False, "registrants_confirmation_email": False,
           reminder: {"enable": False, "type": 0}}  # fmt: skip
    before = lab.call("GET", f"/webinars/{number}").json()["settings"]
    assert {name: before[name] for name in off} == {
        "registrants_email_notification": True, "registrants_confirmation_email": True,
        reminder: {"enable": True, "type": 1},
    }  # fmt: skip
    answer = lab.call("PATCH", f"/webinars/{number}", {"settings": off})
    assert (answer.status_code, answer.content) == (204, b"")
    after = lab.call("GET", f"/webinars/{number}").json()["settings"]
    assert {name: after[name] for name in off} == off


@pytest.mark.parametrize("kind", ["webinar", "meeting"])
def test_mails_that_the_portal_has_locked_stay_on_without_a_word(lab: Lab, kind: EventKind) -> None:
    number = lab.event(kind)
    lab.emulator.configure(mails_locked=True)
    before = lab.call("GET", f"/{kind}s/{number}").json()["settings"]
    off = {"registrants_email_notification": False, "registrants_confirmation_email": False,
           "follow_up_absentees_email_notification": {"enable": True, "type": 1}}  # fmt: skip
    wanted = {"settings": {**off, "approval_type": 1}}
    assert lab.call("PATCH", f"/{kind}s/{number}", wanted).status_code == 204
    assert lab.call("GET", f"/{kind}s/{number}").json()["settings"] == before | {"approval_type": 1}


def test_settings_that_zoom_does_not_know_are_dropped_without_a_word(lab: Lab) -> None:
    number = lab.event("meeting")
    reminder = {"attendees_and_panelists_reminder_email_notification": {"enable": False, "type": 0}}
    assert lab.call("PATCH", f"/meetings/{number}", {"settings": reminder}).status_code == 204
    assert not set(reminder) & set(lab.call("GET", f"/meetings/{number}").json()["settings"])


@pytest.mark.parametrize("languages", ["English,Klingon", "English", "English,Russian,French"])
def test_interpretation_that_cannot_be_is_not_applied_without_a_word(lab: Lab, languages: str) -> None:
    number = lab.event(language_interpretation={"enable": True, "interpreters": [PAIR]})
    wanted = {"enable": True, "interpreters": [{**PAIR, "interpreter_languages": languages}]}
    changed = lab.call("PATCH", f"/webinars/{number}", {"settings": {"language_interpretation": wanted}})
    assert changed.status_code == 204
    said = lab.call("GET", f"/webinars/{number}").json()["settings"]["language_interpretation"]
    assert said == {"enable": True, "interpreters": [{**PAIR, "languages": "US,RU"}]}


def test_interpretation_is_not_applied_where_the_portal_does_not_allow_it(lab: Lab) -> None:
    lab.emulator.configure(interpretation_allowed=False)
    number = lab.event(language_interpretation={"enable": True, "interpreters": [PAIR]})
    assert lab.call("GET", f"/webinars/{number}").json()["settings"]["language_interpretation"]["enable"] is False


def test_without_a_fixed_time_there_is_no_registration(lab: Lab) -> None:
    number = lab.event("meeting")
    lab.call("PATCH", f"/meetings/{number}", {"type": 3})
    said = lab.call("GET", f"/meetings/{number}").json()
    assert said["settings"]["approval_type"] == 2
    assert not {"registration_url", "start_time"} & set(said)


def test_events_can_be_made_through_the_api_in_local_time(lab: Lab) -> None:
    wanted = {"topic": "Workshop", "type": 2, "start_time": "2026-10-27T14:00:00", "timezone": "Europe/Vienna",
              "duration": 90, "settings": {"approval_type": 1}}  # fmt: skip
    made = lab.call("POST", "/users/me/meetings", wanted)
    assert made.status_code == 201
    assert made.json()["start_time"] == "2026-10-27T13:00:00Z"
    assert made.json()["registration_url"].startswith(f"{BASE}/meeting/register/tJ")
    assert lab.call("GET", f"/meetings/{made.json()['id']}").json() == made.json()


@pytest.mark.parametrize(
    "wrong",
    [{"topic": "t" * 201}, {"start_time": "tomorrow"}, {"duration": "long"}, {"type": 4}, {"settings": "none"},
     {"settings": {"approval_type": 5}}, {"settings": {"registrants_email_notification": "no"}},
     {"type": 8, "recurrence": {"type": 9}}, {"start_time": "2026-10-27T14:00:00", "timezone": "Europe/Atlantis"}],
)  # fmt: skip
def test_values_that_zoom_does_not_take_are_refused(lab: Lab, wrong: dict[str, Any]) -> None:
    assert refused(lab.call("POST", "/users/me/meetings", wrong)) == (400, 300)


def test_a_list_has_no_registration_addresses_and_comes_in_pages(lab: Lab) -> None:
    numbers = [lab.event() for _ in range(3)]
    meeting = lab.event("meeting")
    first = lab.call("GET", "/users/me/webinars", page_size=2).json()
    second = lab.call("GET", "/users/me/webinars", page_size=2, next_page_token=first["next_page_token"]).json()
    assert [one["id"] for one in first["webinars"] + second["webinars"]] == numbers
    assert set(first["webinars"][0]) == {
        "uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone", "agenda", "created_at",
        "join_url",
    }  # fmt: skip
    assert [one["id"] for one in lab.call("GET", "/users/me/meetings").json()["meetings"]] == [meeting]


def test_upcoming_events_are_those_that_have_not_begun(lab: Lab) -> None:
    number = lab.event()
    assert [one["id"] for one in lab.call("GET", "/users/me/webinars", type="upcoming").json()["webinars"]] == [number]
    lab.clock.pass_by(days=60)
    assert lab.call("GET", "/users/me/webinars", type="upcoming").json()["webinars"] == []
    assert lab.call("GET", "/users/me/webinars").json()["total_records"] == 1


def test_a_page_token_ends_after_fifteen_minutes_and_belongs_to_its_list(lab: Lab) -> None:
    for _ in range(3):
        lab.event()
        lab.event("meeting")
    token = lab.call("GET", "/users/me/webinars", page_size=2).json()["next_page_token"]
    assert refused(lab.call("GET", "/users/me/meetings", page_size=2, next_page_token=token)) == (400, 300)
    lab.clock.pass_by(minutes=14, seconds=59)
    assert lab.call("GET", "/users/me/webinars", page_size=2, next_page_token=token).status_code == 200
    lab.clock.pass_by(seconds=1)
    assert refused(lab.call("GET", "/users/me/webinars", page_size=2, next_page_token=token)) == (400, 300)


def test_a_webinar_asked_for_as_a_meeting_is_told_apart_from_one_that_is_not_there(lab: Lab) -> None:
    webinar, meeting = lab.event(), lab.event("meeting")
    assert refused(lab.call("GET", f"/meetings/{webinar}")) == (400, 3000)
    assert refused(lab.call("GET", f"/webinars/{meeting}")) == (400, 300)
    assert refused(lab.call("GET", "/webinars/98123456780")) == (404, 3001)
    assert refused(lab.call("GET", "/webinars/WN_abc")) == (400, 300)


def test_a_deleted_event_is_gone_with_its_registrants(lab: Lab) -> None:
    number = lab.event()
    lab.add(number)
    assert lab.call("DELETE", f"/webinars/{number}").status_code == 204
    assert refused(lab.add(number)) == (404, 3001)


def test_a_free_account_has_no_webinars(tmp_path: Path) -> None:
    with a_lab(tmp_path, an_account("osce-org", plan="free")) as lab:
        assert refused(lab.call("POST", "/users/me/webinars", {"topic": "Side event"})) == (400, 200)
        assert lab.call("POST", "/users/me/meetings", {"topic": "Side event"}).status_code == 201


def test_what_was_answered_is_there_for_another_process(tmp_path: Path) -> None:
    with a_lab(tmp_path) as lab:
        number = lab.event()
        lab.add(number)
        with a_lab(tmp_path) as other:
            assert other.statuses(number) == {"olga@mission.example.org": "approved"}
            other.token = lab.token
            assert other.call("GET", f"/webinars/{number}").json() == lab.call("GET", f"/webinars/{number}").json()
