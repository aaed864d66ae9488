"""Writing in groups: what waits together is committed together, what is urgent first, and what fails fails alone."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert
from sqlalchemy.orm import Session

from adapters.database.engine import Database, DatabaseUnavailable
from adapters.database.many import insert_all_unless_there
from adapters.database.schema import migrate
from adapters.database.tables import FactRow
from web.writer import MOST_TOGETHER, MOST_URGENT, Writer


class Desk:
    """A writer whose threads are held until it is told to go on."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.writer = Writer(database)
        self.order: list[str] = []
        self.commits = 0
        self.go_on = threading.Event()
        event.listen(database.engine, "commit", self._count)

    def write(self, name: str, *, urgent: bool = False) -> Awaitable[str]:
        """Write a row of this name, once it is its turn."""

        def work(session: Session) -> str:
            session.add(FactRow(name=name, value="x"))
            session.flush()
            self.order.append(name)
            return name.upper()

        return asyncio.ensure_future(self.writer.write(work, urgent=urgent))

    async def hold(self) -> list[Awaitable[bool]]:
        """Occupy all threads."""
        number = 1 if self.database.is_sqlite else 4
        begun = threading.Barrier(number + 1)

        def wait(_: Session) -> bool:
            begun.wait()
            return self.go_on.wait()

        held = [asyncio.ensure_future(self.writer.write(wait)) for _ in range(number)]
        await asyncio.to_thread(begun.wait)
        return [*held]

    def rows(self) -> set[str]:
        """The names that are in the database."""
        with self.database.read() as session:
            return {one.name for one in session.query(FactRow) if one.value == "x"}

    def _count(self, _: object) -> None:
        self.commits += 1


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """The desk, with an empty table."""
    database = Database(database_url)
    migrate(database)
    yield Desk(database)
    database.dispose()


def all_of(desk: Desk, write: Callable[[], list[Awaitable[Any]]]) -> list[Any]:
    """What becomes of all that is written while the writer is held."""

    async def scene() -> list[Any]:
        held = await desk.hold()
        written = write()
        await asyncio.sleep(0)
        before = desk.commits
        desk.go_on.set()
        await asyncio.gather(*held)
        found = await asyncio.gather(*written, return_exceptions=True)
        desk.commits -= before
        return found

    return asyncio.run(scene())


def test_each_gets_what_its_own_work_gives_and_all_is_there(desk: Desk) -> None:
    names = [f"row-{number}" for number in range(60)]
    assert all_of(desk, lambda: [desk.write(name) for name in names]) == [name.upper() for name in names]
    assert desk.rows() == set(names)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL groups commits itself
def test_what_waits_together_is_committed_together(desk: Desk) -> None:
    all_of(desk, lambda: [desk.write(f"row-{number}") for number in range(MOST_TOGETHER + 1)])
    assert desk.commits == 2  # fifty, and one


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_urgent_goes_first_and_leaves_room_for_others(desk: Desk) -> None:
    all_of(desk, lambda: [
        *(desk.write(f"form-{number}") for number in range(MOST_TOGETHER)),
        *(desk.write(f"zoom-{number}", urgent=True) for number in range(MOST_TOGETHER)),
    ])  # fmt: skip
    first, second = desk.order[:MOST_TOGETHER], desk.order[MOST_TOGETHER:]
    half = MOST_TOGETHER - MOST_URGENT
    assert first == [
        *(f"zoom-{number}" for number in range(MOST_URGENT)),
        *(f"form-{number}" for number in range(half)),
    ]
    assert [name.partition("-")[0] for name in second] == ["zoom"] * MOST_URGENT + ["form"] * half


def test_one_that_fails_fails_alone(desk: Desk) -> None:
    def bad(_: Session) -> str:
        raise ValueError("bad")

    found = all_of(desk, lambda: [desk.write("one"), asyncio.ensure_future(desk.writer.write(bad)), desk.write("two")])
    assert [str(one) for one in found] == ["ONE", "bad", "TWO"]
    assert desk.rows() == {"one", "two"}


def test_of_two_that_cannot_both_be_the_second_fails_alone(desk: Desk) -> None:
    found = all_of(desk, lambda: [desk.write("one"), desk.write("one"), desk.write("two")])
    assert (sorted(type(one).__name__ for one in found), desk.rows()) == (
        ["IntegrityError", "str", "str"], {"one", "two"},
    )  # fmt: skip


def test_what_is_of_a_kind_is_written_with_one_call(desk: Desk) -> None:
    calls: list[list[str]] = []

    def all_at_once(connection: Connection, names: Sequence[str]) -> list[str]:
        calls.append(list(names))
        connection.execute(insert(FactRow), [{"name": name, "value": "x"} for name in names])
        return [name.upper() for name in names]

    async def scene() -> list[str]:
        return await asyncio.gather(*(desk.writer.write_together(all_at_once, f"row-{one}") for one in range(20)))

    assert asyncio.run(scene()) == [f"ROW-{one}" for one in range(20)]
    assert (calls, desk.rows()) == ([[f"row-{one}" for one in range(20)]], {f"row-{one}" for one in range(20)})


def test_where_the_database_is_gone_all_are_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    def write() -> list[Awaitable[str]]:
        monkeypatch.setattr(Database, "write", gone)
        return [desk.write("one"), desk.write("two")]

    assert [str(one) for one in all_of(desk, write)] == ["gone", "gone"]
    monkeypatch.undo()
    assert desk.rows() == set()
    assert all_of(desk, lambda: [desk.write("three")]) == ["THREE"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_the_database_goes_while_one_after_the_other_is_tried_nobody_waits_for_it_again(desk: Desk) -> None:
    tried = []

    def work(name: str) -> Callable[[Session], str]:
        def once(session: Session) -> str:
            tried.append(name)
            if name == "bad":
                raise ValueError(name)
            if tried.count(name) > 1:
                raise DatabaseUnavailable("gone")
            session.add(FactRow(name=name, value="x"))
            return name.upper()

        return once

    names = ["one", "bad", "two", "three"]
    found = all_of(desk, lambda: [asyncio.ensure_future(desk.writer.write(work(name))) for name in names])
    assert ([repr(one) for one in found], tried) == (["DatabaseUnavailable('gone')"] * 4, ["one", "bad", "one"])


def test_whoever_has_gone_before_it_has_begun_is_left_out(desk: Desk) -> None:
    async def impatient() -> str:
        async with asyncio.timeout(0):
            return await desk.write("one")

    found = all_of(desk, lambda: [asyncio.ensure_future(impatient()), desk.write("two")])
    assert [type(one).__name__ for one in found] == ["TimeoutError", "str"]
    assert desk.rows() == {"two"}


def test_whoever_waits_no_longer_than_so_long_is_told_so_and_left_out(desk: Desk) -> None:
    def work(session: Session) -> str:
        session.add(FactRow(name="late", value="x"))
        return "written"

    found = all_of(desk, lambda: [asyncio.ensure_future(desk.writer.write(work, seconds=0)), desk.write("two")])
    assert [type(one).__name__ for one in found] == ["TimeoutError", "str"]
    assert desk.rows() == {"two"}


def test_one_statement_is_a_transaction_by_itself(desk: Desk) -> None:
    def add(connection: Connection, *names: str) -> int:
        return insert_all_unless_there(connection, FactRow, [{"name": name, "value": "x"} for name in names])

    with desk.database.statement() as connection:
        assert add(connection, "one", "two") == 2
        assert desk.rows() == {"one", "two"}  # others see it already
        assert add(connection, "two", "three") == 1
    assert desk.rows() == {"one", "two", "three"}
