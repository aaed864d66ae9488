"""Pages, from the templates in `templates/web/`. They need no JavaScript and carry no style or script inline."""

import gettext
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response


class Pages:
    """Renders templates. `base` stands before the paths of our own addresses: empty, or the path of PUBLIC_URL."""

    def __init__(self, templates: Path, base: str) -> None:
        self.base = base
        self._environment = Environment(
            loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
        )  # fmt: skip
        # English stands in the templates; a language is a catalogue in place of this one.
        self._environment.install_gettext_translations(gettext.NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
        self._environment.globals["base"] = base
        self._environment.filters |= {"moment": _moment, "duration": _duration}

    def page(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, /, **context: object
    ) -> Response:
        """The page of this template."""
        return HTMLResponse(self._environment.get_template(template).render(context), status, headers)


def _moment(moment: datetime) -> str:
    """For the secretariat: `2021-06-14 18:00 CEST`, by the clocks of Vienna."""
    return f"{moment.astimezone(ZoneInfo('Europe/Vienna')):%Y-%m-%d %H:%M %Z}"


def _duration(duration: timedelta | None) -> str:
    """`3 minutes`; a dash for none."""
    return "–" if duration is None else format_timedelta(duration, locale="en", threshold=1.5)
