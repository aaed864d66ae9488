"""The neutral title: the programme's own in the reader's language, else the one that the catalogues have."""

from babel.support import NullTranslations

from domain.discretion import discreet_title
from domain.letters.catalogues import Words
from schemas.programme import Conference


class InFrench(NullTranslations):
    def gettext(self, message: str) -> str:
        return {"Online meeting": "Réunion en ligne"}.get(message, message)


FRENCH = Words("fr", InFrench())


def a_conference(**fields: object) -> Conference:
    known = {"id": "a", "title": "A", "starts": "2021-06-14", "ends": "2021-06-16", "sessions": []}
    return Conference.model_validate({**known, **fields})


def test_where_the_programme_says_nothing_the_catalogue_does() -> None:
    assert discreet_title(a_conference(), FRENCH) == ("Réunion en ligne", "fr")


def test_the_programmes_own_title_goes_first_in_the_readers_language_where_it_has_it() -> None:
    translated = a_conference(discreet_title="Call", translations={"fr": {"discreet_title": "Appel"}})
    assert discreet_title(translated, FRENCH) == ("Appel", "fr")
    assert discreet_title(a_conference(discreet_title="Call"), FRENCH) == ("Call", "en")
