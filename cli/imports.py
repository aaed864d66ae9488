"""`convenor import`: registrations from a table, with a dry run that says what would become of each row."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from adapters.sheets import NotATable, read
from adapters.sheets.separated import ENCODINGS
from adapters.toolbox import Toolbox
from cli.start import FAILED, WRONG_USE, fail, is_terminal, said_plainly, settings_of, toolbox_of
from cli.tables import Row as Shown
from cli.tables import show
from cli.who import who
from domain.sheets.columns import Columns, HeadNotUnderstood, columns
from domain.sheets.fates import Verdict, counts
from domain.sheets.masked import masked
from domain.sheets.rows import Said, is_remark, understood
from domain.sources import NotUnderstood
from schemas.programme import Conference
from schemas.registration import Reason
from schemas.sheet import Sheet
from workers import app as corridor
from workers import imports
from workers.imports import Judged

_COLUMNS = ["row", "fate", "address", "what"]
_WORDS = {"before": "imported before"}


def import_(
    conference: Annotated[str, typer.Argument(help="The conference's id.")],
    file: Annotated[Path, typer.Argument(help="A table: .csv, .tsv, .txt or .xlsx.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of each row, no more.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    sheet: Annotated[str | None, typer.Option(help="The workbook's sheet; default: the first that is visible.")] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="What a column means; COLUMN= for one not to be read."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help=f"Of a text file: {', '.join(ENCODINGS)}.")] = None,
    clear: Annotated[bool, typer.Option("--show", help="Show addresses in full.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Take rows once more that were imported before and changed by others since.")
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for the corridor while nothing moves.")
    ] = 10.0,
) -> None:  # fmt: skip
    """Register and withdraw people by a table. A row that cannot be taken is told with its reasons, and stops no other.

    Ends with 1 if a row is refused, and with 2 if the file or its head cannot be used.
    """
    if encoding is not None and encoding not in ENCODINGS:
        fail(f"--encoding is one of: {', '.join(ENCODINGS)}.", WRONG_USE)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        programme = programme_of(toolbox, conference)
        try:
            table = read(file, sheet=sheet, encoding=encoding)
            meant = columns(table.head, programme, _pairs(mapped or []))
        except (NotATable, HeadNotUnderstood) as wrong:
            fail(str(wrong), WRONG_USE)
        saids, verdicts = _understood(table, meant)
        occasion = toolbox.clock.machine_now().isoformat() if again else ""
        looked_at = imports.judge(toolbox, programme, saids, again=occasion)
        judged = list(track(looked_at, "Rows", len(saids), console=Console(stderr=True), transient=True,
                            disable=not is_terminal()))  # fmt: skip
        verdicts += [one.verdict for one in judged] if dry_run else _imported(toolbox, conference, judged, wait)
        verdicts.sort(key=lambda one: one.row)
        _tell(table, meant, verdicts, as_json=as_json, clear=clear)
        if any(one.fate == "refused" for one in verdicts):
            raise typer.Exit(FAILED)


def programme_of(toolbox: Toolbox, conference: str) -> Conference:
    """The programme in force; ends the command where there is none."""
    with toolbox.database.read() as session:
        in_force = toolbox.shelf.get(session, conference)
    if in_force is None:
        fail(f"There is no programme in force for {conference}.", WRONG_USE)
    return in_force.conference


def _pairs(mapped: Sequence[str]) -> dict[str, str]:
    """Column to field. A title may have an equals sign, a field has none."""
    parted = [one.rpartition("=") for one in mapped]
    if not all(equals for _, equals, _ in parted):
        raise HeadNotUnderstood("Write --map COLUMN=FIELD, such as --map Kontakt=email.")
    return {title.strip(): name for title, _, name in parted}


def _understood(table: Sheet, meant: Columns) -> tuple[list[Said], list[Verdict]]:
    """What the rows say, and the refusals of those that cannot be understood."""
    saids: list[Said] = []
    refused: list[Verdict] = []
    for row in table.rows:
        if is_remark(row):
            continue
        try:
            saids.append(understood(row, meant))
        except NotUnderstood as wrong:
            refused.append(Verdict(row.number, "refused", reasons=wrong.reasons))
    return saids, refused


def _imported(toolbox: Toolbox, conference: str, judged: Sequence[Judged], patience: float) -> list[Verdict]:
    """Record what there is to be recorded, and wait for what becomes of it."""
    taken = [one for one in judged if one.deliveries]
    if not taken:
        return [one.verdict for one in judged]
    corridor.configure(toolbox.settings)
    corridor.use(toolbox)
    ids = imports.record(toolbox, conference, taken, who=who())
    became = _awaited(toolbox, [one for each in ids for one in each], timedelta(seconds=patience))
    if waiting := sum(len(each) for each in ids) - len(became):
        typer.echo(f"{waiting} are recorded and wait for the corridor: it takes them as soon as it runs.", err=True)
    ends = {one.verdict.row: _ended(one.verdict, its_ids, became) for one, its_ids in zip(taken, ids, strict=True)}
    return [ends.get(one.verdict.row, one.verdict) for one in judged]


def _awaited(toolbox: Toolbox, ids: Sequence[str], patience: timedelta) -> dict[str, list[Reason]]:
    """The reasons against each envelope that was settled before nothing moved for so long; none for an accepted one."""
    became: dict[str, list[Reason]] = {}
    moved = toolbox.clock.machine_now()
    while len(became) < len(ids) and toolbox.clock.machine_now() - moved <= patience:
        if found := imports.settled(toolbox, [one for one in ids if one not in became]):
            became |= found
            moved = toolbox.clock.machine_now()
        else:
            time.sleep(0.1)
    return became


def _ended(verdict: Verdict, ids: Sequence[str], became: dict[str, list[Reason]]) -> Verdict:
    reasons = tuple(reason for one in ids for reason in became.get(one, []))
    return replace(verdict, fate="refused", reasons=reasons) if reasons else verdict


def _tell(table: Sheet, meant: Columns, verdicts: Sequence[Verdict], *, as_json: bool, clear: bool) -> None:
    remarks = [*table.remarks, *_of_columns(meant)]
    fates = counts(verdicts)
    if as_json:
        rows = [_row(one, clear=clear) for one in verdicts]
        typer.echo(json.dumps({"rows": rows, "counts": fates, "remarks": remarks}, ensure_ascii=False, indent=2))
        return
    for remark in remarks:
        typer.echo(remark, err=True)
    show("Rows", _COLUMNS, [_line(one, clear=clear) for one in verdicts])
    typer.echo(", ".join(f"{_WORDS.get(fate, fate)}: {number}" for fate, number in fates.items()))


def _of_columns(meant: Columns) -> list[str]:
    return [f"Columns that were not read: {', '.join(meant.unread)}."] if meant.unread else []


def _row(one: Verdict, *, clear: bool) -> Shown:
    return {
        "row": one.row, "fate": one.fate, "address": _address(one, clear=clear),
        "fields": list(one.difference.fields), "sessions": list(one.difference.sessions),
        "reasons": [reason.model_dump() for reason in one.reasons],
    }  # fmt: skip


def _line(one: Verdict, *, clear: bool) -> Shown:
    what = [*one.difference.fields, *one.difference.sessions]
    if one.reasons:
        what = [f"{reason.field}: {reason.message}" if reason.field else reason.message for reason in one.reasons]
    return {"row": one.row, "fate": _WORDS.get(one.fate, one.fate), "address": _address(one, clear=clear),
            "what": "; ".join(what)}  # fmt: skip


def _address(one: Verdict, *, clear: bool) -> str:
    return one.address if clear or not one.address else masked(one.address)
