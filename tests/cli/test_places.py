"""Who waits for approval or for a place, and deciding about them, in the terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.database import audits
from tests.cli.conftest import Convenor, answer
from tests.house import House, a_house

LECTURE = """\
id: lecture
title: A conference
starts: 2030-06-14
ends: 2030-06-16
place: A hall
sessions:
  - id: talk
    title: A talk
    date: 2030-06-15
    start: 18:00
    end: 19:30
    format: in-person
    admission: {in_person: {approval: true, places: 1}}
"""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house with a session whose participants are approved by an admin, and two who wait for it."""
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "lecture.yaml").write_text(LECTURE, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as one:
        for name in ("ada", "ben"):
            data = {"full_name": name, "email": f"{name}@example.org", "organisation": "Example", "sessions": ["talk"]}
            one.register(data, conference="lecture")
        yield one


def test_who_waits_is_listed_and_let_in_and_refused(house: House, convenor: Convenor) -> None:
    rows = answer(convenor("places", "--json"))
    assert [(row["state"], row["organisation"], row["approved"]) for row in rows] == [("pending", "Example", False)] * 2
    assert sorted(row["address"] for row in rows) == ["a…@example.org", "b…@example.org"]
    first, second = (str(row["id"]) for row in rows)
    approved = convenor("places", "approve", first, second, "reg_nobody")
    assert (approved.returncode, approved.stdout.splitlines()) == (
        0, [f"{first}: registered", f"{second}: waitlisted", "reg_nobody: unknown (nothing was changed)"],
    )  # fmt: skip
    assert convenor("places", "refuse", first, "--reason", " ").returncode == 2
    assert convenor("places", "refuse", first, "--reason", "Nobody knows them").stdout == f"{first}: refused\n"
    (counted,) = answer(convenor("places", "show", "lecture", "--json"))
    kept = {name: counted[name] for name in ("places", "registered", "waitlisted", "refused")}
    assert kept == {"places": 1, "registered": 0, "waitlisted": 1, "refused": 1}
    with house.toolbox.database.read() as session:
        noted = audits.listed(session, house.toolbox.vault, 9, conference="lecture")
    assert [one.action for one in noted] == ["places.refuse", "places.approve", "places.approve"]
    assert {one.who.partition(":")[0] for one in noted} == {"cli"}
