"""What is implausible, open or assumed in a programme."""

from collections.abc import Mapping

import pytest

from domain.findings import Finding, findings
from schemas.programme import Conference

MINIMAL: dict[str, object] = {
    "id": "evening", "title": "An evening", "date": "2021-06-14", "start": "18:00", "end": "19:00",
    "zoom": {"account": "osce-org"}, "registration": "https://example.org/register",
}  # fmt: skip


def found(*sessions: Mapping[str, object], **conference: object) -> tuple[Finding, ...]:
    """The findings about sessions that are MINIMAL but for what is given."""
    return findings(
        Conference.model_validate({
            "id": "a-conference", "title": "A conference", "starts": "2021-06-14", "ends": "2021-06-16",
            **conference,
            "sessions": [{**MINIMAL, **session} for session in sessions or ({},)],
        })
    )  # fmt: skip


def codes(*sessions: Mapping[str, object], **conference: object) -> list[tuple[str, str]]:
    return [(one.severity, one.code) for one in found(*sessions, **conference)]


def test_nothing_is_found_in_a_complete_programme() -> None:
    assert found() == ()


def test_an_unconfirmed_session_is_named_with_its_reason() -> None:
    assert found({"unconfirmed": "The room is not certain."}) == (
        Finding(
            "warning", "unconfirmed", "No invitation goes out, for it is unconfirmed: The room is not certain.",
            "Clear it up, then take out `unconfirmed`.", "evening", ("unconfirmed",),
        ),
    )  # fmt: skip


def test_two_dates_are_both_named_with_where_they_are_printed() -> None:
    session = {
        "date": None,
        "alternative_dates": ["2021-06-14", "2021-06-15"],
        "unconfirmed": "The convenors could say.",
        "printed": [{"where": "the list", "says": "Monday"}, {"where": "the page", "says": "15 June"}],
    }
    assert found(session)[1] == Finding(
        "warning", "alternative-dates",
        "Its date is open: Monday, 14 June 2021 or Tuesday, 15 June 2021. "
        "Printed: the list: “Monday”; the page: “15 June”.",
        "Ask the convenors, then keep one in `date`.", "evening", ("alternative_dates",),
    )  # fmt: skip


def test_a_slot_without_a_title_is_named() -> None:
    assert ("warning", "no-title") in codes({"title": None, "unconfirmed": "Nobody has asked for the slot."})


def test_a_cancelled_session_is_noted() -> None:
    assert codes({"cancelled": True}) == [("note", "cancelled")]


@pytest.mark.parametrize(
    ("session", "code"),
    [
        ({"date": "2021-03-28", "start": "02:30", "end": "03:30"}, "clock-gap"),
        ({"date": "2021-03-28", "start": "01:30", "end": "02:30"}, "clock-gap"),
        ({"date": "2021-10-31", "start": "02:30", "end": "03:30"}, "clock-doubled"),
        ({"date": "2021-10-31", "start": "01:30", "end": "02:30"}, "clock-doubled"),
    ],
)
def test_a_time_that_the_changing_clock_does_not_show_once_is_an_error(session: dict[str, object], code: str) -> None:
    assert codes(session, starts="2021-01-01", ends="2021-12-31") == [("error", code)]


def test_the_doubled_hour_is_right_when_the_programme_says_which() -> None:
    night = {"date": "2021-10-31", "start": "02:30", "end": "03:30", "clock_change": "second"}
    assert codes(night, starts="2021-01-01", ends="2021-12-31") == []


