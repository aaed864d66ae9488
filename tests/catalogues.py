"""Catalogues as translators hand them in, for the tests of letters and of pages."""

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from config.settings import ROOT

LOCALE = ROOT / "locale"

Sentence = tuple[str | None, str | tuple[str, ...]]
"""Its context, and the sentence or its forms of number."""


def extracted(mapping: str) -> set[Sentence]:
    """Every sentence in the files that a mapping in `locale/` names, as `pybabel extract` finds them."""
    with (LOCALE / mapping).open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, directory_filter=lambda folder: not _hidden(folder))
    return {(context, message) for _, _, message, _, context in found}


def _hidden(folder: str) -> bool:
    return folder.rpartition("/")[2].startswith((".", "__pycache__"))
