"""A session that is moved, with 1,000 invited: what the plan costs, and applying it, on SQLite.

Applied, everybody's update is in the outbox, and their reminders are in the new hours.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import update

from adapters.database.tables import LetterRow, ParticipantRow
from bench.measure import Figure
from tests.crowd import SESSION, gather
from tests.house import House, a_house
from tests.workers.test_old_and_new import changed, in_force
from workers import memory, plans

PEOPLE = 1_000


def of_a_change(folder: Path) -> Iterator[Figure]:
    """One plan, and one that is applied."""
    folder.mkdir(parents=True)
    with a_house(folder, f"sqlite:///{folder}/convenor.db") as house:
        _invite(house)
        after = changed(in_force(house), SESSION, {"start": "18:30", "end": "20:00"})
        begun = time.perf_counter()
        made = plans.plan(house.toolbox, after)
        planned = time.perf_counter()
        plans.apply(house.toolbox, after, made.digest, "cli:bench")
        applied = time.perf_counter()
    assert made.total == PEOPLE
    yield Figure(f"a plan of a change that concerns {PEOPLE} people", 1, planned - begun)
    yield Figure(f"the same applied: {PEOPLE} letters, and as many reminders moved", 1, applied - planned)


def _invite(house: House) -> None:
    """A crowd whose invitations have gone, with their reminders."""
    gather(house.toolbox, PEOPLE, "invitation")
    now = house.toolbox.clock.now()
    with house.toolbox.database.write() as session:
        session.execute(update(LetterRow).values(state="claimed", leased_by="bench", machine_leased_until=now))
        session.execute(update(LetterRow).values(state="sent", sent_at=now, leased_by=None, machine_leased_until=None))
        session.execute(update(ParticipantRow).values(reminders_version=None))
    while memory.catch_up(house.toolbox, 50):
        pass
