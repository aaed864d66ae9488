"""One storm, from the first registration to the count."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select, update

from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import DestinationRow, LetterRow, RegistrantRow, RegistrationRow, ZoomEventRow
from bench.storm import people as crowds
from bench.storm.blows import Weather, leave_room
from bench.storm.judge import Judge, Verdict, by_habit
from bench.storm.plan import Blow, drawn
from bench.storm.post_office import PostOffice
from bench.storm.street import Crowd
from cli.progress import unsettled
from tests.journeys.town import Town, a_town
from tests.servers.postgres import PrivatePostgres, private_postgres

SMTP_TIMEOUT = 4


@dataclass(frozen=True, slots=True)
class Storm:
    """How big, how long, which. The seed decides who comes, what they say, and which blow falls when; who is hit in
    the middle of what is the machine's chance."""

    people: int
    seconds: float
    seed: int
    database: Literal["sqlite", "postgresql"]
    patience: float = 300.0
    only: str = ""
    """Of the blows only those whose name holds this."""

    @property
    def command(self) -> str:
        """What repeats it."""
        return (f"python -m bench.storm --people {self.people} --seconds {self.seconds:g} --seed {self.seed} "
                f"--database {self.database}" + (f" --only '{self.only}'" if self.only else ""))  # fmt: skip


def passed(storm: Storm, folder: Path) -> Verdict:
    """Let it pass over a Convenor of its own, in `folder`, and judge."""
    blows, people = drawn(storm.seed, storm.seconds, storm.only), crowds.crowd(storm.seed, storm.people, storm.seconds)
    say(f"This storm again: {storm.command}")
    say("\n".join(f"  {one.at:6.1f} s  {one.what}" for one in blows))
    office = PostOffice(storm.seed, {one.address for one in people if not one.exists})
    try:
        with _database(storm, folder) as (url, postgres):
            settings = {"SMTP_URL": office.url, "SMTP_TIMEOUT": str(SMTP_TIMEOUT)}
            with a_town(folder, url, **settings) as town:
                crowd = Crowd(people, town.address)
                weather = Weather(town, office, postgres)
                crowd.begin()
                _rage(weather, blows, storm.seconds)
                _last_blows(weather)
                left = _calm(town, crowd, office, storm.patience)
                say(_told(weather, office, crowd, left))
                judge = Judge(people, crowd.accepted, office.taken, town.toolbox, _shown(town),
                              office.untold + weather.exposed)  # fmt: skip
                verdict = judge.verdict()
                verdict.faults["still waiting"] = sum(left.values())
                return verdict
    finally:
        office.close()


@contextmanager
def _database(storm: Storm, folder: Path) -> Iterator[tuple[str, PrivatePostgres | None]]:
    if storm.database == "sqlite":
        yield f"sqlite:///{folder}/convenor.db", None
        return
    with private_postgres() as private:
        yield private.url, private


def _rage(weather: Weather, blows: list[Blow], seconds: float) -> None:
    begun = time.monotonic()
    for one in blows:
        time.sleep(max(0.0, begun + one.at - time.monotonic()))
        weather.strike(one.what, one.seconds)
    time.sleep(max(0.0, begun + seconds - time.monotonic()))


def _last_blows(weather: Weather) -> None:
    """Whatever waited for another try goes at once, in long rounds: the moment to strike who delivers."""
    for _ in range(2):
        _hasten(weather.town)
        weather.strike("kill a child of delivery", 0)


def _calm(town: Town, crowd: Crowd, office: PostOffice, patience: float) -> dict[str, int]:
    """Wait until nothing waits; what still does after that time. Nobody waits for the minutes until a letter, or Zoom,
    is tried again: that it is planned is proof enough, and it is tried now. The mail server is the last to be well."""
    leave_room(town.folder / "var" / "broker")
    until, quiet, left = time.monotonic() + patience, 0, {"everything": 1}
    while time.monotonic() < until:
        _hasten(town)
        left = {} if crowd.through() else {"posts": 1}
        left |= unsettled(town.toolbox, town.toolbox.clock.now()) | _without_a_link(town)
        quiet = 0 if left else quiet + 1
        office.rough = office.rough and bool(left) and time.monotonic() < until - patience / 2
        if quiet == 3:  # and whatever would come twice has had time to come
            return {}
        time.sleep(1)
    return left


def _hasten(town: Town) -> None:
    with suppress(DatabaseUnavailable), town.toolbox.database.write() as session:
        waits = LetterRow.state == "planned", LetterRow.machine_try_after.is_not(None)
        session.execute(update(LetterRow).where(*waits).values(machine_try_after=None))
        session.execute(update(DestinationRow).values(machine_paused_until=None, refusals=0, refused=[], pauses=0))
        session.execute(update(ZoomEventRow).values(machine_try_after=None))
        session.execute(update(RegistrantRow).values(machine_try_after=None))


def _without_a_link(town: Town) -> dict[str, int]:
    """Who waits for Zoom, which was away with the web that it is a part of here, and so is not asked just now."""
    waiting = RegistrationRow.link == "wanted", RegistrationRow.state == "registered"
    with town.toolbox.database.read() as session:
        number = session.scalar(select(func.count()).select_from(RegistrationRow).where(*waiting)) or 0
    return {"links": number} if number else {}


def _shown(town: Town) -> frozenset[str]:
    """What `convenor failures` tells of letters."""
    command = [sys.executable, "-m", "cli.main", "failures", "--json", "--limit", "10000"]
    answer = subprocess.run(command, env=town.environment, check=True, capture_output=True, text=True)
    return frozenset(str(row["id"]) for row in json.loads(answer.stdout) if row.get("state") == "failed")


def _told(weather: Weather, office: PostOffice, crowd: Crowd, left: dict[str, int]) -> str:
    struck = ", ".join(f"{what} {number}" for what, number in sorted(weather.struck.items()))
    missed = ", ".join(f"{what} {number}" for what, number in sorted(weather.missed.items())) or "none"
    return (
        f"Blows: {struck}. Missed: {missed}.\nThe mail server: {by_habit(office.habits)}.\n"
        f"Posts made again: {crowd.refused}. Left: {left or 'nothing'}."
    )


def print_verdict(storm: Storm, verdict: Verdict) -> None:
    """The table, and whether it stood."""
    rows = [*verdict.figures.items(), ("", ""), *((f"{what} (must be 0)", n) for what, n in verdict.faults.items())]
    say("\n".join(f"{what:<48}{number:>8}" for what, number in rows))
    say("\n".join(verdict.details) or "")
    say("It stood." if verdict.stood else f"IT DID NOT STAND. Again: {storm.command}")


def say(words: str) -> None:
    """To whoever looks on."""
    print(words, flush=True)
