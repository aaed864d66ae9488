"""The papers' pictures (`make pictures`), as Chromium takes them; read what is in them before they are committed."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.preview.personas import PERSONAS
from config.logging import configure_logging
from config.settings import ROOT
from domain.letters.model import LetterKind
from tests.gallery.browser import NO_CHROMIUM, Browser, Scheme, a_browser, chromium
from tests.gallery.letters import letters
from tests.gallery.street import OPEN, a_street

FOLDER = ROOT / "docs" / "pictures"
MOST = 150_000
"""Octets. What people fetch with every clone should be small."""
HIGH = 960
"""Pixels. Of a longer letter the beginning is shown."""

_LETTERS: dict[str, tuple[LetterKind, str, str, int, Scheme]] = {
    "invitation-en": ("invitation", "en", "far-east", 640, "light"),
    "invitation-fr": ("invitation", "fr", "standard", 640, "light"),
    "invitation-ru": ("invitation", "ru", "standard", 640, "light"),
    "invitation-discreet": ("invitation", "en", "discreet", 640, "light"),
    "update-dark": ("update", "en", "several", 640, "dark"),
    "digest-telephone": ("digest", "de", "several", 360, "light"),
}
_PEOPLE = {one.id: one for one in PERSONAS}


def take(browser: Browser) -> None:
    """Take all pictures."""
    for name, (kind, language, who, width, scheme) in _LETTERS.items():
        (html,) = [one.html for place, one in letters(kind, language).items() if place.persona == _PEOPLE[who]]
        browser.show(html)
        _keep(name, browser, width, scheme)
    with TemporaryDirectory() as folder, a_street(Path(folder), "fr") as street:
        street.house.at(OPEN)
        browser.visit(street.join["fr"], street.serve)
        _keep("join-page-fr", browser, 360, "light")


def _keep(name: str, browser: Browser, width: int, scheme: Scheme) -> None:
    browser.make(width, scheme, height=200)
    picture = browser.picture(HIGH)
    if len(picture) > MOST:
        sys.exit(f"{name} has {len(picture)} octets")
    (FOLDER / f"{name}.png").write_bytes(picture)


def main() -> None:
    """Take all pictures, with the Chromium that is there."""
    executable = chromium()
    if executable is None:
        sys.exit(NO_CHROMIUM)
    configure_logging("error", "console", "pictures")
    FOLDER.mkdir(exist_ok=True)
    with a_browser(executable) as browser:
        take(browser)


if __name__ == "__main__":
    main()
