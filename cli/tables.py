"""How commands answer: a table on a terminal, plain lines in a pipe, JSON where a program asked for it."""

import json
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from cli.start import is_terminal

Row = dict[str, object]


def show(title: str, columns: Sequence[str], rows: Sequence[Row], *, as_json: bool = False) -> None:
    """Print rows. A column that a row lacks is empty."""
    if as_json:
        typer.echo(json.dumps(list(rows), indent=2, default=str, ensure_ascii=False))
        return
    if not is_terminal():
        typer.echo("\t".join(columns))
        for row in rows:
            typer.echo("\t".join(_written(row.get(column)) for column in columns))
        return
    table = Table(title=title, title_justify="left")
    for column in columns:
        numbers = bool(rows) and all(isinstance(row.get(column, 0), int) for row in rows)
        table.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_written(row.get(column)) for column in columns))
    Console().print(table)


def _written(value: object) -> str:
    return "" if value is None else str(value)
