"""`convenor preview`: every letter in every language to every kind of participant, as pages to look at."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.preview.pages import Place, write
from cli.preview.personas import PERSONAS
from cli.preview.specimens import KINDS, desk, programme_shown, specimen
from cli.start import fail
from domain.letters.desk import Desk
from domain.letters.model import Letter

Wanted = list[str] | None

Out = Annotated[Path, typer.Option("--out", help="The folder for the pages.")]
Kind = Annotated[Wanted, typer.Option(help="Only letters of this kind. May be given several times.")]
Language = Annotated[Wanted, typer.Option(help="Only letters in this language (en, ru, …). Several likewise.")]
Person = Annotated[Wanted, typer.Option(help="Only letters to this person (standard, discreet, …). Several likewise.")]
Pseudo = Annotated[bool, typer.Option("--pseudo", help="Also in the pseudo-language, qps.")]


def preview(
    out: Out = Path("var/preview"),
    kind: Kind = None,
    language: Language = None,
    person: Person = None,
    pseudo: Pseudo = False,
) -> None:
    """Write pages with every letter x language x kind of participant: as HTML, text, header and calendar file.

    The letters are specimens to invented people, about the side events of June 2021. Nothing is sent. In the
    pseudo-language, what stands outside brackets has escaped translation.
    """
    at_work = desk(pseudo=pseudo)
    people = {one.id: one for one in PERSONAS}
    places = [
        Place(one, people[who], said)
        for who in _chosen(person, people, "person")
        for one in KINDS if one in _chosen(kind, KINDS, "kind")
        for said in _chosen(language, at_work.languages, "language")
    ]  # fmt: skip
    letters = written(at_work, places)
    if not letters:
        fail("There is no such letter: people who come in person are not reminded in the last hour.")
    try:
        start = write(out, letters)
    except OSError as wrong:
        fail(f"{out} cannot be written: {wrong.strerror}")
    typer.echo(f"{len(letters)} letters. Open {start}")


def written(at_work: Desk, places: Iterable[Place]) -> dict[Place, Letter]:
    """The letters of these places; those that never go out are left out."""
    shown = programme_shown()
    orders = ((place, specimen(place.kind, place.persona, place.language, shown)) for place in places)
    return {place: at_work.write(order) for place, order in orders if order is not None}


def _chosen(wanted: Wanted, there: Iterable[str], what: str) -> Sequence[str]:
    """What is wanted, in the order of what there is; all of it where nothing is named."""
    known = list(there)
    if unknown := sorted(set(wanted or ()) - set(known)):
        raise typer.BadParameter(f"there is no {what} {', '.join(unknown)}; there are: {', '.join(known)}")
    return [one for one in known if not wanted or one in wanted]
