"""The writing desk: from an order to a letter that is ready to send."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from domain.letters import catalogues, mime, wording
from domain.letters.catalogues import ENGLISH, Words
from domain.letters.entry import entry, organizer
from domain.letters.headers import carried_address
from domain.letters.mime import Head
from domain.letters.model import Letter, Order, Person
from domain.letters.view import ANSWER, MUTE, SALUTATION, View, link_blank, view_of
from domain.letters.wording import Blanks, Wording

_DRAFTS = 1024
"""Drafts that are remembered, at some 20 KB each, in Cyrillic twice that. They hold nothing personal."""

_EXCELLENCIES = frozenset(
    {
        "excellency", "hisexcellency", "herexcellency", "yourexcellency", "h.e.", "h.e",
        "exzellenz", "seineexzellenz", "ihreexzellenz", "s.e.", "i.e.",
        "excellence", "sonexcellence", "s.e.m.", "s.e.mme", "s.exc.",
        "eccellenza", "suaeccellenza", "excelencia", "suexcelencia",
        "превосходительство", "вашепревосходительство", "егопревосходительство", "еёпревосходительство",
        "еепревосходительство", "е.п.",
    }
)  # fmt: skip
"""The rank as people write it into a form's field for titles. Nothing else makes anybody an excellency."""


class Desk:
    """Writes letters. Make one per process: it keeps templates, catalogues and drafts. Threads may share it."""

    def __init__(self, templates: Path, locale: Path) -> None:
        """`templates`: the folder with `_base/` and a folder per kind of letter. `locale`: the catalogues' folder."""
        self._languages = catalogues.load(locale)
        self._rooms = {language: wording.environment(templates, words) for language, words in self._languages.items()}
        self._drafted = lru_cache(maxsize=_DRAFTS)(self._draft)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that letters are written in (ISO 639); who asked for another gets English."""
        return tuple(self._languages)

    def write(self, order: Order) -> Letter:
        """The letter, the same bytes each time.

        Raises LetterError where none can be written; SessionNotConfirmed says why more precisely. Neither is cured by
        trying again.
        """
        words = self._languages.get(order.person.language, self._languages[ENGLISH])
        address = carried_address(order.person.address)
        if _writes_to_itself(order, address):
            order = replace(order, calendar=None)
        drafted = self._drafted(view_of(order, words))
        blanks = _blanks(order, words)
        text = drafted.text.filled(wording.for_text(blanks))
        html = drafted.html.filled(wording.for_html(blanks))
        part, calendar = order.calendar, None
        if part is not None:
            calendar = entry(order, part, address, drafted.description.filled(blanks), words)
        head = _head(order, address, drafted.subject, words.language)
        message = mime.compose(head, text, html, calendar, part.method if part else "REQUEST")
        return Letter(drafted.subject, text, html, calendar, words.language, message)

    def _draft(self, view: View) -> Wording:
        return wording.render(self._rooms[view.language], view)


def _writes_to_itself(order: Order, address: str) -> bool:
    """Whether the participant is the organiser's own mailbox, where Proton would take an invitation for its answer."""
    return address.casefold() == organizer(order.sender).casefold()


def _blanks(order: Order, words: Words) -> Blanks:
    links = {link_blank(place): visit.join_link for place, visit in enumerate(order.visits) if visit.join_link}
    own = {MUTE: order.mute, ANSWER: order.offer and order.offer.answer}
    return {SALUTATION: _salutation(order.person, words), **links, **{one: said for one, said in own.items() if said}}


def _salutation(person: Person, words: Words) -> str:
    if person.title and "".join(person.title.casefold().split()) in _EXCELLENCIES:
        return words.pgettext("salutation", "Excellency,")
    if not person.full_name.strip():
        # Translators: to somebody whose name is not known
        return words.pgettext("salutation", "Dear participant,")
    name = f"{person.title} {person.full_name}" if person.title else person.full_name
    return words.pgettext("salutation", "Dear %(name)s,") % {"name": name}


def _head(order: Order, address: str, subject: str, language: str) -> Head:
    discreet = order.person.visibility == "discreet"
    return Head(
        from_name=None if discreet else order.sender.name,
        from_address=order.sender.address,
        to_name=order.person.full_name,
        to_address=address,
        reply_to=order.sender.reply_to,
        subject=subject,
        date=order.date,
        message_id=order.message_id,
        language=language,
        mute=order.mute,
    )
