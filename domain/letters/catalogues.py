"""Languages: gettext catalogues, and CLDR's names and lists. English is in the templates themselves."""

from io import BytesIO
from pathlib import Path

from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from domain.locales import locale_of

ENGLISH = "en"
LETTERS, PAGES = "messages", "pages"
"""The catalogues' names: what letters say, and what the pages say that participants open."""


class Words:
    """One language: its catalogue, and what CLDR knows of it. Made once per process and language."""

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self.translations = translations
        self.gettext = translations.gettext  # one bound method, so that what is remembered by it is found again
        self.direction = locale_of(language).text_direction
        """`ltr` or `rtl`. To say it Babel reads all that it knows of a locale, for which no letter is to wait."""

    def pgettext(self, context: str, message: str) -> str:
        """The translation of `message` as it is said in `context`."""
        return str(self.translations.pgettext(context, message))

    def language_name(self, code: str) -> str:
        """What `code` (ISO 639) is called in this language; the code itself where CLDR does not know it."""
        return str(locale_of(self.language).languages.get(code, code))

    def language_names(self, codes: tuple[str, ...]) -> str:
        """The names of languages, as `English, French and Russian`."""
        return format_list([self.language_name(code) for code in codes], locale=locale_of(self.language))


def load(folder: Path, domain: str = LETTERS) -> dict[str, Words]:
    """The languages that `domain` can be said in: English, and each with a `<language>/LC_MESSAGES/<domain>.po`.

    Catalogues are compiled here, so that translators' files are all there is.
    """
    files = sorted(folder.glob(f"*/LC_MESSAGES/{domain}.po"))
    found = {file.parent.parent.name: _compiled(file, domain) for file in files}
    return {language: Words(language, one) for language, one in ({ENGLISH: NullTranslations()} | found).items()}


def _compiled(file: Path, domain: str) -> Translations:
    compiled = BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened))
    compiled.seek(0)
    return Translations(compiled, domain)
