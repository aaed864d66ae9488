"""How a Zoom event differs from the programme."""

from dataclasses import asdict
from typing import Any

import pytest

from domain.conferencing.differences import (
    Difference,
    custom_languages_missing,
    differences,
    languages_lacking,
    mails_were_on,
    questions_required,
)
from schemas.programme import Conference
from schemas.zoom import ZoomEventDetails

ADDRESS = "https://osce-org.zoom.us/webinar/register/WN_P3AFb_xf2CrLfKbv-E3lkx"
SESSION: dict[str, Any] = {
    "id": "rivers", "title": "Rivers across borders", "date": "2026-10-22", "start": "14:00", "end": "15:15",
    "registration": ADDRESS, "zoom": {"account": "osce-org"}, "interpretation": ["ru", "fr"],
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "approval_type": 0,
    "language_interpretation": {"enable": True, "interpreters": [
        {"interpreter_languages": "English,Russian"}, {"interpreter_languages": "English,French"}]},
}  # fmt: skip
EVENT: dict[str, Any] = {
    "kind": "webinar", "id": 98123456780, "type": 5, "topic": "Rivers across borders", "duration": 75,
    "start_time": "2026-10-22T12:00:00Z",
    "registration_url": "https://vienna-demo.zoom.us/webinar/register/WN_P3AFb_xf2CrLfKbv-E3lkx",
}  # fmt: skip


def found(
    session: dict[str, Any] | None = None, event: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None, *, number_in_programme: bool = False,
) -> tuple[Difference, ...]:  # fmt: skip
    """The differences between SESSION and EVENT with SETTINGS, but for what is given."""
    conference = Conference.model_validate({
        "id": "rivers-2026", "title": "Rivers", "starts": "2026-10-22", "ends": "2026-10-27",
        "sessions": [SESSION | (session or {})],
    })  # fmt: skip
    details = ZoomEventDetails.model_validate(EVENT | (event or {}) | {"settings": SETTINGS | (settings or {})})
    return differences(conference.sessions[0], conference, details, number_in_programme)


def channels(*pairs: str) -> dict[str, Any]:
    """Settings with an interpreter for each pair."""
    interpreters = [{"interpreter_languages": pair} for pair in pairs]
    return {"language_interpretation": {"enable": True, "interpreters": interpreters}}


def test_nothing_differs_in_an_event_as_it_should_be() -> None:
    assert found() == ()


def test_each_mail_of_zooms_own_that_is_on_is_named() -> None:
    on = {"enable": True, "type": 1}
    assert found(settings={
        "registrants_email_notification": True, "registrants_confirmation_email": True,
        "attendees_and_panelists_reminder_email_notification": on, "follow_up_attendees_email_notification": on,
        "follow_up_absentees_email_notification": on,
    }) == (Difference(
        "mails-on", "alarm",
        "Zoom sends e-mails of its own: e-mails to registrants, confirmation, reminder, follow-up to attendees, "
        "follow-up to absentees. Participants would get two of each.",
        "Switch them off in the event's e-mail settings at Zoom.",
    ),)  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("registrants_email_notification", "e-mails to registrants"),
        ("registrants_confirmation_email", "confirmation"),
        ("attendees_and_panelists_reminder_email_notification", "reminder"),
        ("follow_up_attendees_email_notification", "follow-up to attendees"),
        ("follow_up_absentees_email_notification", "follow-up to absentees"),
    ],
)
def test_one_mail_is_enough_for_an_alarm(setting: str, name: str) -> None:
    value = True if setting.startswith("registrants") else {"enable": True}
    (one,) = found(settings={setting: value})
    said = f"Zoom sends e-mails of its own: {name}. Participants would get two of each."
    assert (one.code, one.severity, one.said) == ("mails-on", "alarm", said)


def test_an_event_without_registration_gives_nobody_a_link() -> None:
    assert found(event={"registration_url": None}, settings={"approval_type": 2}) == (
        Difference(
            "no-registration", "alarm",
            "Registration is switched off at Zoom: nobody can be given a link of their own.",
            "Switch registration on for this event at Zoom.",
        ),
    )  # fmt: skip


def test_manual_approval_is_no_difference() -> None:
    assert found(settings={"approval_type": 1}) == ()


def test_another_start_is_an_alarm_that_says_both_in_vienna_time() -> None:
    assert found(event={"start_time": "2026-10-22T13:00:00Z"}) == (
        Difference(
            "time", "alarm",
            "The programme says Thursday, 22 October 2026, 14:00–15:15 Vienna time (CEST, UTC+2); "
            "Zoom says Thursday, 22 October 2026, 15:00–16:15 Vienna time (CEST, UTC+2).",
            "Ask which is right, and correct the other.",
        ),
    )  # fmt: skip


