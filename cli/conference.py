"""`convenor conference`: the programmes that are there, and whether a file is one."""

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from cli import plans
from config.problems import Problem
from config.programmes import SUFFIXES, ProgrammeError, ProgrammeFile, open_programme, open_programmes
from config.settings import ROOT, SettingsError, load_settings
from domain.findings import Finding, findings
from domain.programme import dates, invitable, registrable
from domain.times import WallTimeError, describe, session_period
from schemas.json_schema import CONFERENCE_SCHEMA
from schemas.programme import IDENTIFIER, Conference, Session

app = typer.Typer(
    help="The programmes of conferences: see them, check them, begin one, change one.", no_args_is_help=True
)
app.command()(plans.plan)
app.command()(plans.apply)

START = ROOT / "config" / "programme_start.yaml"
_COLOURS = {"error": "red", "warning": "yellow", "note": None}

Folder = Annotated[Path | None, typer.Option(help="The folder of programmes; default: CONVENOR_CONFERENCES")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON")]


@app.command("list")
def list_(folder: Folder = None, as_json: Json = False) -> None:
    """List the programmes."""
    conferences = [one.conference for one in _opened(folder)]
    if as_json:
        return _say_json([_summary(one) for one in conferences])
    rows = [list(map(str, _summary(one).values())) for one in conferences]
    return _say_rows(("id", "title", "starts", "ends", "sessions", "unconfirmed"), rows)


@app.command()
def show(
    conference: Annotated[str, typer.Argument(metavar="ID")], folder: Folder = None, as_json: Json = False
) -> None:
    """Show a programme, its sessions in order of time."""
    found = {one.conference.id: one.conference for one in _opened(folder)}
    if conference not in found:
        raise typer.BadParameter(f"there is no {conference}; there are: {', '.join(found) or 'none'}")
    shown = found[conference]
    if as_json:
        return _say_json(shown.model_dump(mode="json"))
    typer.echo(f"{shown.title} ({shown.id}), {shown.starts} to {shown.ends}, {shown.time_zone}")
    cancelled = [one for one in shown.sessions if one.cancelled]
    rows = [_row(one, shown) for one in (*registrable(shown), *cancelled)]
    return _say_rows(("id", "date", "time", "format", "languages", "state", "title"), rows)


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False, metavar="FILE…")] = None,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Check programme files: what is wrong, what is open, what overlaps. Without FILE, all in the folder.

    Ends with 1 if there is an error; warnings and notes are for people.
    """
    said = [one for file in files or _files(folder) for one in _checked(file)]
    errors = sum(one["severity"] == "error" for one in said)
    if as_json:
        _say_json(said)
    else:
        for one in said:
            where = f"{one['session']}: " if one["session"] else f"{one['path']}: " if one["path"] else ""
            remedy = f" — {one['remedy']}" if one["remedy"] else ""
            line = f"{one['file']}:{one['line']}: {one['severity']}: {where}{one['message']}{remedy}"
            typer.secho(line, fg=_COLOURS[one["severity"]])
        warnings = sum(one["severity"] == "warning" for one in said)
        typer.echo(f"errors: {errors}, warnings: {warnings}, notes: {len(said) - errors - warnings}")
    raise typer.Exit(1 if errors else 0)


@app.command()
def new(
    conference: Annotated[str, typer.Argument(metavar="ID", help="Such as alliance-2030")],
    folder: Folder = None,
    out: Annotated[Path | None, typer.Option(help="Another folder to write it to")] = None,
) -> None:
    """Write a commented programme to begin with. What is there already is never overwritten."""
    if not re.fullmatch(IDENTIFIER, conference):
        raise typer.BadParameter("an id is lower-case words joined by hyphens, such as alliance-2030")
    path = _near(out or _folder(folder)) / f"{conference}.yaml"
    start = Template(START.read_text(encoding="utf-8"))
    schema = Path(os.path.relpath(CONFERENCE_SCHEMA, path.parent)).as_posix()
    try:
        if any(path.with_suffix(suffix).exists() for suffix in SUFFIXES):
            _fail(f"{path} is there already; nothing was written")
        with path.open("x", encoding="utf-8") as file:
            file.write(start.substitute(id=conference, file=path, schema=schema))
    except OSError as wrong:
        _fail(f"{path} cannot be written: {wrong.strerror}")
    typer.echo(f"{path} is written. Change it, then: convenor conference check {path}")


def _checked(path: Path) -> list[dict[str, Any]]:
    try:
        opened = open_programme(_near(path))
    except ProgrammeError as wrong:
        return [_of_problem(one) for one in wrong.problems]
    return sorted((_of_finding(one, opened) for one in findings(opened.conference)), key=lambda one: int(one["line"]))


def _of_problem(one: Problem) -> dict[str, Any]:
    return {
        "file": one.file, "line": one.line, "severity": "error", "code": "invalid", "session": None, "path": one.path,
        "message": one.message, "remedy": one.remedy,
    }  # fmt: skip


def _of_finding(one: Finding, opened: ProgrammeFile) -> dict[str, Any]:
    return {
        "file": str(opened.path), "line": opened.line(one.session, *one.place), "severity": one.severity,
        "code": one.code, "session": one.session, "path": ".".join(map(str, one.place)), "message": one.sentence,
        "remedy": one.remedy,
    }  # fmt: skip


def _summary(one: Conference) -> dict[str, object]:
    open_ones = sum(1 for session in one.sessions if session.unconfirmed and not session.cancelled)
    return {
        "id": one.id, "title": one.title, "starts": str(one.starts), "ends": str(one.ends),
        "sessions": len(one.sessions), "unconfirmed": open_ones,
    }  # fmt: skip


def _row(one: Session, conference: Conference) -> list[str]:
    spoken = ", ".join(one.languages or conference.languages)
    languages = f"{spoken} → {', '.join(one.interpretation)}" if one.interpretation else spoken
    state = "confirmed" if invitable(one) else "cancelled" if one.cancelled else "unconfirmed"
    days = " or ".join(map(str, dates(one))) or "no date"
    return [one.id, days, _hours(one, conference.time_zone), one.format, languages, state, one.title or "no title"]


def _hours(one: Session, zone: str) -> str:
    """The hours with the zone as on that date; without, where the date is open or the clock makes them impossible."""
    try:
        return describe(session_period(one, zone), zone, zone, "en").venue_line
    except WallTimeError:
        return f"{one.start:%H:%M}–{one.end:%H:%M}" if one.start and one.end else "no time"


def _opened(folder: Path | None) -> list[ProgrammeFile]:
    try:
        return open_programmes(_near(_folder(folder)))
    except ProgrammeError as wrong:
        _fail(str(wrong))


def _files(folder: Path | None) -> list[Path]:
    chosen = _folder(folder)
    if not chosen.is_dir():
        _fail(f"{chosen} is no folder")
    return sorted(one for one in chosen.iterdir() if one.suffix in SUFFIXES)


def _folder(folder: Path | None) -> Path:
    try:
        return folder or load_settings().conferences
    except SettingsError as wrong:
        _fail(str(wrong))


def _near(path: Path) -> Path:
    """Seen from the working directory where it is below it, as compilers print paths."""
    full, here = path.absolute(), Path.cwd()
    return full.relative_to(here) if full.is_relative_to(here) else full


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _say_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _say_rows(head: tuple[str, ...], rows: Iterable[list[str]]) -> None:
    """A table on a terminal; elsewhere a line each, parted by tabs, for other programs."""
    console = Console(markup=False)  # a title may have square brackets
    if not console.is_terminal:
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table(*head)
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*row)
    console.print(table)
