"""One person's sessions as a calendar that is published: to be subscribed to, or downloaded (RFC 5546, 3.2.1).

Entries have the UID, SEQUENCE and DTSTAMP of the invitations, and their words: where both come to one calendar that
goes by the UID, they are one.
"""

from collections.abc import Iterable
from pathlib import Path

from domain.calendar import publication
from domain.calendar.publication import Entry, Heading
from domain.letters import catalogues, wording
from domain.letters.catalogues import ENGLISH
from domain.letters.desk import blanks_of
from domain.letters.entry import EntryForm
from domain.letters.model import LetterError, Order
from domain.letters.view import check_addresses, view_of


class Publisher:
    """Writes calendars. Make one per process: it keeps templates and catalogues. Threads may share it."""

    def __init__(self, templates: Path, locale: Path) -> None:
        """As the writing desk's (`domain.letters.desk`)."""
        self._languages = catalogues.load(locale)
        self._rooms = wording.rooms(templates, self._languages)

    def write(self, heading: Heading, orders: Iterable[Order]) -> bytes:
        """The iCalendar object with an entry for each order: invitations, and cancellations.

        Raises:
            LetterError: where an order has no calendar part, or none can be written from it.
        """
        return publication.write(heading, [self._entry(one) for one in orders])

    def _entry(self, order: Order) -> Entry:
        part, words = order.calendar, self._languages.get(order.person.language, self._languages[ENGLISH])
        if part is None:
            raise LetterError("what is published has a calendar part")
        check_addresses(order)
        described = wording.describe(self._rooms[words.language], view_of(order, words))
        form = EntryForm.of(order, part, described, words)
        link = order.visits[0].join_link if part.method == "REQUEST" else None
        return Entry(
            shared=form.shared, uid=part.uid, sequence=part.sequence, dtstamp=part.dtstamp,
            location=form.place or link or form.elsewhere,
            description=form.description.filled(blanks_of(order, words)), url=link,
        )  # fmt: skip
