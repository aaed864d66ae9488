"""Zoom's words for languages, and our ISO 639 codes.

Channels of interpretation have English names: nine of Zoom's own, and what an account calls its custom languages in
the portal. Registrants have values like `en-US`. Sources: Zoom's OpenAPI file of 2025 and its article 64768.
"""

from collections.abc import Mapping

from babel import Locale

from domain.sources import words

SYSTEM_LANGUAGES = frozenset({"en", "zh", "ja", "de", "fr", "ru", "pt", "es", "ko"})
"""Those of which every account can have a channel. All others, Arabic and Italian too, somebody has to make first."""

_COUNTRIES = {"US": "en", "CN": "zh", "JP": "ja", "DE": "de", "FR": "fr", "RU": "ru", "PT": "pt", "ES": "es",
              "KR": "ko"}  # fmt: skip
"""The countries by which the deprecated `languages` of an interpreter, `US,FR`, name the system languages."""

_JAPANESE_AT_ZOOM = "jp"


def channel_code(name: str) -> str | None:
    """The code of a channel's language: `Russian`, `Ukrainian`, by its English name in CLDR (or that of another of
    our six languages), or `RU`. None for a name that is not known."""
    if name.strip() in _COUNTRIES:
        return _COUNTRIES[name.strip()]
    return _known(words.language(name))


def registrant_code(value: str | None) -> str | None:
    """The code for a registrant's `language`: en for `en-US`, ja for `jp-JP`. None where it is unsaid or unknown."""
    subtag = (value or "").strip().replace("_", "-").partition("-")[0].lower()
    return "ja" if subtag == _JAPANESE_AT_ZOOM else _known(subtag)


def english_name(code: str) -> str:
    """`Russian` for `ru`; the code itself where CLDR has no name."""
    return str(_names().get(code, code))


def _known(code: str) -> str | None:
    return code if code.isalpha() and len(code) <= 3 and code in _names() else None


def _names() -> Mapping[str, object]:
    return Locale("en").languages  # Babel reads it once