def test_a_time_that_was_not_moved_with_the_clock_is_an_hour_off() -> None:
    (one,) = found({"date": "2026-10-27"}, {"start_time": "2026-10-27T12:00:00Z"})
    assert one.said == (
        "The programme says Tuesday, 27 October 2026, 14:00–15:15 Vienna time (CET, UTC+1); "
        "Zoom says Tuesday, 27 October 2026, 13:00–14:15 Vienna time (CET, UTC+1)."
    )


def test_another_end_is_a_note() -> None:
    (one,) = found(event={"duration": 90})
    assert (one.code, one.severity) == ("time", "note")
    assert one.said == (
        "The programme says Thursday, 22 October 2026, 14:00–15:15 Vienna time (CEST, UTC+2); "
        "Zoom says Thursday, 22 October 2026, 14:00–15:30 Vienna time (CEST, UTC+2)."
    )


def test_a_session_whose_time_is_open_cannot_be_at_another_time() -> None:
    assert found({"unconfirmed": "Two dates are printed.", "date": None}) == ()


def test_another_title_is_a_note() -> None:
    assert found(event={"topic": "Rivers"}) == (
        Difference(
            "title", "note", "The programme calls it “Rivers across borders”, Zoom “Rivers”.",
            "Correct one of them, if they should be the same.",
        ),
    )  # fmt: skip


def test_a_title_that_zoom_has_cut_is_the_same() -> None:
    title = "A long title " * 20
    assert found({"title": title}, {"topic": title[:200]}) == ()


def test_another_kind_is_an_alarm() -> None:
    assert found(event={"kind": "meeting", "type": 2}) == (
        Difference(
            "kind", "alarm", "The programme says webinar; at Zoom it is a meeting.",
            "Correct `kind` under `zoom` in the programme.",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "type_"), [("webinar", 6), ("webinar", 9), ("meeting", 3), ("meeting", 8)])
def test_a_series_is_an_alarm_whatever_its_first_date_is(kind: str, type_: int) -> None:
    session = {"zoom": {"account": "osce-org", "kind": kind}}
    for start in ("2026-10-20T08:00:00Z", ""):
        assert found(session, {"kind": kind, "type": type_, "start_time": start}) == (
            Difference(
                "recurring", "alarm",
                "At Zoom it is one of a series: a link would be for all its dates, and Zoom takes no batches.",
                "Schedule an event of its own at Zoom.",
            ),
        )  # fmt: skip


def test_an_event_without_a_time_is_an_alarm() -> None:
    assert found(event={"start_time": None}) == (
        Difference(
            "without-time", "alarm", "At Zoom it has no time, and such events have no registration.",
            "Schedule it at Zoom for the session's time.",
        ),
    )  # fmt: skip


def test_a_language_that_no_interpreter_offers_is_an_alarm() -> None:
    assert found(settings=channels("English,Russian")) == (
        Difference(
            "interpretation-missing", "alarm", "No interpreter at Zoom offers French, which the programme has.",
            "Name an interpreter for it at Zoom.",
        ),
    )  # fmt: skip


def test_a_language_that_the_programme_does_not_know_is_a_note() -> None:
    assert found(settings=channels("English,Russian", "French,English", "English,Ukrainian", "English,Signing")) == (
        Difference(
            "interpretation-extra", "note",
            "Zoom offers interpretation into Ukrainian, Signing, of which the programme does not know.",
            "Add it to the programme, or take it out at Zoom.",
        ),
    )  # fmt: skip


def test_interpretation_that_is_off_is_one_alarm_for_all_languages() -> None:
    assert found(settings={"language_interpretation": {"enable": False, "interpreters": []}}) == (
        Difference(
            "interpretation-off", "alarm",
            "The programme has interpretation into Russian, French; at Zoom it is switched off.",
            "Switch it on at Zoom and name the interpreters.",
        ),
    )  # fmt: skip


def test_interpretation_that_nobody_announced_is_a_note_and_none_is_no_difference() -> None:
    (one,) = found({"interpretation": []})
    assert (one.code, one.severity) == ("interpretation-extra", "note")
    assert found({"interpretation": []}, settings={"language_interpretation": {"enable": False}}) == ()


def test_interpretation_without_interpreters_offers_nothing() -> None:
    (one,) = found(settings=channels())
    assert one.said == "No interpreter at Zoom offers Russian, French, which the programme has."


