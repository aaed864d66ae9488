"""Tables as people's programs write them, made here."""

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

Cells = Iterable[Sequence[Any]]


def german_excel(rows: Cells) -> bytes:
    """“CSV (Trennzeichen-getrennt)” of a German Excel: Windows-1252, semicolons."""
    return "".join(";".join(map(_quoted, row)) + "\r\n" for row in rows).encode("windows-1252")


def excel_utf8(rows: Cells) -> bytes:
    """“CSV UTF-8” of a German Excel: with the mark, semicolons."""
    return b"\xef\xbb\xbf" + "".join(";".join(map(_quoted, row)) + "\r\n" for row in rows).encode()


def excel_unicode_text(rows: Cells) -> bytes:
    """“Unicode Text” of Excel: UTF-16 with the mark, tabulators."""
    return b"\xff\xfe" + "".join("\t".join(map(_quoted, row)) + "\r\n" for row in rows).encode("utf-16-le")


def google_sheets(rows: Cells) -> bytes:
    """Google Sheets' download: UTF-8 without a mark, commas, no end of the last line."""
    return "\r\n".join(",".join(map(_quoted, row)) for row in rows).encode()


def libre_office(rows: Cells) -> bytes:
    """LibreOffice with every text quoted: UTF-8, commas, line feeds."""
    return "".join(",".join('"' + str(one).replace('"', '""') + '"' for one in row) + "\n" for row in rows).encode()


def workbook(rows: Cells, change: Callable[[Any], None] = lambda book: None) -> bytes:
    """An Excel workbook; `change` does something to it before it is saved."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_file(folder: Path, name: str, content: bytes) -> Path:
    """The content in a file of this name."""
    path = folder / name
    path.write_bytes(content)
    return path


def _quoted(cell: object) -> str:
    text = "" if cell is None else f"{cell:%d.%m.%Y}" if isinstance(cell, datetime) else str(cell)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '";,\t\r\n') else text
