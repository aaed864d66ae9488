"""The letters that are looked at, and which of them how closely.

Every letter in every language to every kind of participant is looked at on a telephone. What templates do and languages
do not, such as colours, is looked at in some: all of it in all of them would take minutes.
"""

from functools import cache

from cli.preview.command import written
from cli.preview.pages import Place
from cli.preview.personas import PERSONAS
from cli.preview.specimens import desk
from domain.letters.model import Letter, LetterKind

LANGUAGES = desk().languages

_LONG_WORDS = frozenset({"de", "ru"})
_ROOMY = frozenset({"standard", "several", "long-name"})


@cache
def letters(kind: LetterKind, language: str) -> dict[Place, Letter]:
    """The letters of this kind in this language, to all kinds of participant to whom it goes."""
    return written(desk(), [Place(kind, persona, language) for persona in PERSONAS])


def is_read_by_axe(place: Place) -> bool:
    """In all languages to the standard person; in English to everybody to whom it says something else."""
    return place.persona.id == "standard" or (place.language == "en" and place.persona.words_differ)


def is_seen_everywhere(place: Place) -> bool:
    """Whether it is looked at in all widths, light and dark: languages of long words, and letters that fill a page."""
    return place.language in _LONG_WORDS and place.persona.id in _ROOMY


def is_read_in_the_dark(place: Place) -> bool:
    """Colours are the templates', not the languages'."""
    return place.language == "en" and place.persona.id in {"standard", "several"}