def test_a_date_outside_the_conference_is_an_error() -> None:
    assert found({"date": "2022-06-14"}) == (
        Finding(
            "error", "outside",
            "Tuesday, 14 June 2022 is outside the conference, Monday, 14 June 2021 to Wednesday, 16 June 2021.",
            "Correct the date, or `starts` and `ends`.", "evening", ("date",),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("form", ["online", "hybrid"])
def test_a_confirmed_online_session_without_a_zoom_account_is_an_error(form: str) -> None:
    assert codes({"zoom": None, "format": form, "place": "A hall"}) == [("error", "no-zoom")]


def test_an_unconfirmed_one_without_a_zoom_account_is_a_warning() -> None:
    assert codes({"zoom": None, "unconfirmed": "Much is open."})[1] == ("warning", "no-zoom")


def test_a_session_in_the_room_needs_a_place_and_no_zoom_account() -> None:
    room = {"zoom": None, "registration": None, "format": "in-person"}
    assert codes(room) == [("warning", "no-place")]
    assert codes(room, place="Vienna") == []


def test_sessions_without_a_registration_address_are_listed_once() -> None:
    assert found({"registration": None}, {"id": "morning", "start": "09:00", "end": "10:00", "registration": None}) == (
        Finding(
            "note", "no-registration",
            "People register at /register/a-conference: no address is given for evening, morning.",
            place=("sessions",),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "https://osce-org.zoom.us/webinar/register/WN_EJdsYUi1TqWG8mjwc",
        "https://osce-org.zoom.us/webinar/register/WN_EJdsYUi1TqWG8mjwc-qkBg.",
        "https://osce-org.zoom.us/webinar/register/WN_EJdsYUi1 TqWG8mjwc-qkBg",
        "https://docs.google.com/forms/d/e/1FAIpQLSdVmmLp1OeOXtfszKnfC_eh7TkPeMFwXSvkKFrwcCwPi7pi_g/vi_ewform",
        "https://docs.google.com/forms/d/e/1FAIpQLSdVmmLp1OeOXtfszKnfC_eh7TkPeMFwXSvkKFrwcCwPi7pig/viewform",
        "https://example.org/register.",
    ],
)
def test_an_address_that_a_pdf_has_damaged_is_named(address: str) -> None:
    assert codes({"registration": address}) == [("warning", "address")]


@pytest.mark.parametrize(
    ("address", "zoom"),
    [
        ("https://osce-org.zoom.us/webinar/register/WN_EJdsYUi1TqWG8mjwc-qkBg", {"account": "osce-org"}),
        (
            "https://osce-org.zoom.us/meeting/register/tJlpcuyupzsrEter11QA7XNiVEyNuwMvkuRV",
            {"account": "osce-org", "kind": "meeting"},
        ),
        (
            "https://docs.google.com/forms/d/e/1FAIpQLSdVmmLp1OeOXtfszKnfC_eh7TkPeMFwXSvkKFrwcCwPi7pi_g/viewform",
            {"account": "osce-org"},
        ),
    ],
)
def test_addresses_as_zoom_and_google_make_them_are_right(address: str, zoom: dict[str, str]) -> None:
    assert codes({"registration": address, "zoom": zoom}) == []


def test_a_registration_address_of_another_account_or_kind_is_named() -> None:
    address = "https://odihr-pl.zoom.us/meeting/register/tJlpcuyupzsrEter11QA7XNiVEyNuwMvkuRV"
    assert codes({"registration": address}) == [("warning", "other-account"), ("warning", "other-kind")]


def test_interpretation_into_what_the_conference_speaks_is_named() -> None:
    assert codes({"interpretation": ["en", "ru"]}) == [("warning", "interpretation")]


def test_a_code_that_is_no_language_is_an_error() -> None:
    assert codes({"interpretation": ["ua"]}) == [("error", "language")]


@pytest.mark.parametrize(
    "agenda",
    [
        [{"title": "Too early", "start": "17:00", "end": "18:30"}],
        [{"title": "Too long", "start": "18:00", "end": "19:30"}],
        [{"title": "First", "start": "18:00", "end": "18:30"}, {"title": "Within it", "start": "18:20"}],
    ],
)
def test_an_agenda_that_does_not_fit_its_session_is_named(agenda: list[dict[str, str]]) -> None:
    assert codes({"agenda": agenda}) == [("warning", "agenda")]


def test_an_agenda_may_leave_hours_out() -> None:
    assert codes({"agenda": [{"title": "Opening", "start": "18:00"}, {"title": "Debate"}, {"title": "End"}]}) == []


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("title", "An evening (18:00 CET)", ("title",)),
        ("notes", ["The first is right.", "It begins at 18:00 CET."], ("notes", 1)),
        ("printed", [{"where": "the page", "says": "18:00 CET"}], ("printed", 0)),
    ],
)
def test_a_zone_that_is_not_vienna_s_on_that_date_is_named_wherever_it_stands(
    field: str, value: object, place: tuple[str | int, ...]
) -> None:
    zones = [one.place for one in found({field: value}) if (one.severity, one.code) == ("warning", "printed-zone")]
    assert zones == [place]


def test_notes_and_assumptions_are_said_of_the_conference_and_of_its_sessions() -> None:
    said = found(
        {"notes": ["It is the third of its kind."], "assumed": [{"field": "zoom", "why": "No account is named."}]},
        notes=["The agenda is preliminary."],
        assumed=[{"field": "languages", "why": "No document names them."}],
    )
    assert [(one.severity, one.session, one.place, one.sentence) for one in said] == [
        ("warning", None, ("assumed", 0), "languages is assumed: No document names them."),
        ("note", None, ("notes", 0), "The agenda is preliminary."),
        ("warning", "evening", ("assumed", 0), "zoom is assumed: No account is named."),
        ("note", "evening", ("notes", 0), "It is the third of its kind."),
    ]


def test_a_form_must_ask_who_registers_and_for_what() -> None:
    form = {"source": "google-forms", "questions": [{"question": "E-mail", "field": "email"}]}
    assert codes(forms=[form]) == [("error", "form-incomplete"), ("error", "form-without-sessions")]
    names = [{"question": "Name", "field": "full_name"}, {"question": "E-mail", "field": "email"}]
    assert codes(forms=[{"source": "google-forms", "sessions": "all", "questions": names}]) == []


def test_an_overlap_is_noted_with_the_first_of_the_two() -> None:
    assert found({}, {"id": "later", "start": "18:30", "end": "19:30"}) == (
        Finding("note", "overlap", "It overlaps later: nobody can attend both.", "", "evening", ("start",)),
    )


def test_where_some_texts_are_translated_those_that_are_not_are_named() -> None:
    translated = {"translations": {"fr": {"title": "Une soirée"}}}
    said = found(
        translated, {"id": "noon", "date": "2021-06-15", "convenors": ["The Guild"]},
        theme="Lanterns", translations={"fr": {"title": "Une conférence"}},
    )  # fmt: skip
    remedy = "Add to `translations` under `fr:`; until then letters in French say it untranslated."
    assert said == (
        Finding("warning", "untranslated", "Other texts are in French too; here it lacks theme.", remedy, None,
                ("translations", "fr")),
        Finding("warning", "untranslated", "Other texts are in French too; here it lacks title, convenors.", remedy,
                "noon", ("translations", "fr")),
    )  # fmt: skip


def test_a_cancelled_session_needs_no_translation() -> None:
    translated = {"translations": {"fr": {"title": "Une soirée"}}}
    assert codes(translated, {"id": "gone", "cancelled": True}, translations={"fr": {"title": "Une conférence"}}) == [
        ("note", "cancelled")
    ]


def test_a_wrong_zone_in_a_translated_title_is_named() -> None:
    (said,) = found(
        {"translations": {"de": {"title": "Ein Abend (18.00 Uhr MEZ)"}}}, translations={"de": {"title": "Eine Tagung"}}
    )
    assert (said.code, said.place) == ("printed-zone", ("translations", "de", "title"))
