"""Letters through a Convenor that is up: clock, broker and real Celery workers, each a process of its own.

Beside what `bench.mailing` measures, these rows hold what the clock takes to notice that something is due, what Celery
takes to hand it over, and whether a worker grows.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from adapters.database.letters import CLAIMED, PLANNED
from adapters.database.tables import LetterRow
from bench.mailing import CLOCK, a_sink
from tests.crowd import gather
from tests.journeys.town import Town, a_town

LONGEST = 1800.0
"""Seconds after which a mailing is given up."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """`wall`: seconds from when the letters were due to when all were sent and recorded. `cpu`: seconds of the workers
    of the queue `delivery` meanwhile; `memory`: of the largest of them afterwards, in MB."""

    letters: int
    wall: float
    cpu: float
    memory: float


@contextmanager
def a_running_town(folder: Path, database_url: str) -> Iterator[Town]:
    """`convenor up`, with the sink for a mail server; it has delivered its first hundred letters already."""
    with a_sink() as port:
        settings = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "CLOCK": CLOCK, "LOG_LEVEL": "error"}
        with a_town(folder, database_url, **settings) as town:
            delivered(town, 100, first=0)
            yield town


def delivered(town: Town, letters: int, *, first: int) -> Delivered:
    """Reminders to so many more people, numbered from `first`."""
    before = sum(map(_seconds, _workers(town)))
    gather(town.toolbox, letters, "reminder", first=first)
    begun = time.perf_counter()
    while _is_one_left(town):
        if time.perf_counter() - begun > LONGEST:
            raise TimeoutError(f"{_sent(town)} of {first + letters} were sent")
        time.sleep(0.01)
    wall = time.perf_counter() - begun
    assert _sent(town) == first + letters
    workers = _workers(town)
    return Delivered(letters, wall, sum(map(_seconds, workers)) - before, max(map(_megabytes, workers)))


def _is_one_left(town: Town) -> bool:
    """Asked of small indexes: to count all that went takes the database from whom it is to serve."""
    with town.toolbox.database.read() as session:
        left = (session.scalar(select(LetterRow.id).where(state).limit(1)) for state in (PLANNED, CLAIMED))
        return any(left)


def _sent(town: Town) -> int:
    with town.toolbox.database.read() as session:
        return session.scalar(select(func.count()).select_from(LetterRow).where(LetterRow.state == "sent")) or 0


def _workers(town: Town) -> list[int]:
    return town.processes("--queues=delivery")


def _seconds(process: int) -> float:
    """Of CPU, of the process and in the kernel for it."""
    of_the_process = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(of_the_process[11]) + int(of_the_process[12])) / 100


def _megabytes(process: int) -> float:
    held = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
    return int(held) * 4096 / 1e6
