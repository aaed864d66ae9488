"""The writing desk: from an order to a letter that is ready to send."""

from dataclasses import dataclass, replace
from pathlib import Path

from domain.letters import catalogues, wording
from domain.letters.catalogues import ENGLISH, Words
from domain.letters.encoded import Filling, body
from domain.letters.entry import EntryForm
from domain.letters.headers import carried_address
from domain.letters.mime import Head, TextPart, assemble
from domain.letters.model import Letter, Order, Person, organizer
from domain.letters.view import ANSWER, MUTE, PAGE, SALUTATION, Likeness, check_addresses, likeness, link_blank, view_of
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
        self._rooms = wording.rooms(templates, self._languages)
        self._forms: dict[Likeness, tuple[Form, object]] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that letters are written in (ISO 639); who asked for another gets English."""
        return tuple(self._languages)

    def write(self, order: Order) -> Letter:
        """The letter, the same bytes each time.

        Raises LetterError where none can be written; SessionNotConfirmed says why more precisely. Neither is cured by
        trying again.
        """
        words, order, address = self._understood(order)
        form, blanks = self._form(order, words), blanks_of(order, words)
        return Letter(
            subject=form.wording.subject,
            text=form.wording.text.filled(wording.for_text(blanks)),
            html=form.wording.html.filled(wording.for_html(blanks)),
            calendar=form.calendar(order, address, blanks),
            language=words.language,
            message=form.message(order, address, blanks),
        )

    def message(self, order: Order) -> bytes:
        """The letter's message alone, for whoever only sends it. Raises as `write` does."""
        words, order, address = self._understood(order)
        return self._form(order, words).message(order, address, blanks_of(order, words))

    def _understood(self, order: Order) -> tuple[Words, Order, str]:
        words = self._languages.get(order.person.language, self._languages[ENGLISH])
        address = carried_address(order.person.address)
        if order.calendar is not None and _writes_to_itself(order, address):
            order = replace(order, calendar=None)
        return words, order, address

    def _form(self, order: Order, words: Words) -> "Form":
        """The form of all letters that differ in nothing but what is filled in."""
        check_addresses(order)
        like = likeness(order, words)
        known = self._forms.get(like)
        if known is None:
            if len(self._forms) >= _DRAFTS:
                self._forms.pop(next(iter(self._forms)))
            form = Form.of(order, wording.render(self._rooms[words.language], view_of(order, words)), words)
            # What a likeness knows by its identity must live as long as it does.
            known = self._forms[like] = form, (order.conference, *(visit.session for visit in order.visits))
        return known[0]


@dataclass(frozen=True)
class Form:
    """A letter before it is anybody's: its words, its parts as mail carries them, and its calendar entry."""

    wording: Wording
    text: TextPart
    html: TextPart
    entry: EntryForm | None
    language: str

    @classmethod
    def of(cls, order: Order, rendered: Wording, words: Words) -> "Form":
        """From the words, with their blanks."""
        return cls(
            rendered,
            TextPart("plain", body(rendered.text.pieces)),
            TextPart("html", body(rendered.html.pieces)),
            EntryForm.of(order, order.calendar, rendered.description, words) if order.calendar else None,
            words.language,
        )

    def calendar(self, order: Order, address: str, blanks: Blanks) -> bytes | None:
        """The iCalendar object, where there is one."""
        if self.entry is None or order.calendar is None:
            return None
        return self.entry.filled(order, order.calendar, address, blanks)

    def message(self, order: Order, address: str, blanks: Blanks) -> bytes:
        """The mail to one person."""
        in_text, in_html = wording.for_text(blanks), wording.for_html(blanks)
        plain = {blank: Filling(value) for blank, value in in_text.items()}
        safe = {blank: plain[blank] if value == in_text[blank] else Filling(value) for blank, value in in_html.items()}
        head = _head(order, address, self.wording.subject, self.language)
        method = order.calendar.method if order.calendar else "REQUEST"
        text, html = self.text.filled(plain), self.html.filled(safe)
        return assemble(head, text, html, self.calendar(order, address, blanks), method)


def _writes_to_itself(order: Order, address: str) -> bool:
    """Whether the participant is the organiser's own mailbox, where Proton would take an invitation for its answer."""
    return address.casefold() == organizer(order.sender).casefold()


def blanks_of(order: Order, words: Words) -> Blanks:
    """What is filled in for one person."""
    links = {link_blank(place): visit.join_link for place, visit in enumerate(order.visits) if visit.join_link}
    own = {MUTE: order.mute, ANSWER: order.offer and order.offer.answer, PAGE: order.page}
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
