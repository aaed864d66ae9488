"""Imported rows where not everybody is let in."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from domain.sheets.columns import columns
from domain.sheets.exported import Wanted
from domain.sheets.fates import Verdict
from domain.sheets.rows import is_remark, understood
from schemas.programme import Conference
from schemas.sheet import Row
from tests.house import House
from tests.workers.test_places import approve, halls, register, row_of, stands, sweep, withdraw
from workers import exports, imports

HEAD = ("full_name", "email", "sessions", "attendance", "state")


@pytest.fixture
def hall(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house on 1 June 2030, with sessions that not everybody may attend."""
    with halls(tmp_path, database_url) as one:
        yield one


def programme(house: House) -> Conference:
    with house.toolbox.database.read() as session:
        in_force = house.toolbox.shelf.get(session, "hall-2030")
    assert in_force is not None
    return in_force.conference


def verdicts(house: House, *rows: tuple[str, ...], head: tuple[str, ...] = HEAD, take: bool = False) -> list[Verdict]:
    """The rows' fates; with `take` they are imported and judged, too."""
    meant = columns(Row(1, head), programme(house), {})
    said = [understood(one, meant) for one in map(Row, range(2, len(rows) + 2), rows) if not is_remark(one)]
    judged = list(imports.judge(house.toolbox, programme(house), said))
    if take:
        some = [one for one in judged if one.deliveries]
        for ids in imports.record(house.toolbox, "hall-2030", some, who="cli:tester"):
            for one in ids:
                house.process(one)
    return [one.verdict for one in judged]


def named(name: str, session: str) -> tuple[str, ...]:
    return (f"{name.title()} Quill", f"{name}@example.org", session, "in person", "")


def test_a_dry_run_says_who_waits_and_takes_nobody_s_place(hall: House) -> None:
    (first,) = verdicts(hall, named("robin", "talk"))
    assert first.difference.sessions == ("talk: registered, in-person",)
    register(hall, "kim", "talk")
    (after,) = verdicts(hall, named("robin", "talk"))
    assert after.difference.sessions == ("talk: waitlisted, in-person",)
    assert verdicts(hall, named("robin", "class"))[0].difference.sessions == ("class: pending, online",)
    assert verdicts(hall, named("robin", "vault"))[0].difference.sessions == ("vault: registered, online",)


def test_places_are_given_in_the_order_of_the_rows(hall: House) -> None:
    found = verdicts(hall, *(named(name, "talk") for name in ("robin", "kim", "lou")), take=True)
    assert {one.fate for one in found} == {"new"}
    assert [stands(hall, name, "talk")[0] for name in ("robin", "kim", "lou")] == [
        "registered",
        "waitlisted",
        "waitlisted",
    ]


def test_an_export_of_those_who_wait_or_were_offered_a_place_changes_nothing(hall: House) -> None:
    for name in ("robin", "kim", "lou"):
        register(hall, name, "talk", "class")
    approve(hall, row_of(hall, "robin", "class").id)
    withdraw(hall, "robin", "talk")
    sweep(hall)
    for wanted in (Wanted("secretariat", withdrawn=True), Wanted("secretariat", "participant", withdrawn=True)):
        table = exports.export(hall.toolbox, programme(hall), wanted, who="cli:tester", form="csv")
        rows = [tuple("" if cell is None else str(cell) for cell in row) for row in table.rows]
        assert "offered" in repr(rows)
        assert {one.fate for one in verdicts(hall, *rows, head=table.head)} == {"same"}


def test_what_was_offered_cannot_be_taken_by_a_table(hall: House) -> None:
    register(hall, "robin", "talk")
    (refused,) = verdicts(hall, ("Robin Quill", "robin@example.org", "talk", "in person", "offered"))
    assert (refused.fate, refused.reasons[0].code) == ("refused", "not-importable")


def test_all_places_of_a_row_are_locked_before_its_person(hall: House) -> None:
    """As everybody else does it, so that nobody waits for each other: a row may be several submissions."""
    locked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        named = re.match(r"INSERT INTO (places)|SELECT.*\sFROM (participants)", statement, re.DOTALL)
        locked.extend(filter(None, named.groups() if named else ()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        row = ("Robin Quill", "robin@example.org", "in person", "online")
        verdicts(hall, row, head=("full_name", "email", "talk", "class"))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    tried = locked[locked.index("places") :]
    before = tried[: tried.index("participants")]
    assert len(before) >= 2
