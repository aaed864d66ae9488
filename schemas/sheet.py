"""A table as people see it: what a spreadsheet's file holds, and what is written into one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

Cell = str | datetime | None
"""What is written into a cell; a datetime is naive: a wall-clock time, in the zone that the head names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number`: as spreadsheets count, the first being 1. `unreadable`: places of cells that show an error."""

    number: int
    cells: tuple[str, ...] = field(repr=False)
    unreadable: frozenset[int] = frozenset()

    def cell(self, place: int) -> str:
        """What is in a column; nothing where the row ends before it."""
        return self.cells[place].strip() if place < len(self.cells) else ""

    @property
    def is_blank(self) -> bool:
        """Whether nobody has written anything in it."""
        return not self.unreadable and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that was read: its head, the rows below it that are not blank, and what people should know of how it was
    read (`remarks`; never what is in it)."""

    head: Row
    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be written: what each column is called and what is in it, and the line that says where it is from."""

    head: tuple[str, ...]
    rows: Sequence[Sequence[Cell]] = field(repr=False)
    watermark: str
    made_at: datetime
