"""The three real programmes: what they hold, and that the check names what their documents leave open."""

import re
from datetime import UTC, date, datetime, time

import pytest

from config.programmes import load_programme, load_programmes
from config.settings import ROOT
from domain.findings import findings
from domain.programme import dates, invitable, overlaps, registrable
from domain.times import Period, session_period
from schemas.programme import Conference, Session

FOLDER = ROOT / "config" / "conferences"
DOCUMENTATION = " ".join((ROOT / "docs" / "programmes.md").read_text(encoding="utf-8").split())
IDS = ("alliance-2021", "alliance-2023", "shdm-2022")
OFFICE = "Office of the OSCE Special Representative and Co-ordinator for Combating Trafficking in Human Beings"


def programme(name: str) -> Conference:
    return load_programme(FOLDER / f"{name}.yaml")


def session(name: str, session_id: str) -> Session:
    found = programme(name).session(session_id)
    assert found is not None
    return found


def named(name: str, code: str) -> list[str | None]:
    """The sessions of which the check says this."""
    return [one.session for one in findings(programme(name)) if one.code == code]


def test_the_folder_holds_the_three_programmes() -> None:
    assert tuple(load_programmes(FOLDER)) == IDS


@pytest.mark.parametrize("name", IDS)
def test_a_programme_has_no_errors(name: str) -> None:
    assert [one for one in findings(programme(name)) if one.severity == "error"] == []


@pytest.mark.parametrize("name", IDS)
def test_a_programme_begins_with_the_line_by_which_editors_find_its_schema(name: str) -> None:
    first, _, _ = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")
    schema = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert schema is not None
    assert (FOLDER / schema[1]).resolve() == ROOT / "schemas" / "conference.schema.json"


@pytest.mark.parametrize(
    ("session_id", "start", "end"),
    [
        ("protecting-children", datetime(2021, 6, 14, 16, tzinfo=UTC), datetime(2021, 6, 14, 17, tzinfo=UTC)),
        ("demand-research-launch", datetime(2021, 6, 15, 9, 30, tzinfo=UTC), datetime(2021, 6, 15, 11, tzinfo=UTC)),
        ("survivor-voices", datetime(2021, 6, 15, 16, tzinfo=UTC), datetime(2021, 6, 15, 17, 30, tzinfo=UTC)),
        ("cedaw-gr38", datetime(2021, 6, 16, 9, tzinfo=UTC), datetime(2021, 6, 16, 10, 30, tzinfo=UTC)),
        ("community-policing", datetime(2021, 6, 16, 9, 30, tzinfo=UTC), datetime(2021, 6, 16, 11, tzinfo=UTC)),
        ("criminalising-knowing-use", datetime(2021, 6, 16, 9, 30, tzinfo=UTC), datetime(2021, 6, 16, 11, tzinfo=UTC)),
        ("day-1", datetime(2021, 6, 14, 12, tzinfo=UTC), datetime(2021, 6, 14, 15, 30, tzinfo=UTC)),
        ("day-2", datetime(2021, 6, 15, 12, tzinfo=UTC), datetime(2021, 6, 15, 15, 30, tzinfo=UTC)),
        ("day-3", datetime(2021, 6, 16, 12, tzinfo=UTC), datetime(2021, 6, 16, 14, 30, tzinfo=UTC)),
    ],
)
def test_every_session_of_2021_is_at_its_instant(session_id: str, start: datetime, end: datetime) -> None:
    assert session_period(session("alliance-2021", session_id), "Europe/Vienna") == Period(start, end)


def test_every_session_of_2021_can_be_told_about() -> None:
    assert all(map(invitable, programme("alliance-2021").sessions))


def test_the_sessions_of_2021_come_in_order_of_time() -> None:
    assert [one.id for one in registrable(programme("alliance-2021"))] == [
        "day-1", "protecting-children", "demand-research-launch", "day-2", "survivor-voices", "cedaw-gr38",
        "community-policing", "criminalising-knowing-use", "day-3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("session_id", "account", "kind", "languages", "interpretation", "address"),
    [
        ("protecting-children", "osce-org", "webinar", ("en",), (), "/WN_EJdsYUi1TqWG8mjwc-qkBg"),
        ("demand-research-launch", "osce-org", "webinar", ("en",), ("ru",), "/WN_3vcw1qptQMKNtCSIRFSCAw"),
        ("survivor-voices", "odihr-pl", "webinar", ("en",), ("ru", "es"), "/WN_kcY-3nABQ6a5tI2WSPI7rQ"),
        ("cedaw-gr38", "osce-org", "meeting", ("en",), ("ru",), "/tJlpcuyupzsrEter11QA7XNiVEyNuwMvkuRV"),
        ("community-policing", "odihr-pl", "webinar", ("en",), ("fr", "ru", "es"), "/WN_XHqK-B78TwKosv2Bba03kw"),
        ("criminalising-knowing-use", "osce-org", "webinar", ("en",), (), "CwPi7pi_g/viewform"),
    ],
)
def test_every_side_event_of_2021_has_its_account_languages_and_address(
    session_id: str, account: str, kind: str, languages: tuple[str], interpretation: tuple[str], address: str
) -> None:
    found = session("alliance-2021", session_id)
    assert found.zoom is not None
    assert (found.format, found.zoom.account, found.zoom.kind) == ("online", account, kind)
    assert (found.languages, found.interpretation) == (languages, interpretation)
    assert str(found.registration).endswith(address)


