"""Tables in text files: CSV as Excel, Google Sheets, LibreOffice and form providers write it.

No such file says how it is encoded or what parts its cells. UTF-8 proves itself; what is not UTF-8 is taken for
Windows-1252, as German or French Excel saves, where it looks like it, and the reader is told so. What looks like
neither is refused until a person names the encoding: wrong names in letters are worse than no import.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.sheets.formulas import unescaped
from adapters.sheets.limits import MOST_COLUMNS, MOST_ROWS, NotATable, too_many_columns, too_many_rows
from schemas.sheet import Row, Sheet

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "windows-1251", "iso-8859-15")
"""Those that a person may name."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_DELIMITERS = (",", ";", "\t")
_NAMED_DELIMITER = re.compile(r'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_HIGH = re.compile(r"[\x80-\uffff]+")

_ENCODING_UNKNOWN = (
    "How the file is encoded cannot be told. Save it as “CSV UTF-8”, or name the encoding with --encoding, such as "
    "windows-1251 for Cyrillic from Excel."
)


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    remark: str | None = None


def read(raw: bytes, encoding: str | None) -> Sheet:
    """The table in a text file; `encoding` where a person has named it.

    Raises:
        NotATable: where it is none.
    """
    decoded = _decoded(raw, encoding)
    if "\0" in decoded.text:
        raise NotATable("The file has bytes that no text has. Save it as “CSV UTF-8”, or as .xlsx.")
    text, delimiter = _delimiter(decoded.text)
    rows = [row for row in _rows(text, delimiter) if not row.is_blank]
    if not rows:
        raise NotATable("The file is empty.")
    if wide := [row.number for row in rows[1:] if len(row.cells) > len(rows[0].cells) and any(_beyond(row, rows[0]))]:
        raise NotATable(f"Row {wide[0]} has more cells than the head: a quotation mark or a delimiter is wrong there.")
    return Sheet(rows[0], tuple(rows[1:]), () if decoded.remark is None else (decoded.remark,))


def _beyond(row: Row, head: Row) -> tuple[str, ...]:
    return row.cells[len(head.cells) :]


def _decoded(raw: bytes, encoding: str | None) -> _Text:
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    try:
        if marked or encoding:
            return _Text(raw.decode(marked or encoding or "").removeprefix("\ufeff"))
        return _Text(raw.decode("utf-8"))
    except (UnicodeDecodeError, LookupError):
        if marked or encoding:
            raise NotATable(f"The file is not in {encoding or marked}, though it was said to be.") from None
    return _Text(_western(raw), "The file is not UTF-8; it was read as Windows-1252. Look whether the names are right.")


def _western(raw: bytes) -> str:
    """In Western languages letters beyond ASCII stand alone, seldom two together; in others they are the words."""
    try:
        text = raw.decode("windows-1252")
    except UnicodeDecodeError:
        raise NotATable(_ENCODING_UNKNOWN) from None
    runs = _HIGH.findall(text)
    if sum(len(run) > 1 for run in runs) * 4 > len(runs):
        raise NotATable(_ENCODING_UNKNOWN)
    return text


def _delimiter(text: str) -> tuple[str, str]:
    """The text, and what parts its cells: named in the first line, as Excel does, or else what is most often in the
    head outside of quotes."""
    if named := _NAMED_DELIMITER.match(text):
        return text[named.end() :], named[1]
    head = _QUOTED.sub("", text.lstrip()[:100_000]).partition("\n")[0]
    return text, max(_DELIMITERS, key=head.count)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MOST_ROWS + 1:
                raise too_many_rows()
            if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
                raise too_many_columns()
            yield Row(number, tuple(unescaped(cell) for cell in cells[:MOST_COLUMNS]))
    except csv.Error:
        raise NotATable(f"Line {reader.line_num} is not as CSV is written: look at its quotation marks.") from None
