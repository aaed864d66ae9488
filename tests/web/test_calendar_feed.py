"""`/cal/{token}.ics` and `/r/{token}/sessions.ics`: somebody's sessions, the same entries as in the invitations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from adapters.database.tables import ProgrammeRow, RegistrationRow
from tests.web.own import Home, a_home

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

TWO = ["survivor-voices", "day-1"]


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Home]:
    with a_home(tmp_path, database_url) as one:
        yield one


@pytest.fixture
def page(home: Home) -> str:
    return home.register(sessions=TWO)


def events(home: Home, address: str) -> dict[str, Any]:
    """The entries of a calendar by their UIDs."""
    answer = home.door.get(address)
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.content)
    assert calendar["METHOD"] == "PUBLISH"
    return {str(one["UID"]): one for one in calendar.walk("VEVENT")}


def version(event: Any) -> tuple[int, bytes]:
    """Which version of an entry it is."""
    return int(str(event["SEQUENCE"])), event["DTSTAMP"].to_ical()


def invited(home: Home) -> dict[str, Any]:
    return {str(mail.event["UID"]): mail.event for mail in home.house.mail if mail.calendar is not None}


SAME = ("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "SUMMARY", "DTSTART", "DTEND", "LOCATION", "URL", "CLASS",
        "STATUS", "TRANSP")  # fmt: skip


def test_its_entries_are_those_of_the_invitations_without_people(home: Home, page: str) -> None:
    letters = invited(home)
    for address in (home.feed(page), f"{page}/sessions.ics"):
        found = events(home, address)
        assert found.keys() == letters.keys()
        for uid, event in found.items():
            assert {name: event[name].to_ical() for name in SAME} == {
                name: letters[uid][name].to_ical() for name in SAME
            }  # fmt: skip
            assert "ATTENDEE" not in event
            assert "ORGANIZER" not in event
            assert "/r/" not in event["DESCRIPTION"]  # who reads a calendar changes nothing by it


def test_after_a_change_it_has_the_sequence_and_stamp_that_were_told(home: Home, page: str) -> None:
    home.done(page, "withdraw", session="day-1")
    home.done(page, "add", session="day-1")
    told, found = invited(home), events(home, home.feed(page))
    assert {uid: version(one) for uid, one in found.items()} == {uid: version(one) for uid, one in told.items()}
    assert max(version(one)[0] for one in found.values()) > 0


def test_what_was_withdrawn_from_or_waits_is_left_out(home: Home, page: str) -> None:
    home.done(page, "withdraw", session="day-1")
    (left,) = events(home, home.feed(page)).values()
    assert str(left["SUMMARY"]).startswith("Ensuring Survivor Voices")
    with home.house.toolbox.database.write() as session:
        for row in session.query(RegistrationRow).filter_by(session="survivor-voices"):
            row.state, row.link, row.sealed_join_link = "pending", "none", None
    assert events(home, home.feed(page)) == {}


def test_a_cancelled_session_is_crossed_out_in_the_feed_and_left_out_of_the_file(home: Home, page: str) -> None:
    toolbox = home.house.toolbox
    with toolbox.database.write() as session:
        in_force = toolbox.shelf.get(session, "alliance-2021")
        assert in_force is not None
        sessions = [one.model_copy(update={"cancelled": one.id == "day-1"}) for one in in_force.conference.sessions]
        changed = in_force.conference.model_copy(update={"sessions": tuple(sessions)})
        row = session.get_one(ProgrammeRow, "alliance-2021")
        row.document, row.version = changed.model_dump_json(), row.version + 1
    feed, file = events(home, home.feed(page)), events(home, f"{page}/sessions.ics")
    assert sorted(str(one["STATUS"]) for one in feed.values()) == ["CANCELLED", "CONFIRMED"]
    assert [str(one["STATUS"]) for one in file.values()] == ["CONFIRMED"]


def test_it_is_private_and_asks_to_be_fetched_each_hour(home: Home, page: str) -> None:
    answer = home.door.get(home.feed(page))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, private"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" in answer.text
    assert "VALARM" not in answer.text
    assert answer.text.count("BEGIN:VTIMEZONE") == 1
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))


def test_who_has_it_already_is_told_so_until_something_changes(home: Home, page: str) -> None:
    feed = home.feed(page)
    tag = home.door.get(feed).headers["etag"]
    assert home.door.get(feed, headers={"if-none-match": tag}).status_code == 304
    assert home.door.request("HEAD", feed).headers["etag"] == tag
    home.done(page, "withdraw", session="day-1")
    assert home.door.get(feed, headers={"if-none-match": tag}).status_code == 200


def test_the_file_is_to_be_kept_rings_and_says_nothing_by_its_name(home: Home, page: str) -> None:
    answer = home.door.get(f"{page}/sessions.ics")
    assert answer.headers["content-disposition"] == 'attachment; filename="sessions.ics"'
    assert answer.text.count("BEGIN:VALARM") == 2


def test_a_discreet_calendar_names_nothing(home: Home) -> None:
    page = home.register(visibility="discreet", sessions=TWO)
    for address in (home.feed(page), f"{page}/sessions.ics"):
        text = home.door.get(address).text
        assert not any(word in text for word in ("Survivor", "Alliance", "rafficking", "Day 1", "zoom.us"))
        assert text.count("SUMMARY:Online meeting") == 2
        assert "X-WR-CALNAME:Online meeting" in text


def test_another_address_ends_the_one_before_and_the_page_shows_it(home: Home, page: str) -> None:
    before = home.feed(page)
    shown = home.done(page, "renew-calendar", sure="yes")
    after = home.feed(page)
    assert before != after
    assert [home.door.get(one).status_code for one in (before, after)] == [404, 200]
    assert shown.one("code").text == f"http://127.0.0.1:8080{after}"


def test_it_leads_nowhere_a_month_after_the_last_day_nor_without_its_ending(home: Home, page: str) -> None:
    feed = home.feed(page)
    assert home.door.get(feed.removesuffix(".ics")).status_code == 404
    assert home.door.get(page.replace("/r/", "/cal/") + ".ics").status_code == 404
    home.house.at("2021-07-17T12:00:00+02:00")
    assert home.door.get(feed).status_code == 404