def test_what_is_spoken_in_the_room_is_no_interpretation() -> None:
    in_the_room = {"languages": ["ru"], "interpretation": ["en"]}
    assert found(in_the_room, settings=channels("English,Russian")) == ()
    (one,) = found(in_the_room, settings=channels("English,French"))
    assert (one.code, one.said) == (
        "interpretation-extra",
        "Zoom offers interpretation into French, of which the programme does not know.",
    )


def test_the_deprecated_codes_are_understood() -> None:
    assert found(settings=channels("US,RU", "US,FR")) == ()


def test_an_address_of_another_event_is_an_alarm() -> None:
    elsewhere = {"registration_url": "https://osce-org.zoom.us/webinar/register/WN_0000000000000000000000"}
    assert found(event=elsewhere, number_in_programme=True) == (
        Difference(
            "registration-address", "alarm", "The programme's registration address is that of another Zoom event.",
            "Correct `registration` or `event` in the programme: they are of two events.",
        ),
    )  # fmt: skip
    (found_by_title,) = found(event=elsewhere)
    assert found_by_title.remedy == (
        "Open the address; then correct it, or give the number of the right event under `zoom`."
    )


@pytest.mark.parametrize("registration", [None, "https://forms.example.org/rivers"])
def test_an_address_that_is_not_zooms_differs_from_none(registration: str | None) -> None:
    assert found({"registration": registration}) == ()


def test_a_limit_of_registrants_is_a_note() -> None:
    assert found(settings={"registrants_restrict_number": 500}) == (
        Difference(
            "capacity", "note", "Zoom takes 500 registrants at most.", "Raise the limit at Zoom before it is reached."
        ),
    )  # fmt: skip


def test_alarms_come_before_notes_and_all_can_be_kept_as_texts() -> None:
    many = found(
        event={"topic": "Rivers", "start_time": "2026-10-22T13:00:00Z"},
        settings={"registrants_restrict_number": 500, "registrants_confirmation_email": True},
    )
    assert [(one.severity, one.code) for one in many] == [
        ("alarm", "mails-on"), ("alarm", "time"), ("note", "title"), ("note", "capacity"),
    ]  # fmt: skip
    assert asdict(many[3]) == {
        "code": "capacity", "severity": "note", "said": "Zoom takes 500 registrants at most.",
        "remedy": "Raise the limit at Zoom before it is reached.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spoken", "into", "offered", "missing"),
    [
        ([], ["ru", "fr"], set(), ()),
        ([], ["ar", "ru", "uk"], set(), ("ar", "uk")),
        ([], ["ar", "uk"], {"Arabic"}, ("uk",)),
        ([], ["ar", "uk"], {"Arabic", "ukrainian"}, ()),
        (["it"], ["en"], set(), ("it",)),
        (["it"], ["en"], {"Italian"}, ()),
        (["it"], [], set(), ()),
    ],
)
def test_a_language_that_is_not_zooms_own_must_be_the_accounts(
    spoken: list[str], into: list[str], offered: set[str], missing: tuple[str, ...]
) -> None:
    conference = Conference.model_validate({
        "id": "rivers-2026", "title": "Rivers", "starts": "2026-10-22", "ends": "2026-10-27",
        "sessions": [SESSION | {"languages": spoken, "interpretation": into}],
    })  # fmt: skip
    assert custom_languages_missing(conference.sessions[0], frozenset(offered)) == missing


def test_languages_that_the_account_lacks_are_a_note() -> None:
    assert languages_lacking(()) is None
    assert languages_lacking(("it", "ar")) == Difference(
        "custom-languages", "note", "The account at Zoom has no channel for interpretation in Italian, Arabic.",
        "Make it a custom language in Zoom's portal.",
    )  # fmt: skip


def test_questions_that_nobody_can_answer_are_an_alarm() -> None:
    assert questions_required(()) is None
    said = (
        "At Zoom must be answered: org, a question of the host's. Convenor has no answers to these, and Zoom may "
        "refuse whom it adds."
    )
    assert questions_required(("org", "custom")) == Difference(
        "questions-required", "alarm", said, "Make them optional in the event's registration at Zoom."
    )


def test_mails_that_somebody_has_switched_on_are_an_alarm_also_when_they_are_off_again() -> None:
    assert mails_were_on() == Difference(
        "mails-were-on", "alarm",
        "Zoom's own e-mails had been switched on, and were switched off again. Participants may have got some.",
        "Ask who has switched them on, and why.",
    )  # fmt: skip
