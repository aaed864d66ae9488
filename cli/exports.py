"""`convenor export`: registrations as a table, by role."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from adapters.sheets.written import as_csv, as_workbook, put
from cli.imports import programme_of
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.who import who
from domain.roles import Role, may
from domain.sheets.exported import Per, Wanted
from schemas.programme import Conference
from workers import exports

Format = Literal["xlsx", "csv"]
_DELIMITERS = {",": ",", ";": ";", "tab": "\t"}


def export(
    conference: Annotated[str, typer.Argument(help="The conference's id.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="The file to write; for your eyes only.")],
    *,
    form: Annotated[Format | None, typer.Option("--format", help="Default: as the file is called.")] = None,
    delimiter: Annotated[str, typer.Option(help="Of CSV: , ; or tab. German Excel wants a semicolon.")] = ",",
    role: Annotated[Role, typer.Option(help="Whose eyes it is for; a viewer sees no personal data.")] = "viewer",
    per: Annotated[Per, typer.Option(help="A row for each registration, or for each participant.")] = "registration",
    sessions: Annotated[str, typer.Option(help="Only these, by their ids, with commas between; default: all.")] = "",
    needs: Annotated[bool, typer.Option("--needs", help="With what people need; for the secretariat.")] = False,
    withdrawn: Annotated[
        bool, typer.Option("--withdrawn", help="Also who has withdrawn or was refused.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:  # fmt: skip
    """Write the registrations of a conference into a table. Who did so, and which columns, is audited."""
    chosen = form or ("xlsx" if out.suffix.lower() == ".xlsx" else "csv")
    if delimiter not in _DELIMITERS:
        fail("--delimiter is one of: , ; tab.", WRONG_USE)
    if needs and not may(role, "reveal"):
        fail("--needs is for --role secretariat or admin.", WRONG_USE)
    if out.exists() and not force:
        fail(f"{out} is there already; nothing was written. Choose another name, or say --force.", WRONG_USE)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        programme = programme_of(toolbox, conference)
        wanted = Wanted(role, per, _named(sessions, programme), needs, withdrawn)
        table = exports.export(toolbox, programme, wanted, who=who(), form=chosen)
    content = as_workbook(table) if chosen == "xlsx" else as_csv(table, _DELIMITERS[delimiter])
    try:
        put(out, content, force=force)
    except OSError as wrong:
        fail(f"{out} cannot be written: {wrong.strerror}.")
    hint = "" if may(role, "masked") else " Personal data is left out: see --role."
    typer.echo(f"{out}: {len(table.rows)} rows for {role}.{hint}")


def _named(sessions: str, programme: Conference) -> tuple[str, ...]:
    named = tuple(filter(None, (one.strip() for one in sessions.split(","))))
    if unknown := [one for one in named if programme.session(one) is None]:
        fail(f"--sessions: not in the programme: {', '.join(unknown)}.", WRONG_USE)
    return named
