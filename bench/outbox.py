"""The clock's tick before an outbox of a million letters that are planned for later, and 100 that are due.

Each statement that the clock runs again and again is timed by itself, on the rows as they stand; what a statement
changes is rolled back. The one that counts is the claim: it finds the letters that are due.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text
from sqlalchemy.orm import Session

from adapters.database import claims, envelopes, figures, registrations, zoom_events
from adapters.database.schema import migrate
from adapters.toolbox import Toolbox, build
from bench.table import Row, table
from tests.crowd import gather
from tests.house import settings_for
from tests.servers.postgres import postgres_server
from workers import wishes
from workers.delivery import BATCH
from workers.housekeeping import MOST_WAKES
from workers.programme import put_in_force

ROWS = 1_000_000
DUE = 100
TIMES = 30
CLAIM = "a sweep finds 100 that are due, and claims them"
CLOCK = "2021-06-14T16:00:00+02:00;speed=0"

_LATER = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)
INSERT INTO letters (id, participant_id, conference, kind, about, revision, sessions, changes, message_id, due_at,
                     not_after, state, tries, created_at)
SELECT 'let_later_' || n, participant_id, conference, kind, 'later-' || n, 1, sessions, changes, '<later-' || n || '>',
       :due_at, :not_after, 'planned', 0, created_at
FROM numbers CROSS JOIN (SELECT * FROM letters ORDER BY id LIMIT 1) AS one
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One statement's seconds, at the median and at worst, and those of our processor at the median."""

    what: str
    database: str
    seconds: float
    worst: float
    cpu: float


class _Undone(Exception):
    """Ends a transaction that only measured."""


def looks(rows: int = ROWS) -> Iterator[Look]:
    """On both databases."""
    with tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder:
        yield from _looks("SQLite", Path(folder), f"sqlite:///{folder}/convenor.db", rows)
    with (
        tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder,
        postgres_server() as server,
        server.database() as url,
    ):
        yield from _looks("PostgreSQL", Path(folder), url, rows)


def _looks(database: str, folder: Path, url: str, rows: int) -> Iterator[Look]:
    toolbox = build(settings_for(folder, url, "smtp://127.0.0.1:9", clock=CLOCK))
    migrate(toolbox.database)
    put_in_force(toolbox, toolbox.settings.conferences)
    gather(toolbox, DUE, "reminder")
    _fill(toolbox, rows)
    for what, look in _statements(toolbox).items():
        taken = [_timed(toolbox, look) for _ in range(TIMES)]
        walls, cpus = zip(*taken, strict=True)
        yield Look(what, database, median(walls), max(walls), median(cpus))
    toolbox.close()


def _fill(toolbox: Toolbox, rows: int) -> None:
    """Letters that are all due at one later instant, as a reminder's are. PostgreSQL is told that the table has grown,
    as its own housekeeping would within a minute."""
    due_at = toolbox.clock.now() + timedelta(days=7)
    sqlite = toolbox.database.is_sqlite
    written = {name: str(moment).replace("+00:00", ".000000") if sqlite else moment
               for name, moment in (("due_at", due_at), ("not_after", due_at + timedelta(hours=1)))}  # fmt: skip
    with toolbox.database.write() as session:
        if not sqlite:
            session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text(_LATER), {"rows": rows, **written})
    if not sqlite:
        with toolbox.database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _timed(toolbox: Toolbox, look: Callable[[Session], object]) -> tuple[float, float]:
    with suppress(_Undone), toolbox.database.write() as session:
        begun, worked = time.perf_counter(), time.thread_time()
        look(session)
        taken = time.perf_counter() - begun, time.thread_time() - worked
        raise _Undone
    return taken


def _statements(toolbox: Toolbox) -> dict[str, Callable[[Session], object]]:
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    before, until = machine_now - timedelta(seconds=10), machine_now + timedelta(seconds=75)

    def claim(session: Session) -> None:
        assert len(claims.claim(session, "bench#1", DUE, now, machine_now, until)) == DUE

    return {
        CLAIM: claim,
        "how many are due": lambda session: claims.due_count(session, now, machine_now, MOST_WAKES * BATCH),
        "who holds letters": claims.holders,
        "what waits, for the monitor": lambda session: figures.waiting(session, now),
        "envelopes that got stuck": lambda session: envelopes.stuck(session, before, 1000),
        "registrations that got stuck": lambda session: registrations.stuck(session, before, 1000, may_follow=[]),
        "registrations without a link": lambda session: wishes.wish_for_old_ones(toolbox, session, 1000),
        "Zoom events with work": lambda session: zoom_events.with_work(session, before, now, machine_now, 1000),
    }


def listed() -> Iterator[Row]:
    """For the table."""
    for one in looks():
        must = "10 ms" if one.what == CLAIM else ""
        yield Row(
            f"{one.database}, {ROWS:,} letters planned: {one.what}",
            f"{one.seconds * 1e3:.2f} ms (CPU of ours {one.cpu * 1e3:.2f} ms), worst {one.worst * 1e3:.2f} ms, "
            f"load {os.getloadavg()[0]:.1f}",
            must, "", "python -m bench.outbox",
        )  # fmt: skip


if __name__ == "__main__":
    table("What the clock asks of an outbox of a million letters", [*listed()])
