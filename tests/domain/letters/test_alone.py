"""A letter made from a form that many share says what it would say if it had been written for its reader alone, by the
libraries: Jinja with everything at hand, and the standard library's and icalendar's readers for what has been sent."""

from dataclasses import fields, is_dataclass, replace
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from html import unescape
from typing import Any, TypeVar, cast

import pytest
from icalendar import Calendar

from domain.letters import catalogues, wording
from domain.letters.desk import blanks_of
from domain.letters.model import CalendarPart, Order, Visit
from domain.letters.view import view_of
from domain.letters.wording import Blanks, Wording
from tests.domain.letters.samples import ANSWER, DESK, LOCALE, MUTE, PAGE, TEMPLATES, every_order, person

LANGUAGES = catalogues.load(LOCALE)
ROOMS = {language: wording.environment(TEMPLATES, words) for language, words in LANGUAGES.items()}
FORGED = (
    'Olga "Olya" Петренко-Ščerbićová & <b>Söhne</b>, Secretary of the Guild <second@example.org>, third@example.org;'
)
"""Long enough to be folded, and full of what means something in a header, in HTML and in a calendar."""
OTHER = person(participant_id="par_2", full_name="Somebody Else", address="else@ngo.example.org")

Any_ = TypeVar("Any_")


def alone(order: Order) -> Wording:
    """The words, rendered with the reader's own in their places: no blanks, nothing shared."""
    words = LANGUAGES[order.person.language]
    return wording.render(ROOMS[words.language], _written_in(view_of(order, words), blanks_of(order, words)))


def _written_in(value: Any_, blanks: Blanks) -> Any_:
    if isinstance(value, str):
        return cast("Any_", blanks.get(value, value))
    if isinstance(value, tuple) and type(value) is tuple:
        return cast("Any_", tuple(_written_in(one, blanks) for one in value))
    if is_dataclass(value) and not isinstance(value, type):
        said = {one.name: getattr(value, one.name) for one in fields(value)}
        return cast("Any_", replace(value, **{name: _written_in(one, blanks) for name, one in said.items()}))
    return value


def somebody_elses(order: Order) -> Order:
    """A letter of the same form, with another's name, address and links in it."""

    def other(visit: Visit) -> Visit:
        return replace(visit, join_link=visit.join_link and f"{visit.join_link}-other")

    reader = order.person
    return replace(
        order,
        person=replace(OTHER, language=reader.language, time_zone=reader.time_zone, visibility=reader.visibility),
        visits=tuple(map(other, order.visits)),
        overlaps=tuple((other(one), other(two)) for one, two in order.overlaps),
        offer=order.offer and replace(order.offer, answer=f"{ANSWER}-other"),
        message_id="<let_2@harbour.example.org>",
        mute=order.mute and f"{MUTE}-other",
        page=order.page and f"{PAGE}-other",
        calendar=order.calendar and replace(order.calendar, sequence=7),
    )


def read(order: Order) -> tuple[EmailMessage, dict[str, Any]]:
    """The message as a reader finds it, and its parts by their types; written when its form was known already."""
    DESK.message(somebody_elses(order))
    message = message_from_bytes(DESK.message(order), policy=policy.default)
    return message, {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}


def in_words(text: str) -> list[str]:
    return text.split()


CASES = [(name, language) for name in every_order() for language in LANGUAGES]


@pytest.mark.parametrize(("name", "language"), CASES)
def test_a_shared_form_says_what_would_have_been_written_for_the_reader_alone(name: str, language: str) -> None:
    order = every_order(person=person(full_name=FORGED, language=language))[name]
    message, parts = read(order)
    wanted = alone(order)
    assert in_words(parts["text/plain"]) == in_words("".join(wanted.text.pieces))
    assert unescape(parts["text/html"]).splitlines() == unescape("".join(wanted.html.pieces)).splitlines()
    assert message["Subject"] == wanted.subject
    assert (message["Message-ID"], message["Content-Language"]) == (order.message_id, language)
    assert message["Date"].datetime == order.date.replace(microsecond=0)
    assert message["List-Unsubscribe"] == (order.mute and f"<{order.mute}>")
    if order.calendar is None:
        assert "text/calendar" not in parts
    else:
        _check_entry(parts, order, order.calendar, "".join(wanted.description.pieces))


def _check_entry(parts: dict[str, Any], order: Order, calendar: CalendarPart, description: str) -> None:
    assert parts["application/ics"].decode().splitlines() == parts["text/calendar"].splitlines()
    event: Any
    (event,) = Calendar.from_ical(parts["application/ics"]).walk("VEVENT")
    assert event["DESCRIPTION"] == description
    assert (event["UID"], event["SEQUENCE"], event["DTSTAMP"].dt) == (calendar.uid, calendar.sequence, calendar.dtstamp)
    assert event["ATTENDEE"] == f"mailto:{order.person.address}"
    assert event.get("URL") == (order.visits[0].join_link if calendar.method == "REQUEST" else None)


@pytest.mark.parametrize(("name", "language"), CASES)
def test_a_name_is_one_mailbox_and_no_second_whatever_it_says(name: str, language: str) -> None:
    """The email library's own folding makes of such a name two addresses more."""
    order = every_order(person=person(full_name=FORGED, language=language))[name]
    (to,) = read(order)[0].get_all("To", [])
    assert isinstance(to, AddressHeader)
    ((display, address),) = [(one.display_name, one.addr_spec) for one in to.addresses]
    assert address == order.person.address
    assert in_words(display) == in_words(order.person.full_name)
