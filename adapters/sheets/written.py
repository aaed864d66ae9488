"""Tables written into files: CSV and Excel's workbooks, which nobody is harmed by opening, for their owner's eyes."""

import csv
import io
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from adapters.sheets.formulas import escaped
from schemas.sheet import Cell, Table

_MOMENT = "yyyy-mm-dd hh:mm"
_NARROWEST, _WIDEST = 10, 48
_LOOKED_AT = 200
"""Rows by which the columns' widths are chosen."""


def as_csv(table: Table, delimiter: str) -> bytes:
    """CSV in UTF-8 with its mark, which Excel asks for; the watermark is the last line."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(table.head)
    writer.writerows([escaped(_text(cell)) for cell in row] for row in table.rows)
    writer.writerow([table.watermark])
    return text.getvalue().encode("utf-8-sig")


def as_workbook(table: Table) -> bytes:
    """A workbook with one sheet, its head held in place; the watermark is in its properties and on each printed
    page."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Registrations")
    sheet.freeze_panes = "A2"
    for place, width in enumerate(_widths(table), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_cell(sheet, name, font=Font(bold=True)) for name in table.head])
    for row in table.rows:
        sheet.append([_cell(sheet, cell) for cell in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.head))}{len(table.rows) + 1}"
    sheet.oddFooter.center.text = table.watermark.replace("&", "&&")
    book.properties.creator = "Convenor"
    book.properties.title = book.properties.description = table.watermark
    book.properties.created = book.properties.modified = table.made_at
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file that only its owner may read.

    Raises:
        FileExistsError: where there is one of this name, unless `force` says that it is to be replaced.
        OSError: where it cannot be written; then what was there is there still.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}") if force else path
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell.strftime("%Y-%m-%d %H:%M") if isinstance(cell, datetime) else cell


def _cell(sheet: Any, value: Cell, font: Font | None = None) -> Any:  # noqa: ANN401 - the library's
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"  # whatever it begins with, it is no formula
        cell.quotePrefix = True  # and becomes none when somebody edits it
    else:
        cell = WriteOnlyCell(sheet, value=value)
        if isinstance(value, datetime):
            cell.number_format = _MOMENT
    if font is not None:
        cell.font = font
    return cell


def _widths(table: Table) -> list[int]:
    shown = [table.head, *table.rows[:_LOOKED_AT]]
    longest = (max(len(_text(row[place])) for row in shown) for place in range(len(table.head)))
    return [min(max(width + 2, _NARROWEST), _WIDEST) for width in longest]