def test_the_days_of_2021_are_in_the_hofburg_and_on_zoom_with_panels_and_breaks_inside() -> None:
    day = session("alliance-2021", "day-2")
    assert (day.kind, day.format, day.place) == ("conference-day", "hybrid", "Hofburg, Vienna, Austria")
    assert (day.in_person_for, day.convenors) == ("Vienna-based delegations and OSCE staff", (OFFICE,))
    assert [(one.kind, one.start, one.end) for one in day.agenda] == [
        ("statement", time(14), time(14, 5)),
        ("panel", time(14, 5), time(15, 35)),
        ("break", time(15, 35), time(16)),
        ("panel", time(16), time(17, 30)),
    ]


def test_the_overlaps_of_2021_are_the_three_pairs_of_wednesday_morning() -> None:
    conference = programme("alliance-2021")
    pairs = [(one.first.id, one.second.id, one.certain) for one in overlaps(conference.sessions, conference.time_zone)]
    assert pairs == [
        ("cedaw-gr38", "community-policing", True),
        ("cedaw-gr38", "criminalising-knowing-use", True),
        ("community-policing", "criminalising-knowing-use", True),
    ]


def test_nothing_overlaps_in_2022() -> None:
    conference = programme("shdm-2022")
    assert overlaps(conference.sessions, conference.time_zone) == ()


def test_the_side_events_of_2023_would_overlap_in_two_pairs_whichever_day_it_was() -> None:
    conference = programme("alliance-2023")
    pairs = [(one.first.id, one.second.id, one.certain) for one in overlaps(conference.sessions, conference.time_zone)]
    assert pairs == [("social-path", "non-punishment", False), ("womens-leadership", "victim-navigator", False)]


def test_the_check_names_cet_in_june_for_every_side_event_of_2021() -> None:
    assert named("alliance-2021", "printed-zone") == [
        "protecting-children", "demand-research-launch", "survivor-voices", "cedaw-gr38", "community-policing",
        "criminalising-knowing-use",
    ]  # fmt: skip


def test_the_check_names_what_is_assumed_about_2021() -> None:
    found = [(one.session, one.sentence.partition(" ")[0]) for one in findings(programme("alliance-2021"))
             if one.code == "assumed"]  # fmt: skip
    assert found == [
        (None, "admission"), (None, "languages"), (None, "time_zone"), ("day-1", "title"), ("day-1", "zoom"),
        ("day-2", "title"), ("day-2", "zoom"), ("survivor-voices", "languages"), ("community-policing", "languages"),
        ("criminalising-knowing-use", "zoom"), ("day-3", "title"), ("day-3", "zoom"),
    ]  # fmt: skip


def test_the_check_names_the_slots_of_2022_and_no_invitation_goes_out_for_them() -> None:
    slots: list[str | None] = ["side-event-1", "side-event-2", "side-event-3"]
    assert named("shdm-2022", "no-title") == slots
    assert named("shdm-2022", "unconfirmed") == slots
    assert [one.id for one in programme("shdm-2022").sessions if not invitable(one)] == slots


def test_the_check_names_both_dates_of_everything_in_2023_and_no_invitation_goes_out() -> None:
    conference = programme("alliance-2023")
    assert named("alliance-2023", "alternative-dates") == [one.id for one in conference.sessions]
    assert {dates(one) for one in conference.sessions} == {(date(2023, 4, 18), date(2023, 4, 19))}
    assert not any(map(invitable, conference.sessions))


def test_both_dates_of_a_side_event_in_2023_are_said_with_where_they_stand() -> None:
    (sentence,) = [
        one.sentence for one in findings(programme("alliance-2023"))
        if (one.session, one.code) == ("social-path", "alternative-dates")
    ]  # fmt: skip
    assert sentence == (
        "Its date is open: Tuesday, 18 April 2023 or Wednesday, 19 April 2023. Printed: the list of side events: "
        "“Tuesday, 18 April 2023, 13:00 - 14:00”; the event's page: “19 April 2023”."
    )


@pytest.mark.parametrize(
    ("name", "session_id", "words"),
    [
        ("alliance-2021", "criminalising-knowing-use", "vi_ewform"),
        ("alliance-2021", "criminalising-knowing-use", "knowingly use"),
        ("alliance-2021", "survivor-voices", "full stop"),
        ("alliance-2021", "survivor-voices", "Viennatime"),
        ("alliance-2021", "cedaw-gr38", "Zoom meeting"),
        ("alliance-2021", "cedaw-gr38", "OSCE Secretariat Gender Issues Programme"),
        ("alliance-2021", "community-policing", "TNTD/SPMU"),
        ("alliance-2021", None, "limited in-person component"),
        ("alliance-2021", None, "preliminary"),
        ("shdm-2022", "closing", "Rapports"),
        ("shdm-2022", None, "9.00"),
        ("alliance-2023", None, "23nd"),
        ("alliance-2023", "panel-1", "Discus"),
        ("alliance-2023", "non-punishment", "Justice & Care"),
    ],
)
def test_a_misprint_is_a_note_and_stands_in_the_documentation(name: str, session_id: str | None, words: str) -> None:
    notes = [one.sentence for one in findings(programme(name)) if one.code == "note" and one.session == session_id]
    assert any(words in note for note in notes)
    assert words in DOCUMENTATION
