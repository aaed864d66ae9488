"""The calendar entry that travels with a letter: what the order says, in the calendar's terms."""

from domain.calendar.entry import Personal, Shared, write
from domain.discretion import discreet_title
from domain.letters.catalogues import Words
from domain.letters.model import CalendarPart, Order, Sender
from domain.programme import said_in, session_in
from domain.times import session_period
from schemas.registration import Attendance


def entry(order: Order, part: CalendarPart, address: str, description: str, words: Words) -> bytes:
    """The iCalendar object for the order's one visit. `address` is the To address as written."""
    (visit,), person = order.visits, order.person
    conference, session = said_in(order.conference, words.language), session_in(visit.session, words.language)
    discreet, link = person.visibility == "discreet", visit.join_link if part.method == "REQUEST" else None
    neutral, _ = discreet_title(order.conference, words, in_person=visit.attendance == "in-person")
    shared = Shared(
        method=part.method,
        period=session_period(visit.session, conference.time_zone),
        zone=conference.time_zone,
        summary=neutral if discreet else session.title or conference.title,
        organizer=organizer(order.sender),
        sent_by=order.sender.address if organizer(order.sender) != order.sender.address else None,
        private=discreet,
    )
    personal = Personal(
        uid=part.uid,
        sequence=part.sequence,
        dtstamp=part.dtstamp,
        name=person.full_name,
        address=address,
        location=_location(visit.attendance, session.place or conference.place, link) or words.gettext("Online"),
        description=description,
        url=link,
    )
    return write(shared, personal)


def organizer(sender: Sender) -> str:
    """The mailbox that answers to invitations go to, whatever Reply-To says: it must be one that people read."""
    return sender.reply_to or sender.address


def _location(attendance: Attendance, room: str | None, link: str | None) -> str | None:
    """Where to go: the room for those who come, else the link, which mail programs then offer as a button."""
    return room if attendance == "in-person" and room else link
