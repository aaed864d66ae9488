"""How large a file may be, and the error of one that cannot be used (OWASP ASVS 5.0, 5.2.1 to 5.2.3)."""

from typing import Final

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_UNPACKED: Final = 64 * 1024 * 1024
"""Bytes of all parts of a workbook together, as its directory says; no more of a part is ever unpacked."""

MOST_PARTS: Final = 500
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200


class NotATable(Exception):
    """The file is none that can be read. The message says what a person can do about it, and never what is in it."""


def too_many_rows() -> NotATable:
    """The error of a longer table."""
    return NotATable(f"The table has more than {MOST_ROWS} rows. Split it.")


def too_many_columns() -> NotATable:
    """The error of a wider table."""
    return NotATable(f"The table has more than {MOST_COLUMNS} columns. Delete those that are of no use.")
