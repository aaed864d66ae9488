"""Connections, on both databases: none is left open."""

from threading import Event, Thread

from sqlalchemy import text

from adapters.database.engine import Database


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


def is_closed(driver: object) -> bool:
    """Of psycopg's and of sqlite3's connections."""
    if hasattr(driver, "closed"):
        return bool(driver.closed)
    try:
        driver.execute("SELECT 1")  # type: ignore[attr-defined] # sqlite3's
    except Exception as wrong:  # noqa: BLE001 - whatever the driver raises
        return "closed" in str(wrong)
    return False
