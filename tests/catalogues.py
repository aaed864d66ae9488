"""Catalogues as translators hand them in, and what can be wrong with them."""

import re
from collections.abc import Iterator
from functools import cache

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from config.settings import ROOT
from schemas.programme import CORRESPONDENCE_LANGUAGES

LOCALE = ROOT / "locale"

MAPPINGS = {"messages": "babel.cfg", "pages": "pages.cfg"}
"""Which file says where the sentences of a catalogue stand."""

TRANSLATED = sorted(set(CORRESPONDENCE_LANGUAGES) - {"en"})

Sentence = tuple[str | None, str | tuple[str, ...]]
"""Its context, and the sentence or its forms of number."""

_PLACEHOLDER = re.compile(r"%\(\w+\)s")


@cache
def extracted(mapping: str) -> frozenset[Sentence]:
    """Every sentence in the files that a mapping in `locale/` names, as `pybabel extract` finds them."""
    with (LOCALE / mapping).open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, directory_filter=lambda folder: not _hidden(folder))
    return frozenset((context, message) for _, _, message, _, context in found)


def _hidden(folder: str) -> bool:
    return folder.rpartition("/")[2].startswith((".", "__pycache__"))


@cache
def template(domain: str) -> Catalog:
    """The catalogue's template."""
    with (LOCALE / f"{domain}.pot").open("rb") as opened:
        return read_po(opened)


@cache
def catalogue(domain: str, language: str) -> Catalog:
    """What a translator handed in."""
    with (LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as opened:
        return read_po(opened)


def sentences(read: Catalog) -> dict[Sentence, Message]:
    """Its entries, without the header."""
    return {(one.context, one.id if isinstance(one.id, str) else tuple(one.id)): one for one in read if one.id}


def faults(read: Catalog, wanted: frozenset[Sentence], language: str) -> Iterator[str]:
    """What is wrong with a catalogue that should have each sentence of `wanted` in `language`, and no other."""
    said = sentences(read)
    yield from (f"missing: {one}" for one in wanted - set(said))
    yield from (f"not wanted any more: {one}" for one in set(said) - wanted)
    yield from (f"not wanted any more (#~): {one}" for one in read.obsolete)
    if read.plural_forms != Catalog(locale=language).plural_forms:
        yield f"plural forms: {read.plural_forms}"
    for one in said.values():
        yield from (f"{fault}: {one.id}" for fault in _faults_of(one, read.num_plurals, language))


def _faults_of(one: Message, plurals: int, language: str) -> Iterator[str]:
    forms = (one.string,) if isinstance(one.string, str) else tuple(one.string or ())
    if one.fuzzy:
        yield "fuzzy"
    if not forms or not all(form and form.strip() for form in forms):
        yield "not translated"
        return
    if isinstance(one.id, str):
        if _placeholders(one.string) != _placeholders(one.id):
            yield "other placeholders"
        return
    if len(forms) != plurals:
        yield f"{len(forms)} forms, not {plurals}"
    singular, plural = (set(_placeholders(form)) for form in one.id)
    for number, form in enumerate(forms):
        # Russian has its first form for 21 too: there the number must stand in it wherever it does in the plural.
        least = plural if number or language == "ru" else singular
        if not least <= set(_placeholders(form)) <= plural:
            yield f"other placeholders in form {number}"


def _placeholders(sentence: object) -> list[str]:
    return sorted(_PLACEHOLDER.findall(str(sentence)))
