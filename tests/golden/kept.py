"""Which letters are kept, in which files, and what stands in them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cli.preview.command import written
from cli.preview.pages import Place
from cli.preview.personas import PERSONAS, Persona
from cli.preview.specimens import KINDS, desk
from domain.letters.model import Letter

FOLDER = Path(__file__).parent / "letters"

_READ_IN_REVIEW = frozenset({"en", "ru"})
"""The languages in which letters to all people are kept, and not only those to the standard one."""


@cache
def kept() -> dict[str, bytes]:
    """The files that should be there, by name: `en/invitation.standard.txt` with subject and text, `….ics`."""
    at_work = desk()
    places = [
        Place(kind, persona, language)
        for language in at_work.languages for persona in PERSONAS for kind in KINDS if _is_kept(kind, persona, language)
    ]  # fmt: skip
    return {name: content for one in written(at_work, places).items() for name, content in _files(*one)}


def found() -> dict[str, bytes]:
    """The files that are there."""
    return {file.relative_to(FOLDER).as_posix(): file.read_bytes() for file in FOLDER.glob("*/*")}


def _is_kept(kind: str, persona: Persona, language: str) -> bool:
    """Everything to the standard person; to others in two languages; one letter where only the name differs."""
    if persona == PERSONAS[0]:
        return True
    return language in _READ_IN_REVIEW and (persona.words_differ or kind == "invitation")


def _files(place: Place, letter: Letter) -> Iterator[tuple[str, bytes]]:
    name = f"{place.language}/{place.kind}.{place.persona.id}"
    yield f"{name}.txt", f"Subject: {letter.subject}\n\n{letter.text}".encode()
    if letter.calendar is not None:
        yield f"{name}.ics", letter.calendar
