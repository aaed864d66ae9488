"""One piece of work on the emulated Zoom: a transaction, with the times and options that hold in it."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from web.zoom_emulator.options import Options

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """`now` is the time that events live in, and may be a rehearsal's; `machine_now` that of tokens and seconds.

    `base_url`: where the emulator is reached, without a slash at its end.
    """

    db: sqlite3.Connection
    now: datetime
    machine_now: datetime
    options: Options
    base_url: str

    def run(self, sql: str, *values: object) -> int:
        """Execute; how many rows were changed."""
        return self.db.execute(sql, values).rowcount

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """All rows."""
        return self.db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row."""
        row: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return row

    def number(self, sql: str, *values: object) -> int:
        """The one number that is asked for."""
        row = self.one(sql, *values)
        return int(row[0] or 0) if row else 0

    def chance(self, *what: object) -> Random:
        """Chance that falls the same way each time, by the options' seed."""
        return Random(":".join(map(str, (self.options.seed, *what))))  # noqa: S311 - nothing secret follows from it


Working = Callable[[], AbstractContextManager[Work]]
"""Opens a piece of work; it is committed at its end."""


def compact(value: object) -> str:
    """JSON as Zoom signs it: without blanks, in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def zoom_time(moment: datetime) -> str:
    """`2026-10-22T12:00:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def from_timestamp(seconds: float) -> datetime:
    """The instant of a Unix time."""
    return datetime.fromtimestamp(seconds, UTC)
