"""Every letter as a browser shows it (rules T2 to T6, D11): it fits, everybody can read it, and it fetches nothing."""

import re
from email import message_from_bytes
from itertools import product
from typing import get_args

import pytest

from cli.preview.specimens import KINDS
from domain.letters.model import LetterKind
from tests.gallery.browser import Browser, Scheme
from tests.gallery.letters import (
    LANGUAGES,
    is_read_by_axe,
    is_read_in_the_dark,
    is_seen_everywhere,
    letters,
)

PHONE, WIDTHS, SCHEMES = 360, (360, 640, 1024), get_args(Scheme)
ALLOWED = ("landmark-one-main", "region")
"""A letter is part of a page of the mail program's, which has the landmarks."""

every_kind = pytest.mark.parametrize("kind", KINDS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@every_language
@every_kind
def test_a_letter_fits_a_telephone_and_can_be_read_there_by_everybody(
    browser: Browser, kind: LetterKind, language: str
) -> None:
    found = {}
    browser.make(PHONE, "light")
    for place, letter in letters(kind, language).items():
        browser.show(letter.html)
        found[place.persona.id] = browser.faults(language) + browser.asked
        if is_read_by_axe(place):
            found[place.persona.id] += browser.violations(*ALLOWED)
    assert {who: faults for who, faults in found.items() if faults} == {}


@every_kind
def test_a_letter_fits_every_width_light_and_dark(browser: Browser, kind: LetterKind) -> None:
    found = {}
    for language in LANGUAGES:
        for place in filter(is_seen_everywhere, letters(kind, language)):
            browser.show(letters(kind, language)[place].html)
            for scheme, width in product(SCHEMES, WIDTHS):
                browser.make(width, scheme)
                found[language, place.persona.id, width, scheme] = browser.faults(language) + browser.asked
    assert {how: faults for how, faults in found.items() if faults} == {}


@every_kind
def test_a_letter_can_be_read_in_the_dark(browser: Browser, kind: LetterKind) -> None:
    found = {}
    browser.make(PHONE, "dark")
    for place in filter(is_read_in_the_dark, letters(kind, "en")):
        browser.show(letters(kind, "en")[place].html)
        found[place.persona.id] = browser.faults("en") + browser.violations(*ALLOWED)
    assert {who: faults for who, faults in found.items() if faults} == {}


@every_language
@every_kind
def test_a_letter_is_short_enough_to_be_shown_whole(kind: LetterKind, language: str) -> None:
    """Gmail cuts off what is longer than some 102 KB, and styles of more than 16 KB."""
    for letter in letters(kind, language).values():
        (html,) = [one for one in message_from_bytes(letter.message).walk() if one.get_content_type() == "text/html"]
        assert len(str(html.get_payload())) < 90_000
        assert sum(map(len, re.findall(r"<style.*?</style>", letter.html, re.DOTALL))) < 16_000
