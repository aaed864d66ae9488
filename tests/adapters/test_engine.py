"""Connections: none is left open, and one that is gone is replaced."""

from threading import Event, Thread

import pytest
from sqlalchemy import text

from adapters.database import engine
from adapters.database.engine import Database, DatabaseUnavailable


def test_a_connection_that_a_thread_still_works_with_or_takes_up_later_is_closed_when_it_comes_back(
    database_url: str,
) -> None:
    database, at_work, disposed, drivers = Database(database_url), Event(), Event(), list[object]()

    def ask() -> None:
        for _ in range(2):
            with database.read() as session:
                drivers.append(session.connection().connection.driver_connection)
                at_work.set()
                assert disposed.wait(30)
                assert session.scalar(text("SELECT 1")) == 1

    thread = Thread(target=ask)
    thread.start()
    assert at_work.wait(30)
    database.dispose()
    disposed.set()
    thread.join(30)
    assert [is_closed(one) for one in drivers] == [True, True]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite's is a file
def test_one_that_was_cut_off_while_it_rested_is_replaced_before_it_is_used(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_IDLE_LIMIT", 0.0)
    first, others = Database(database_url), Database(database_url)
    old = backend(first)
    cut_off(others, old)
    assert backend(first) != old
    first.dispose()
    others.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_one_that_was_cut_off_a_moment_after_its_last_use_one_user_is_told_and_the_next_gets_another(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_IDLE_LIMIT", 3600.0)
    first, others = Database(database_url), Database(database_url)
    old = backend(first)
    cut_off(others, old)
    with pytest.raises(DatabaseUnavailable):
        backend(first)
    assert backend(first) != old
    first.dispose()
    others.dispose()


def backend(database: Database) -> int:
    """The process of the server that serves this database's only connection."""
    with database.read() as session:
        return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def cut_off(database: Database, process: int) -> None:
    """End a process of the server, as its restart would, and wait until it is gone."""
    with database.read() as session:
        assert session.scalar(text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})


def is_closed(driver: object) -> bool:
    """Of psycopg's and of sqlite3's connections."""
    if hasattr(driver, "closed"):
        return bool(driver.closed)
    try:
        driver.execute("SELECT 1")  # type: ignore[attr-defined] # sqlite3's
    except Exception as wrong:  # noqa: BLE001 - whatever the driver raises
        return "closed" in str(wrong)
    return False
