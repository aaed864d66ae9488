"""Catalogues of letters and pages: complete in six languages, of one mind, and with a template that is up to date."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from domain.letters.catalogues import load
from tests.catalogues import (
    LOCALE,
    MAPPINGS,
    TRANSLATED,
    Sentence,
    catalogue,
    extracted,
    faults,
    sentences,
    template,
)

each_domain = pytest.mark.parametrize("domain", sorted(MAPPINGS))
each_language = pytest.mark.parametrize("language", TRANSLATED)

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

_BUTTONS = ("Interpretation", "Mute Original Audio", "Original Audio", "Original Audio (Interpretation off)",
            "Listen In", "More")  # fmt: skip


@each_domain
def test_the_template_holds_every_sentence_and_no_other(domain: str) -> None:
    """Where this fails, run the commands that stand in the domain's .cfg."""
    found = extracted(MAPPINGS[domain])
    assert len(found) > 50
    assert sentences(template(domain)).keys() == found


@each_domain
@each_language
def test_a_catalogue_is_complete_certain_and_right_in_its_placeholders_and_numbers(domain: str, language: str) -> None:
    """L1, L2."""
    assert sorted(faults(catalogue(domain, language), extracted(MAPPINGS[domain]), language)) == []


@each_language
def test_what_letters_and_pages_both_say_they_say_in_the_same_words(language: str) -> None:
    """Zoom's buttons above all: who reads a letter looks for them on the page, and then in Zoom."""
    letters, pages = (sentences(catalogue(domain, language)) for domain in ("messages", "pages"))
    both = letters.keys() & pages.keys()
    assert {"Interpretation", "More"} <= {one[1] for one in both if one[0] == "Zoom"}
    assert {one: letters[one].string for one in both} == {one: pages[one].string for one in both}


@each_domain
@each_language
def test_zooms_buttons_bear_zooms_own_words(domain: str, language: str) -> None:
    words = dict(zip(_BUTTONS, ZOOM[language], strict=True))
    said = {str(one.id): one.string for one in catalogue(domain, language) if one.context == "Zoom"}
    assert said == {name: words[name] for name in said}


def test_one_two_five_eleven_and_twenty_one_are_counted_as_russian_counts() -> None:
    """Where a form is of a noun, not of a label: заседание, заседания, заседаний."""
    russian = load(LOCALE)["ru"].translations
    inflected = []
    for _, one in sentences(template("messages")):
        if not isinstance(one, str):
            said = {number: russian.ngettext(one[0], one[1], number) for number in (1, 2, 5, 11, 21)}
            assert (said[1], said[5]) == (said[21], said[11])
            assert all("%(num)s" in form for form in said.values() if "%(num)s" in one[1])
            inflected += [one] if len({said[1], said[2], said[5]}) == 3 else []
    assert inflected


def a_catalogue(
    one: str = "один %(name)s",
    many: tuple[str, ...] = ("%(num)s сессия", "%(num)s сессии", "%(num)s сессий"),
    flags: tuple[str, ...] = (),
) -> Catalog:
    """A Russian catalogue of two sentences."""
    made = Catalog(locale="ru")
    made.add("one %(name)s", one, flags=flags)
    made.add(("one session", "%(num)s sessions"), many)
    return made


WANTED: frozenset[Sentence] = frozenset({(None, "one %(name)s"), (None, ("one session", "%(num)s sessions"))})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"one": ""}, "not translated: one %(name)s"),
        ({"one": "один"}, "other placeholders: one %(name)s"),
        ({"one": "один %(nama)s"}, "other placeholders: one %(name)s"),
        ({"flags": ("fuzzy",)}, "fuzzy: one %(name)s"),
        ({"many": ("%(num)s сессия", "%(num)s сессии", "")}, "not translated: ('one session', '%(num)s sessions')"),
        ({"many": ("сессия", "%(num)s сессии", "%(num)s сессий")},
         "other placeholders in form 0: ('one session', '%(num)s sessions')"),
        ({"many": ("%(num)s сессия", "%(num)s сессии")}, "2 forms, not 3: ('one session', '%(num)s sessions')"),
    ],
)  # fmt: skip
def test_the_check_finds_what_can_be_wrong(changes: dict[str, Any], fault: str | None) -> None:
    assert list(faults(a_catalogue(**changes), WANTED, "ru")) == ([fault] if fault else [])


def test_the_check_finds_what_is_missing_what_is_left_over_and_a_foreign_way_of_counting() -> None:
    made = a_catalogue()
    assert list(faults(made, WANTED - {(None, "one %(name)s")}, "ru")) == [
        "not wanted any more: (None, 'one %(name)s')"
    ]
    assert list(faults(made, WANTED | {("Zoom", "More")}, "ru")) == ["missing: ('Zoom', 'More')"]
    assert "plural forms: " in next(faults(made, WANTED, "de"))


def test_a_folder_without_catalogues_has_english(tmp_path: Path) -> None:
    assert list(load(tmp_path)) == ["en"]
