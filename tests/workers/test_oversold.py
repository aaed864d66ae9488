"""Places are never oversold: many workers at once, envelopes in any order, on both databases."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from adapters.database import envelopes
from adapters.database.tables import EnvelopeRow, RegistrationRow
from adapters.toolbox import Toolbox, build
from tests.house import FOREVER, House, a_house
from workers import approval, intake, offers

WORKERS, PEOPLE, PLACES = 6, 200, 50

ROOM = f"""\
id: room-2030
title: A conference
starts: 2030-06-14
ends: 2030-06-16
languages: [en]
place: A hall
admission: {{in_person: {{places: {PLACES}}}}}
sessions:
  - {{id: talk, title: A talk, date: 2030-06-15, start: 18:00, end: 19:30, format: in-person}}
  - id: dinner
    title: A dinner
    date: 2030-06-15
    start: 20:00
    end: 21:30
    format: in-person
    admission: {{in_person: {{approval: true, places: 5}}}}
"""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been handed to the broker, which these houses have none of."""
    handed: list[str] = []

    def take(_task: str, *ids: str) -> bool:
        handed.extend(ids)
        return True

    monkeypatch.setattr(intake, "enqueue", take)
    return handed


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house with fifty places, on 1 June 2030."""
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "room-2030.yaml").write_text(ROOM, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as one:
        one.at("2030-06-01T09:30:00+02:00")
        yield one


def asking(house: House, number: int, session_id: str = "talk") -> str:
    """Somebody's registration, received; the envelope's id."""
    data: dict[str, Any] = {"full_name": f"Person {number}", "email": f"person{number:03}@example.org",
                            "sessions": [session_id]}  # fmt: skip
    return house.receive(data, conference="room-2030")


def work(toolbox: Toolbox, waiting: Sequence[str]) -> None:
    """What one worker does with its messages; and with what is left, when the sweep hands it over again."""
    for one in waiting:
        intake.open_in_turn(toolbox, one)
    with toolbox.database.read() as session:
        stuck = envelopes.stuck(session, FOREVER, PEOPLE)
    for one in stuck:
        intake.open_in_turn(toolbox, one)


def in_parallel(
    house: House, ids: Sequence[str], chance: Random, job: Callable[[Toolbox, Sequence[str]], object] = work
) -> None:
    """Several workers, each with connections of its own, and what is to be done in a random order among them."""
    mixed = chance.sample(list(ids), len(ids))
    toolboxes = [build(house.toolbox.settings) for _ in range(WORKERS)]
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            shares = [mixed[number::WORKERS] for number in range(WORKERS)]
            list(pool.map(job, toolboxes, shares))
    finally:
        for one in toolboxes:
            one.close()


def standing(house: House, envelope_ids: Sequence[str]) -> list[RegistrationRow]:
    """Everybody's registration, in the order in which they were received."""
    with house.toolbox.database.read() as session:
        people = {row.id: row.participant_id for row in session.scalars(select(EnvelopeRow))}
        rows = {row.participant_id: row for row in session.scalars(select(RegistrationRow))}
    return [rows[str(people[one])] for one in envelope_ids]


@pytest.mark.usefixtures("told")
def test_of_200_who_register_at_once_the_first_50_have_a_place_and_150_wait_in_their_order(house: House) -> None:
    chance = Random(6)  # noqa: S311 - an order, and no secret
    asked = [asking(house, number) for number in range(PEOPLE)]
    in_parallel(house, asked, chance)
    rows = standing(house, asked)
    assert [row.state for row in rows] == ["registered"] * PLACES + ["waitlisted"] * (PEOPLE - PLACES)
    waiting_at = [row.waiting_at for row in rows[PLACES:]]
    assert waiting_at == sorted(set(waiting_at), key=lambda one: one or house.toolbox.clock.now())
    gone = [house.receive({"email": f"person{number:03}@example.org"}, kind="registration.withdrawn",
                          conference="room-2030") for number in range(5)]  # fmt: skip
    in_parallel(house, gone, chance)
    with ThreadPoolExecutor(3) as pool:
        offered = list(pool.map(offers.sweep, [house.toolbox] * 3))
    assert sorted(one for each in offered for one in each) == sorted(
        row.participant_id for row in rows[PLACES : PLACES + 5]
    )
    after = [row.state for row in standing(house, asked)]
    assert after == ["withdrawn"] * 5 + ["registered"] * 45 + ["offered"] * 5 + ["waitlisted"] * 145


@pytest.mark.usefixtures("told")
def test_of_30_who_are_approved_at_once_5_have_the_5_places(house: House) -> None:
    chance = Random(6)  # noqa: S311 - an order, and no secret
    asked = [asking(house, number, "dinner") for number in range(30)]
    in_parallel(house, asked, chance)
    waiting = [row.id for row in standing(house, asked)]
    in_parallel(house, waiting, chance, lambda toolbox, ids: approval.approve(toolbox, ids, "cli:tester"))
    states = [row.state for row in standing(house, asked)]
    assert (states.count("registered"), states.count("waitlisted")) == (5, 25)
