"""Tables in files: CSV and Excel's workbooks, read with suspicion and written so that nobody is harmed by opening them.

What a file is, its bytes say; its name must agree (OWASP ASVS 5.0, 5.2.2).
"""

from pathlib import Path

from adapters.sheets import separated, workbooks
from adapters.sheets.limits import MOST_BYTES, NotATable
from schemas.sheet import Sheet

__all__ = ["NotATable", "read"]

_TEXTS = frozenset({".csv", ".tsv", ".txt"})
_ARCHIVE = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0"
"""Of Excel's files before 2007, and of those with a password."""


def read(path: Path, *, sheet: str | None = None, encoding: str | None = None) -> Sheet:
    """The table in a file: of a workbook the named sheet, or the first visible one; of a text in `encoding` where that
    is named, and otherwise in the one that is found.

    Raises:
        NotATable: where it cannot be read. Trying again does not help.
    """
    raw = _bytes(path)
    if path.suffix.lower() == ".xlsx":
        if raw.startswith(_COMPOUND):
            raise NotATable("The workbook has a password, or is of Excel before 2007. Save it as .xlsx without one.")
        if not raw.startswith(_ARCHIVE):
            raise NotATable("The file is called .xlsx and is no workbook.")
        return workbooks.read(raw, sheet)
    if path.suffix.lower() not in _TEXTS:
        raise NotATable("Only .csv, .tsv, .txt and .xlsx can be read. Save the table as one of them.")
    if raw.startswith((_ARCHIVE, _COMPOUND)):
        raise NotATable(f"The file is called {path.suffix.lower()} and is a workbook. Name it .xlsx.")
    return separated.read(raw, encoding)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as wrong:
        raise NotATable(f"The file cannot be read: {wrong.strerror}.") from None
    if len(raw) > MOST_BYTES:
        raise NotATable(f"The file has more than {MOST_BYTES // 2**20} MB. Split it.")
    return raw
