"""What discreet letters, pages and calendar entries call a session, whichever it is."""

from domain.letters.catalogues import Words
from domain.programme import said_in, text_language
from schemas.programme import DISCREET_TITLE, Conference, Language


def discreet_title(conference: Conference, words: Words, *, in_person: bool = False) -> tuple[str, Language]:
    """The neutral title for somebody who reads `words`' language, and the language it is in.

    The programme's own, in that language where it has it; where it says nothing of its own, the catalogue's, which
    sends nobody who comes `in_person` to a screen.
    """
    title = said_in(conference, words.language).discreet_title
    if title == DISCREET_TITLE:
        return words.gettext("Meeting") if in_person else words.gettext("Online meeting"), words.language
    return title, text_language(conference, "discreet_title", words.language)
