"""A further language is a catalogue and nothing else; and the catalogues' template holds every sentence (L1, L2)."""

import re
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from icalendar import Calendar

from domain.letters.catalogues import load
from domain.letters.desk import Desk
from domain.letters.model import Letter
from tests.catalogues import extracted
from tests.domain.letters.samples import LOCALE, TEMPLATES, every_order, order, person, visit

ALPHABET = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "абцдефгхийклмнопярстувшжызАБЦДЕФГХИЙКЛМНОПЯРСТУВШЖЫЗ"
)
PLACEHOLDER = re.compile(r"(%\(\w+\)s)")


def template() -> Catalog:
    return read_po(BytesIO((LOCALE / "messages.pot").read_bytes()))


def translated(message: str) -> str:
    """The sentence in Cyrillic letters and a third longer, its placeholders as they were."""
    pieces = PLACEHOLDER.split(message)
    pieces[0::2] = [piece.translate(ALPHABET) for piece in pieces[0::2]]
    return "".join(pieces) + " ы" * (len(message) // 6)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk that writes in a made-up Russian, from a catalogue such as a translator would hand in."""
    catalogue = Catalog(locale="ru")
    for message in template():
        if not message.id:
            continue
        forms = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = tuple(f"{translated(form)}" for form in (*forms, *forms[-1:]))
        catalogue.add(message.id, strings if len(forms) > 1 else strings[0], context=message.context)
    locale: Path = tmp_path_factory.mktemp("locale")
    (locale / "ru" / "LC_MESSAGES").mkdir(parents=True)
    with (locale / "ru" / "LC_MESSAGES" / "messages.po").open("wb") as file:
        write_po(file, catalogue)
    return Desk(TEMPLATES, locale)


def described(letter: Letter) -> str:
    """DESCRIPTION and LOCATION of the letter's calendar entry."""
    events = Calendar.from_ical(letter.calendar).walk("VEVENT") if letter.calendar else []
    return "".join(f"{one['DESCRIPTION']} {one['LOCATION']}" for one in events)


def test_the_template_holds_every_sentence_of_the_letters_and_no_other() -> None:
    """Where this fails, run the command that stands in locale/babel.cfg."""
    assert {(one.context, one.id) for one in template() if one.id} == extracted("babel.cfg")


def test_a_catalogue_makes_a_language(desk: Desk) -> None:
    assert desk.languages == ("en", "ru")
    letter = desk.write(order("invitation", visit("two-shores", interpretation="ru"), person=person(language="ru")))
    assert letter.language == "ru"
    assert b"\r\nContent-Language: ru\r\n" in letter.message
    assert '<html lang="ru" dir="ltr" ' in letter.html
    for words in ("вторник, 15 июня 2021 г.", "Нью-Йорк", "русский", "французский"):
        assert words in " ".join(letter.text.split())


@pytest.mark.parametrize("name", every_order())
def test_no_sentence_of_a_letter_stays_untranslated(desk: Desk, name: str) -> None:
    letter = desk.write(every_order(person=person(language="ru"))[name])
    message = message_from_bytes(letter.message, policy=policy.default)
    assert message["Subject"] == letter.subject
    for words in (
        "Dear", "session", "personal", "appears", "please", "Please", "Where", "Languages", "Vienna", "regards",
        "Invitation",
    ):  # fmt: skip
        for said in (letter.subject, letter.text, letter.html, described(letter)):
            assert words not in said
    for line in letter.text.splitlines():
        assert len(line) <= 76 or line.startswith("https://")


def test_a_russian_letter_weighs_far_less_than_gmail_clips(desk: Desk) -> None:
    """D11."""
    assert max(len(desk.write(one).message) for one in every_order(person=person(language="ru")).values()) < 60_000


def test_three_languages_are_listed_as_the_osce_lists_them() -> None:
    assert load(LOCALE)["en"].language_names(("fr", "ru", "es")) == "French, Russian and Spanish"
    assert load(LOCALE)["en"].language_names(("en", "xx")) == "English and xx"


def test_each_language_is_written_by_the_same_desk(desk: Desk) -> None:
    assert desk.write(order()).text.startswith("Dear Olga Petrenko,")
    assert desk.write(order(person=person(language="ru"))).text.startswith("Деар Olga Petrenko,")
