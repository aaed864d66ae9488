"""A further language is a catalogue and nothing else; and in the pseudo-language nothing of ours stays English (L1)."""

import re
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path

import pytest
from icalendar import Calendar

from domain.discretion import discreet_title
from domain.letters.catalogues import load
from domain.letters.desk import Desk
from domain.letters.model import Letter
from domain.letters.pseudo import PSEUDO, pseudo, pseudo_catalogue
from tests.domain.letters.samples import CONFERENCE, DESK, LOCALE, TEMPLATES, every_order, order, person, visit

GIVEN = re.compile(r"https?://\S+|\S+@\S+|\b(CES?T|UTC|Petrenko|Olga)\b")
"""What is in Latin letters and not ours to translate: addresses, zones, a name."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk that writes the pseudo-language, from a catalogue such as a translator would hand in."""
    locale: Path = tmp_path_factory.mktemp("locale")
    file = locale / PSEUDO / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    file.write_bytes(pseudo_catalogue((LOCALE / "messages.pot").read_bytes()))
    return Desk(TEMPLATES, locale)


def entry(letter: Letter) -> dict[str, str]:
    """What people read in the letter's calendar entry."""
    events = Calendar.from_ical(letter.calendar).walk("VEVENT") if letter.calendar else []
    return {name: str(one[name]) for one in events for name in ("SUMMARY", "DESCRIPTION", "LOCATION") if name in one}


def read_aloud(html: str) -> str:
    """The words of a page, with those of its attributes that are read out."""
    shown = re.sub(r"<(style|head)\b.*?</\1>|<!--.*?-->", " ", html, flags=re.DOTALL)
    spoken = re.findall(r'(?:alt|title|aria-label)="([^"]*)"', shown)
    return unescape(" ".join([re.sub(r"<[^>]*>", " ", shown), *spoken]))


def ours(said: str, given: list[str]) -> list[str]:
    """The English words in a text that stand outside brackets and are none of the programme's own."""
    said = " ".join(said.split())
    for text in given:
        said = said.replace(text, " ")
    while (less := re.sub(r"\[[^\[\]]*\]", " ", said)) != said:
        said = less
    return re.findall(r"[A-Za-z]{2,}", GIVEN.sub(" ", said))


def programme() -> list[str]:
    """All texts of the programme, the longest first."""
    own = [CONFERENCE.title, CONFERENCE.place, CONFERENCE.in_person_for, "Harbour Conference Secretariat"]
    for one in CONFERENCE.sessions:
        own += [one.title, one.place, one.in_person_for, *one.convenors]
    return sorted(filter(None, own), key=len, reverse=True)


def test_a_catalogue_makes_a_language(desk: Desk) -> None:
    assert desk.languages == ("en", PSEUDO)
    letter = desk.write(order("invitation", visit("two-shores", interpretation="ru"), person=person(language=PSEUDO)))
    assert letter.language == PSEUDO
    assert b"\r\nContent-Language: qps\r\n" in letter.message
    assert '<html lang="qps" dir="ltr"' in letter.html
    for words in ("Τρίτη 15 Ιουνίου 2021", "Νέα Υόρκη", "Ρωσικά", "Γαλλικά"):
        assert words in " ".join(letter.text.split())


def test_the_pseudo_language_keeps_placeholders_and_is_a_third_longer() -> None:
    said = pseudo("Questions? Write to %(contact)s by Monday evening.")
    assert said == "[Ǫûéšţîöñš? Ŵŕîţé ţö %(contact)s ƀý Ṁöñđåý éṽéñîñĝ. öñé ţŵö ţĥŕéé]"
    assert pseudo("<b>100%%</b> &amp;") == "[<b>100%%</b> &amp;]"


@pytest.mark.parametrize("visibility", ["standard", "discreet"])
@pytest.mark.parametrize("name", every_order())
def test_no_sentence_of_a_letter_stays_untranslated(desk: Desk, name: str, visibility: str) -> None:
    ordered = every_order(person=person(language=PSEUDO, visibility=visibility))[name]
    letter = desk.write(ordered)
    earlier = [ordered.before.title, ordered.before.place or ""] if ordered.before else []
    message = message_from_bytes(letter.message, policy=policy.default)
    assert message["Subject"] == letter.subject
    for said in (letter.subject, letter.text, read_aloud(letter.html), *entry(letter).values()):
        assert ours(said, [*filter(None, earlier), *programme()]) == []
    for line in letter.text.splitlines():
        assert len(line) <= 76 or line.startswith("https://")


def test_the_neutral_title_is_said_in_each_language(desk: Desk) -> None:
    letter = desk.write(order("invitation", person=person(language=PSEUDO, visibility="discreet")))
    assert entry(letter)["SUMMARY"] == pseudo("Online meeting")
    assert discreet_title(CONFERENCE, load(LOCALE)["en"]) == ("Online meeting", "en")


def test_a_russian_letter_weighs_far_less_than_gmail_clips() -> None:
    """D11."""
    assert max(len(DESK.write(one).message) for one in every_order(person=person(language="ru")).values()) < 60_000


def test_three_languages_are_listed_as_the_osce_lists_them() -> None:
    assert load(LOCALE)["en"].language_names(("fr", "ru", "es")) == "French, Russian and Spanish"
    assert load(LOCALE)["en"].language_names(("en", "xx")) == "English and xx"


def test_each_language_is_written_by_the_same_desk(desk: Desk) -> None:
    assert desk.write(order()).text.startswith("Dear Olga Petrenko,")
    assert desk.write(order(person=person(language=PSEUDO))).text.startswith("[Đéåŕ Olga Petrenko,")
