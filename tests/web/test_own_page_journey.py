"""Somebody with five sessions looks after them alone: what their letters say in the end is what is so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests.house import House
from tests.web.own import Home, a_home

FIVE = ["day-1", "survivor-voices", "day-2", "community-policing", "day-3"]


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Home]:
    with a_home(tmp_path, database_url) as one:
        yield one


def in_calendar(house: House) -> dict[str, tuple[str, int]]:
    """What a calendar shows that took every message in its order: title and SEQUENCE by UID."""
    shown: dict[str, Any] = {}
    for mail in house.mail:
        if mail.calendar is None:
            continue
        event = mail.event
        if str(mail.calendar["METHOD"]) == "CANCEL":
            shown.pop(str(event["UID"]), None)
        else:
            shown[str(event["UID"])] = event
    return {uid: (str(one["SUMMARY"]), int(str(one["SEQUENCE"]))) for uid, one in shown.items()}


def in_feed(home: Home, page: str) -> dict[str, tuple[str, int]]:
    calendar = Calendar.from_ical(home.door.get(home.feed(page)).content)
    return {str(one["UID"]): (str(one["SUMMARY"]), int(str(one["SEQUENCE"]))) for one in calendar.walk("VEVENT")}


def attended(home: Home, page: str) -> set[str]:
    return {session for session, place in home.places(page).items() if place[0] == "registered"}


def test_five_sessions_two_dropped_one_added_another_language_discreet_and_back(home: Home) -> None:
    page = home.register(sessions=FIVE)
    assert in_feed(home, page) == in_calendar(home.house)
    home.done(page, "withdraw", session="day-1")
    home.done(page, "withdraw", session="community-policing")
    home.done(page, "add", session="cedaw-gr38", attendance="online", interpretation="ru")
    assert attended(home, page) == {"survivor-voices", "day-2", "day-3", "cedaw-gr38"}
    assert in_feed(home, page) == in_calendar(home.house)
    assert len(in_feed(home, page)) == 4

    french = home.done(page, "prefer", language="fr", time_zone="Europe/Kyiv")
    assert french.one("h1").text == "Votre inscription"
    assert home.house.mail[-1].message["Content-Language"] == "fr"

    hidden = home.done(page, "prefer", language="fr", time_zone="Europe/Kyiv", visibility="discreet")
    assert "Survivor" not in hidden.source
    assert {title for title, _ in in_calendar(home.house).values()} == {"Réunion en ligne"}
    assert in_feed(home, page) == in_calendar(home.house)

    shown = home.undo(page, hidden)
    assert "Survivor" in shown.source
    assert "Réunion en ligne" not in {title for title, _ in in_calendar(home.house).values()}
    assert in_feed(home, page) == in_calendar(home.house)
    home.undo(page, shown)
    assert in_feed(home, page) == in_calendar(home.house)
    assert attended(home, page) == {"survivor-voices", "day-2", "day-3", "cedaw-gr38"}


def test_two_people_use_their_pages_at_once_and_each_changes_their_own(home: Home) -> None:
    one, other = home.register(sessions=FIVE), home.register(email="taras@mission.example.org", sessions=FIVE)
    home.done(one, "withdraw-all", sure="yes")
    assert (attended(home, one), attended(home, other)) == (set(), set(FIVE))
