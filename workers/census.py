"""Counting over all rows, for the monitor: in a worker, because the clock has reminders to send off in time."""

from dataclasses import replace

from adapters.database import census
from adapters.toolbox import Toolbox
from domain.cadence import day_of
from domain.times import VIENNA
from workers.app import COUNT, app, tools


@app.task(name=COUNT)
def count() -> None:
    """Count, unless somebody has just done so."""
    keep_count(tools())


def keep_count(toolbox: Toolbox) -> bool:
    """Count and keep what was counted; whether it was time for it. What two count at once is counted twice, no more."""
    clock = toolbox.clock
    now, machine_now = clock.now(), clock.machine_now()
    with toolbox.database.read() as session:
        if not census.is_due(session, machine_now):
            return False
        found = census.count(session, census.Day(*day_of(now, VIENNA)), now, machine_now)
    seconds = (clock.machine_now() - machine_now).total_seconds()
    with toolbox.database.write() as session:
        census.keep(session, replace(found, seconds=seconds))
    return True
