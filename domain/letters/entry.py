"""The calendar entry that travels with a letter: what the order says, in the calendar's terms."""

from dataclasses import dataclass

from domain.calendar.entry import Personal, Shared, write
from domain.calendar.lines import Gapped
from domain.discretion import discreet_title
from domain.letters.catalogues import Words
from domain.letters.model import CalendarPart, Order, organizer
from domain.letters.wording import Blanks, Draft
from domain.programme import said_in, session_in
from domain.times import session_period


@dataclass(frozen=True)
class EntryForm:
    """What the entries of all who get the same letter share. `elsewhere`: where to go without a link of one's own."""

    shared: Shared
    place: str | None
    elsewhere: str
    description: Gapped

    @classmethod
    def of(cls, order: Order, part: CalendarPart, description: Draft, words: Words) -> "EntryForm":
        """For the order's one visit."""
        (visit,) = order.visits
        conference, session = said_in(order.conference, words.language), session_in(visit.session, words.language)
        discreet, sender = order.person.visibility == "discreet", order.sender
        neutral, _ = discreet_title(order.conference, words, in_person=visit.attendance == "in-person")
        room = session.place or conference.place
        shared = Shared(
            method=part.method,
            period=session_period(visit.session, conference.time_zone),
            zone=conference.time_zone,
            summary=neutral if discreet else session.title or conference.title,
            organizer=organizer(sender),
            sent_by=sender.address if organizer(sender) != sender.address else None,
            private=discreet,
        )
        return cls(
            shared,
            room if visit.attendance == "in-person" else None,
            words.gettext("Online"),
            Gapped("DESCRIPTION", description.pieces),
        )

    def filled(self, order: Order, part: CalendarPart, address: str, blanks: Blanks) -> bytes:
        """The iCalendar object. `address` is the To address as written. Who comes goes to the room; for the others
        mail programs offer the link as a button."""
        link = order.visits[0].join_link if part.method == "REQUEST" else None
        personal = Personal(
            uid=part.uid,
            sequence=part.sequence,
            dtstamp=part.dtstamp,
            name=order.person.full_name,
            address=address,
            location=self.place or link or self.elsewhere,
            description=self.description.filled(blanks),
            url=link,
        )
        return write(self.shared, personal)
