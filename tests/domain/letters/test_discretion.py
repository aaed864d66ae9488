"""Discreet letters give nothing away: not in a list of mails, not on a lock screen, not in a shared calendar (P2)."""

from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any

import pytest
from icalendar import Calendar

from domain.letters.model import Letter, Order
from tests.domain.letters.samples import (
    CONFERENCE,
    DESK,
    EVERYTHING_ELSE,
    FOLLOWS,
    LINK,
    SENDER,
    every_order,
    order,
    person,
    visit,
)

DISCREET = person(visibility="discreet")
TELLING: dict[str, Any] = {"contact": "Mira Vogt, Lighthouse Alliance, desk@alliance.example.org"}
ORDERS = every_order(person=DISCREET, **TELLING) | {
    f"{name}, in Russian": one for name, one in every_order(person=replace(DISCREET, language="ru"), **TELLING).items()
}
GIVEAWAYS = (
    CONFERENCE.title,
    "Harbour Conference",
    *(one.title for one in CONFERENCE.sessions if one.title),
    "Lanterns",
    "Lighthouse Keepers",
    "Guild of Pilots",
    "delegations",
    "simultaneous",
    EVERYTHING_ELSE["title"],
    SENDER.name,
    "https://harbour.example.org/privacy",
    CONFERENCE.id,
    "Mira Vogt",
    "alliance",
)
every_order_there_is = pytest.mark.parametrize("written", ORDERS.values(), ids=ORDERS.keys())


def everything_in(letter: Letter) -> str:
    """All that a mail program could show: headers and parts, decoded."""
    message = message_from_bytes(letter.message, policy=policy.default)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return "\n".join([headers, *(part.decode().replace("\r\n ", "") for part in parts if isinstance(part, bytes))])


def event(written: Order) -> Any:
    (found,) = Calendar.from_ical(DESK.write(written).calendar or b"").walk("VEVENT")
    return found


@every_order_there_is
def test_nothing_in_a_discreet_letter_names_the_conference_a_session_or_who_convenes(written: Order) -> None:
    shown = everything_in(DESK.write(written))
    assert [one for one in GIVEAWAYS if one.casefold() in shown.casefold()] == []


@every_order_there_is
def test_the_senders_name_is_left_out(written: Order) -> None:
    assert b"\r\nFrom: secretariat@harbour.example.org\r\n" in b"\r\n" + DESK.write(written).message


def test_who_comes_to_a_room_is_not_sent_to_a_screen_by_the_neutral_title() -> None:
    written = order("invitation", visit(attendance="in-person"), person=DISCREET)
    assert event(written)["SUMMARY"] == "Meeting"
    assert DESK.write(written).subject.startswith("Invitation: Meeting (")


def test_questions_go_to_the_mailbox_that_answers_go_to_anyway() -> None:
    apart = replace(SENDER, reply_to="answers@harbour.example.org")
    assert "please write to:\nsecretariat@harbour.example.org\n" in DESK.write(order(person=DISCREET)).text
    assert "please write to:\nanswers@harbour.example.org\n" in DESK.write(order(person=DISCREET, sender=apart)).text
    assert event(order(person=DISCREET, sender=apart))["DESCRIPTION"].endswith("\n\nanswers@harbour.example.org")


def test_times_and_link_are_left() -> None:
    letter = DESK.write(order(person=DISCREET))
    said = " ".join(letter.text.split())
    assert letter.subject == "Invitation: Online meeting (Monday, 14 June 2021, 18:00 Vienna time · 12:00 New York)"
    for fact in ("18:00–19:00 Vienna time (CEST, UTC+2)", "12:00–13:00 New York (UTC−4)", LINK):
        assert fact in said


def test_who_comes_is_told_where_and_who_does_not_is_not() -> None:
    assert (
        "Room 3" in DESK.write(order("invitation", visit("night-watch", attendance="in-person"), person=DISCREET)).text
    )
    assert "Room 3" not in everything_in(DESK.write(order("invitation", visit("night-watch"), person=DISCREET)))


HOURS = "Monday, 14 June 2021\n18:00–19:00 Vienna time (CEST, UTC+2)\n12:00–13:00 New York (UTC−4)\n\n"
"""Some mail programs show DESCRIPTION in place of the letter (rule 6 of the calendar's). It says what DTSTART says."""


def test_the_entry_is_private_has_the_neutral_title_and_only_hours_link_and_mailbox() -> None:
    """P2, and rule 29 of the calendar's."""
    entry = event(order(person=DISCREET))
    assert (entry["SUMMARY"], entry["CLASS"]) == ("Online meeting", "PRIVATE")
    assert entry["DESCRIPTION"] == (
        f"{HOURS}Please join from your personal page. Its button to Zoom appears fifteen minutes before "
        "the start. The page is for you alone: please do not pass its address on.\n\n"
        f"{LINK}\n\nsecretariat@harbour.example.org"
    )
    (alarm,) = entry.walk("VALARM")
    assert alarm["DESCRIPTION"] == "Online meeting"
    assert b"LANGUAGE" not in (DESK.write(order(person=DISCREET)).calendar or b"")


def test_an_entry_whose_link_follows_says_only_that() -> None:
    entry = event(order("invitation", visit(**FOLLOWS), person=DISCREET))
    assert entry["LOCATION"] == "Online"
    assert entry["DESCRIPTION"] == (
        f"{HOURS}Your personal link for joining will follow by email before the session.\n\n{SENDER.address}"
    )


def test_the_neutral_title_is_the_conferences_own() -> None:
    quiet = CONFERENCE.model_copy(update={"discreet_title": "Working call"})
    assert DESK.write(order(person=DISCREET, conference=quiet)).subject.startswith("Invitation: Working call (")
    assert event(order(person=DISCREET, conference=quiet))["SUMMARY"] == "Working call"


def test_switching_to_discreet_replaces_the_entry_that_is_there() -> None:
    """P3: the same UID, so that the open title disappears from the calendar."""
    assert event(order(person=DISCREET))["UID"] == event(order())["UID"]
