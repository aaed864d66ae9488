"""Pages, from the templates in `templates/web/`. They need no JavaScript and carry no style or script inline.

English stands in the templates; a further language is a catalogue `locale/<language>/LC_MESSAGES/pages.po`. Which
templates are in the catalogues, and so can be had in each language, stands in `locale/pages.cfg`.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from babel.dates import format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from config.settings import ROOT
from domain.letters.catalogues import ENGLISH, PAGES, Words, load
from domain.moments import written
from domain.programme import said


class Pages:
    """Renders templates. `base` stands before the paths of our own addresses: empty, or the path of PUBLIC_URL."""

    def __init__(self, templates: Path, base: str, locale: Path = ROOT / "locale") -> None:
        self.base = base
        self._languages = _languages(locale)
        self._rooms = {name: _environment(templates, base, words) for name, words in self._languages.items()}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages (ISO 639) that pages can be had in; who asks for another gets English."""
        return tuple(self._languages)

    def words(self, language: str) -> Words:
        """What pages say in `language`, for what is not said by a template."""
        return self._languages.get(language, self._languages[ENGLISH])

    def page(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, /, *,
        language: str = ENGLISH, **context: object,
    ) -> Response:  # fmt: skip
        """The page of this template in `language`."""
        room = self._rooms[self.words(language).language]
        return HTMLResponse(room.get_template(template).render(context), status, headers)


@cache
def _languages(locale: Path) -> dict[str, Words]:
    return load(locale, PAGES)


def _environment(templates: Path, base: str, words: Words) -> Environment:
    made = Environment(
        loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(words.translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {"base": base, "language": words.language, "direction": words.direction}
    made.globals["said"] = partial(said, language=words.language)
    # What is no text of a template's: `gettext` would take it for HTML, and for a pattern with per cent signs.
    made.filters["translated"] = words.translations.gettext
    made.filters |= {"moment": written, "duration": _duration, "figure": "{:,}".format}
    return made


def _duration(duration: timedelta | None) -> str:
    """`3 minutes`; a dash for none."""
    return "–" if duration is None else format_timedelta(duration, locale="en", threshold=1.5)
