"""A folder of pages that need no server: every letter as HTML, as text, with its header and its calendar entry.

Nothing in them is fetched from anywhere and nothing runs; the letter itself stands in a frame that may do neither.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cli.preview.personas import Persona
from config.settings import ROOT
from domain.letters.model import Letter, LetterKind
from web.viewer.entry import in_words
from web.viewer.message import taken_apart

_TEMPLATES = ROOT / "templates" / "preview"
_STYLES = (ROOT / "templates" / "viewer" / "viewer.css", _TEMPLATES / "preview.css")


@dataclass(frozen=True)
class Place:
    """Where a letter is in the folder: what it is, to whom, and in which language (ISO 639)."""

    kind: LetterKind
    persona: Persona
    language: str

    @property
    def page(self) -> str:
        """The page's file, seen from the folder."""
        return f"{self.language}/{self.kind}.{self.persona.id}.html"

    @property
    def letter(self) -> str:
        """The file of the letter's HTML alone."""
        return f"{self.language}/{self.kind}.{self.persona.id}.letter.html"

    @property
    def calendar(self) -> str:
        """The file of the calendar entry."""
        return f"{self.language}/{self.kind}.{self.persona.id}.ics"


def overview(persona: Persona) -> str:
    """The file of the table of one persona's letters."""
    return f"index.{persona.id}.html"


def write(out: Path, letters: Mapping[Place, Letter]) -> Path:
    """Write the pages of these letters, of one at least, to `out`; the page to begin with. Raises OSError.

    Files of the same names are replaced, others left.
    """
    rooms = _rooms(letters)
    for language in dict.fromkeys(place.language for place in letters):
        (out / language).mkdir(parents=True, exist_ok=True)
    for style in _STYLES:
        shutil.copyfile(style, out / style.name)
    for place, letter in letters.items():
        _write_letter(out, place, letter, rooms)
    for persona in dict.fromkeys(place.persona for place in letters):
        _page(rooms, "index.html", out / overview(persona), persona=persona)
    start = out / "index.html"
    shutil.copyfile(out / overview(next(iter(letters)).persona), start)
    return start


def _write_letter(out: Path, place: Place, letter: Letter, rooms: Environment) -> None:
    mail = taken_apart(letter.message)
    (out / place.letter).write_text(letter.html, encoding="utf-8")
    if letter.calendar is not None:
        (out / place.calendar).write_bytes(letter.calendar)
    _page(
        rooms, "letter.html", out / place.page, place=place, letter=letter, fields=mail.fields,
        size=len(letter.message), events=in_words(letter.calendar) if letter.calendar else [],
        entry=letter.calendar.decode() if letter.calendar else "",
    )  # fmt: skip


def _page(rooms: Environment, template: str, file: Path, **seen: object) -> None:
    file.write_text(rooms.get_template(template).render(seen), encoding="utf-8")


def _rooms(letters: Iterable[Place]) -> Environment:
    rooms = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    rooms.globals |= {
        "kinds": list(dict.fromkeys(place.kind for place in letters)),
        "languages": list(dict.fromkeys(place.language for place in letters)),
        "personas": list(dict.fromkeys(place.persona for place in letters)),
        "there": frozenset(letters),
        "place_of": Place,
        "overview": overview,
    }
    return rooms
