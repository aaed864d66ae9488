"""The letters that are looked at, and which of them how closely: all of it in all of them would take minutes.

Every kind of letter in every language is looked at on a telephone, to everybody to whom it says something else; to
those of whom only the name is remarkable, in two languages. What templates do and languages do not, such as colours, is
looked at in one.
"""

from functools import cache

from cli.preview.command import written
from cli.preview.pages import Place
from cli.preview.personas import PERSONAS
from cli.preview.specimens import desk
from domain.letters.model import Letter, LetterKind
from domain.letters.pseudo import PSEUDO

DESK = desk(pseudo=True)
LANGUAGES = DESK.languages
"""Those of the letters, and the pseudo-language, whose sentences are a third longer than English ones."""

_PLAIN = frozenset({"en", PSEUDO})
_LONG_WORDS = frozenset({"ru", PSEUDO})
_OTHERWISE = frozenset({"discreet", "in-person", "several", "not-offered"})
_ROOMY = frozenset({"standard", "several"})


@cache
def letters(kind: LetterKind, language: str) -> dict[Place, Letter]:
    """The letters of this kind in this language that are looked at."""
    places = [Place(kind, persona, language) for persona in PERSONAS if persona.words_differ or language in _PLAIN]
    return written(DESK, places)


def is_read_by_axe(place: Place) -> bool:
    """In all languages to the standard person; in English to those for whom it is made of other parts."""
    standard = place.persona.id == "standard" and place.language != PSEUDO  # which axe does not know
    return standard or (place.language == "en" and place.persona.id in _OTHERWISE)


def is_seen_everywhere(place: Place) -> bool:
    """Whether it is looked at in all widths, light and dark: languages of long words, and letters that fill a page."""
    return place.language in _LONG_WORDS and place.persona.id in _ROOMY


def is_read_in_the_dark(place: Place) -> bool:
    """Colours are the templates', not the languages'."""
    return place.language == "en" and place.persona.id in {"standard", "several"}
