"""The pages that participants open, in six languages: complete catalogues, Zoom's own words, whose language it is."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from starlette.requests import Request

from config.settings import ROOT
from schemas.programme import CORRESPONDENCE_LANGUAGES
from tests.catalogues import LOCALE, extracted
from web.pages import Pages
from web.participant.language import language_of

TRANSLATED = sorted(set(CORRESPONDENCE_LANGUAGES) - {"en"})
PLACEHOLDER = re.compile(r"%\(\w+\)s")
every_language = pytest.mark.parametrize("language", TRANSLATED)

ZOOM = {
    "de": ("Dolmetschen", "Originalaudio stummschalten", "Originalton", "Originalton (Dolmetschen aus)",
           "Hören Sie zu in", "Mehr"),
    "fr": ("Interprétation", "Désactiver le son de l’audio original", "Audio original",
           "Audio original (Interprétation désactivée)", "Écoutez en", "Plus"),
    "it": ("Interpretazione", "Disattiva audio originale", "Audio originale",
           "Audio originale (interpretariato disattivato)", "Ascolta in", "Altro"),
    "ru": ("Перевод", "Выключить оригинальный звук", "Оригинальный звук", "Оригинальный звук (перевод выключен)",
           "Слушать на", "Подробнее"),
    "es": ("Interpretación", "Silenciar el audio original", "Audio original",
           "Audio original (interpretación desactivada)", "Escuchar en", "Más"),
}  # fmt: skip
"""What stands on Zoom's own buttons, in the web client's language files (@zoom/meetingsdk 6.2.0)."""

_TERMS = ("Interpretation", "Mute Original Audio", "Original Audio", "Original Audio (Interpretation off)", "Listen In",
          "More")  # fmt: skip


def catalogue(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened)


def in_language(language: str) -> Catalog:
    return catalogue(LOCALE / language / "LC_MESSAGES" / "pages.po")


def test_the_template_holds_every_sentence_of_the_pages_and_no_other() -> None:
    """Where this fails, run the commands that stand in locale/pages.cfg."""
    found = extracted("pages.cfg")
    assert len(found) > 50
    assert {(one.context, one.id) for one in catalogue(LOCALE / "pages.pot") if one.id} == found


def test_every_template_that_these_pages_use_is_translated() -> None:
    named = set(re.findall(r"templates/web/(\w+\.html)", (LOCALE / "pages.cfg").read_text("utf-8")))
    used = {
        name for one in named for name in re.findall(r'(?:extends|from|include|import) "(\w+\.html)"', template(one))
    }
    assert named >= used


def template(name: str) -> str:
    return (ROOT / "templates" / "web" / name).read_text("utf-8")


@every_language
def test_every_sentence_is_translated_and_none_is_a_guess(language: str) -> None:
    """L1."""
    said = {(one.context, one.id): one for one in in_language(language) if one.id}
    assert set(said) == extracted("pages.cfg")
    assert [one.id for one in said.values() if not one.string or one.fuzzy] == []


@every_language
def test_placeholders_are_the_same(language: str) -> None:
    """L1."""
    for one in in_language(language):
        assert sorted(PLACEHOLDER.findall(str(one.string))) == sorted(PLACEHOLDER.findall(str(one.id))), one.id
        assert list(one.check()) == []


@every_language
def test_zooms_buttons_bear_zooms_own_words(language: str) -> None:
    said = {one.id: one.string for one in in_language(language) if one.context == "Zoom"}
    assert said == dict(zip(_TERMS, ZOOM[language], strict=True))


@every_language
def test_no_sentence_stays_english(language: str) -> None:
    """But for what is the same in both: an hour with its city, and a few short words."""
    same = {one.id for one in in_language(language) if one.id and one.id == one.string}
    assert same <= {"%(hours)s %(city)s (%(zone)s)", "%(start)s %(city)s", "(optional)", "Error:"}


def test_pages_can_be_had_in_the_six_languages_and_in_english_by_whoever_asks_for_another() -> None:
    pages = Pages(ROOT / "templates" / "web", "")
    assert sorted(pages.languages) == sorted(CORRESPONDENCE_LANGUAGES)
    assert pages.words("pl").language == "en"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "es"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("uk, de-AT;q=0.7, en;q=0.3", "de"),
        ("en;q=0.1,fr;q=0.9", "fr"),
        ("fr;q=0, it ; q = 0.5", "it"),
        ("zh-Hant-TW, *;q=0.1", "es"),
        ("EN-gb", "en"),
        ("de_AT;q=x,,;;=", "es"),
    ],
)
def test_the_browser_says_which_language_is_preferred(accepted: str, language: str) -> None:
    """RFC 9110, 12.5.4."""
    assert language_of(asking(accepted), "es") == language


def test_the_address_goes_before_the_browser_where_it_names_one_of_the_six() -> None:
    assert language_of(asking("ru", "lang=it"), "es") == "it"
    assert language_of(asking("ru", "lang=pl"), "es") == "ru"


def asking(accepted: str, query: str = "") -> Request:
    headers = [(b"accept-language", accepted.encode())] if accepted else []
    return Request({"type": "http", "headers": headers, "query_string": query.encode()})
