"""Tables in Excel's workbooks (.xlsx), by openpyxl.

Formulas are never evaluated: what is read is the value that the spreadsheet has left beside them. The parts of the
archive are counted and weighed before any is unpacked, and zipfile unpacks no more of a part than its directory says;
Python's expat refuses entities that grow, and fetches none.
"""

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

from openpyxl import load_workbook

from adapters.sheets.limits import (
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_UNPACKED,
    NotATable,
    too_many_columns,
    too_many_rows,
)  # fmt: skip
from schemas.sheet import Row, Sheet

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _MERGED = f"{_MAIN}row", f"{_MAIN}mergeCell"
_MOST_ELEMENTS = 100_000
"""Between the ends of two rows: Excel has 16,384 columns. The library keeps a row in memory until it ends."""

_NOT_READABLE = "The workbook cannot be read. Open it, save it again as .xlsx, and try with that."


def read(raw: bytes, name: str | None) -> Sheet:
    """The table in a workbook: on the sheet of this name, or else on the first that is not hidden.

    Raises:
        NotATable: where there is none.
    """
    _weigh(raw)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl would lose in saving; nothing is saved
            return _read(raw, name)
    except NotATable:
        raise
    except Exception:  # noqa: BLE001 - the library has no error of its own for a file that is not as it should be
        raise NotATable(_NOT_READABLE) from None  # its words may be what is in a cell


def _weigh(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise NotATable(_NOT_READABLE) from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise NotATable(
            f"Unpacked, the workbook has more than {MOST_UNPACKED // 2**20} MB. Copy the table into a new one."
        )
    if any(part.flag_bits & 1 for part in parts):
        raise NotATable("The workbook has a password. Save it without one.")


def _read(raw: bytes, name: str | None) -> Sheet:
    book = load_workbook(BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    sheet, others = _chosen(book, name)
    hidden, merged = _looked_over(raw, sheet._worksheet_path)  # noqa: SLF001 - read-only sheets know nothing of this
    rows = [row for row in _rows(sheet) if not row.is_blank]
    if not rows:
        raise NotATable("The sheet is empty. Name another one with --sheet.")
    shut = [row.number for row in rows[1:] if row.number in hidden]
    remarks = []
    if others:
        remarks.append(f"Only the first sheet was read; there are {others} more. Name another one with --sheet.")
    if shut:
        numbers = ", ".join(map(str, shut[:20])) + (" …" if len(shut) > 20 else "")
        remarks.append(f"Rows that are hidden or filtered out in the workbook were read too: {numbers}.")
    if merged:
        remarks.append("Cells are merged in the workbook: only the first of them says what is written in it.")
    return Sheet(rows[0], tuple(rows[1:]), tuple(remarks))


def _chosen(book: Any, name: str | None) -> tuple[Any, int]:  # noqa: ANN401 - the library's, which has no types
    """The sheet, and how many others nobody has chosen among."""
    sheets = {one.title: one for one in book.worksheets}
    if name is not None:
        if name not in sheets:
            raise NotATable("The workbook has no sheet of this name.")
        return sheets[name], 0
    visible = [one for one in sheets.values() if one.sheet_state == "visible"]
    if not visible:
        raise NotATable("The workbook has no visible sheet. Name one with --sheet.")
    return visible[0], len(visible) - 1


def _looked_over(raw: bytes, path: str) -> tuple[frozenset[int], bool]:
    """The numbers of the rows that are hidden, and whether any cells are merged.

    Raises:
        NotATable: where it has more than a table has, before the library reads it.
    """
    hidden, merged, rows, elements = set(), False, 0, 0
    with zipfile.ZipFile(BytesIO(raw)) as archive, archive.open(path) as part:
        for event, element in ET.iterparse(part, ("start", "end")):  # noqa: S314 - as above
            elements += event == "start"
            if elements > _MOST_ELEMENTS:
                raise NotATable(_NOT_READABLE)
            merged = merged or element.tag == _MERGED
            if event == "end" and element.tag == _ROW:
                rows, elements = rows + 1, 0
                if rows > MOST_ROWS + 1:
                    raise too_many_rows()
                if element.get("hidden") in {"1", "true"}:
                    hidden.add(int(element.get("r", "0")))
                element.clear()
    return frozenset(hidden), merged


def _rows(sheet: Any) -> Iterator[Row]:  # noqa: ANN401 - the library's
    sheet.reset_dimensions()  # what the file says of its own size is not believed
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        if number > MOST_ROWS + 1:
            raise too_many_rows()
        if len(cells) > MOST_COLUMNS and cells[MOST_COLUMNS].value is not None:
            raise too_many_columns()
        yield Row(
            number,
            _without_blanks([_shown(cell) for cell in cells]),
            frozenset(place for place, cell in enumerate(cells) if _is_error(cell)),
        )


def _without_blanks(texts: list[str]) -> tuple[str, ...]:
    """Without those at the end: a row is as wide as what is in it."""
    last = max((place for place, text in enumerate(texts, start=1) if text), default=0)
    return tuple(texts[:last])


def _is_error(cell: Any) -> bool:  # noqa: ANN401 - the library's
    return cell.value is not None and cell.data_type == "e"


def _shown(cell: Any) -> str:  # noqa: ANN401 - the library's
    """What people see in a cell, near enough: dates and times as ISO 8601 has them, numbers without a superfluous
    point, leading zeros where the format adds them."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date() | time():
            return _on_the_clock(value)
        case float() if value.is_integer():
            return _padded(int(value), cell.number_format)
        case int():
            return _padded(value, cell.number_format)
        case _:
            return str(value)


def _on_the_clock(value: date | time) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat("minutes") if isinstance(value, time) else value.isoformat()


def _padded(number: int, form: object) -> str:
    digits = len(form) if isinstance(form, str) and form and set(form) == {"0"} else 0
    return f"{number:0{digits}d}"
