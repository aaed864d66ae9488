"""The pages that participants open, in six languages: what must not stay English, and whose language it is."""

import re

import pytest
from starlette.requests import Request

from config.settings import ROOT
from schemas.programme import CORRESPONDENCE_LANGUAGES
from tests.catalogues import LOCALE, TRANSLATED, catalogue
from web.pages import Pages
from web.participant.language import language_of

every_language = pytest.mark.parametrize("language", TRANSLATED)


def test_every_template_that_these_pages_use_is_translated() -> None:
    named = set(re.findall(r"templates/web/(\w+\.html)", (LOCALE / "pages.cfg").read_text("utf-8")))
    used = {
        name for one in named for name in re.findall(r'(?:extends|from|include|import) "(\w+\.html)"', template(one))
    }
    assert named >= used


@pytest.mark.parametrize(
    "name", sorted(re.findall(r"templates/web/(\w+\.html)", (LOCALE / "pages.cfg").read_text("utf-8")))
)
def test_no_word_of_a_page_stands_outside_the_catalogues(name: str) -> None:
    """Between tags and in attributes that are read out."""
    bare = template(name)
    for marked in (r"\{#.*?#\}", r"\{%-?\s*trans\b.*?\bendtrans\s*-?%\}", r"\{\{.*?\}\}", r"\{%.*?%\}"):
        bare = re.sub(marked, "", bare, flags=re.DOTALL)
    spoken = re.findall(r'(?:alt|title|placeholder|aria-label)="([^"]*)"', bare)
    shown = re.sub(r'<[^>]*>|[\w-]+="[^"]*"', " ", bare)
    assert re.findall(r"\w{2,}", " ".join([shown, *spoken])) == []


def template(name: str) -> str:
    return (ROOT / "templates" / "web" / name).read_text("utf-8")


@every_language
def test_no_sentence_stays_english(language: str) -> None:
    """But for what is the same in both: an hour with its city, and a few short words."""
    same = {one.id for one in catalogue("pages", language) if one.id and one.id == one.string}
    assert same <= {"%(hours)s %(city)s (%(zone)s)", "%(start)s %(city)s", "(optional)", "Error:", "Online"}


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
