"""A scrape of /metrics with 100,000 participants and a million letters in PostgreSQL, and each of its questions by
itself. What is counted over all rows a worker has counted before: `bench.monitor` times that.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from statistics import median

from prometheus_client import generate_latest
from sqlalchemy.orm import Session

from adapters.database import bounces, census, figures, outgoing, tallies, vitals, zoom_events
from adapters.toolbox import Toolbox
from bench.monitor import crowded
from bench.table import Row, table
from domain.cadence import day_of
from domain.times import VIENNA
from web.metrics import Metrics
from workers.census import keep_count

TIMES = 30
MUST = "200 ms"


def listed() -> Iterator[Row]:
    """For the table."""
    with crowded() as toolbox:
        keep_count(toolbox)
        registry = Metrics(toolbox).registry
        yield _row("a scrape", [_timed(lambda: generate_latest(registry)) for _ in range(TIMES)], MUST)
        for what, ask in _questions(toolbox).items():
            yield _row(what, [_asked(toolbox, ask) for _ in range(TIMES)], "")


def _questions(toolbox: Toolbox) -> dict[str, Callable[[Session], object]]:
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    day = census.Day(*day_of(now, VIENNA))
    return {
        "the last census": lambda session: census.last(session, day, now, machine_now),
        "letters given up": outgoing.given_up,
        "what waits": lambda session: figures.waiting(session, now),
        "letters that could go": lambda session: vitals.ready_since(session, now, machine_now),
        "dead letters": lambda session: vitals.dead_letters(session, now),
        "dead submissions": vitals.dead_submissions,
        "policy bounces": lambda session: vitals.policy_bounces(session, machine_now - timedelta(days=1)),
        "bounces": bounces.counts,
        "Zoom events": zoom_events.listed,
        "tallies": tallies.all_of,
    }


def _asked(toolbox: Toolbox, ask: Callable[[Session], object]) -> float:
    with toolbox.database.read() as session:
        return _timed(lambda: ask(session))


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _row(what: str, taken: Sequence[float], must: str) -> Row:
    said = f"{median(taken) * 1e3:.1f} ms, best {min(taken) * 1e3:.1f} ms, load {os.getloadavg()[0]:.1f}"
    return Row(f"/metrics: {what}", said, must, "", "python -m bench.scrape")


if __name__ == "__main__":
    table("What Prometheus asks of 100,000 people and a million letters, in PostgreSQL", [*listed()])
