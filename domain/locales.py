"""CLDR's locales for the languages that we write."""

from functools import cache

from babel import Locale

_SPECIAL = {"en": "en_GB", "qps": "el"}
"""English dates are written "Monday, 14 June 2021": the day before the month, as the OSCE writes them. The
pseudo-language (domain.letters.pseudo) has Greek ones."""

_SIGNS = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u00ad": ""})
"""CLDR's narrow and unbreakable spaces, which some mail readers show as boxes, and the soft hyphens in Reykjavík."""


@cache
def locale_of(language: str) -> Locale:
    """CLDR's locale for letters in `language` (ISO 639)."""
    return Locale.parse(_SPECIAL.get(language, language))


def plain(words: str) -> str:
    """CLDR's words with plain spaces only, and without soft hyphens."""
    return words.translate(_SIGNS)


def capital(words: str) -> str:
    """Words that stand by themselves: CLDR begins dates and names small in most languages."""
    return words[:1].upper() + words[1:]
