"""Connections and transactions, alike on SQLite and PostgreSQL.

SQLite: WAL with `synchronous=FULL`, so that what was acknowledged survives a power cut; every writing transaction
begins as `BEGIN IMMEDIATE`, because one that begins by reading cannot be upgraded while another writes. The file must
be on a local disk. PostgreSQL: read committed, with row locks where they matter.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, Executable, Integer, create_engine, event, literal_column, make_url
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from adapters.database.tables import Table

BUSY_TIMEOUT = 30.0
"""Seconds a SQLite writer waits for its turn."""

_IDLE_LIMIT = 1.0
"""Seconds. A connection that has rested for longer is asked whether it is still there before it is used; to ask each
time would double the journeys of whoever writes one statement after another."""

_Way = Literal["write", "read", "statement"]
"""How a transaction is begun; a statement by itself is one without that."""

_SQLITE_BEGIN: Mapping[_Way, str] = {"write": "BEGIN IMMEDIATE", "read": "BEGIN DEFERRED", "statement": ""}

_JSON: Mapping[str, Any] = {"json_serializer": lambda value: to_json(value).decode(), "json_deserializer": from_json}


class DatabaseUnavailable(Exception):
    """The database cannot be reached or is locked for too long. Trying again later helps."""


class Database:
    """One database, for one process. Make it after forking: connections must not be shared by processes."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._ways: Mapping[_Way, Engine]
        if self.is_sqlite:
            self._engine = self._sqlite_engine()
            self._ways = {way: self._engine.execution_options(sqlite_begin=one) for way, one in _SQLITE_BEGIN.items()}
        else:
            self._engine = self._postgresql_engine()
            by_themselves = self._postgresql_engine(isolation_level="AUTOCOMMIT")
            self._ways = {"write": self._engine, "read": self._engine, "statement": by_themselves}

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back where anything is raised.

        Raises:
            DatabaseUnavailable: where it could not begin or be committed.
        """
        with self._transaction("write") as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction for reading only; on SQLite it waits for no writer."""
        with self._transaction("read") as session:
            yield session

    @contextmanager
    def statement(self) -> Iterator[Connection]:
        """For statements each of which is a transaction by itself, committed when it has been executed: that spares the
        database, and the thread, two of its three turns.

        Raises:
            DatabaseUnavailable: where one could not be executed.
        """
        with _told_whether_it_is_there(), self._ways["statement"].connect() as connection:
            yield connection

    @property
    def engine(self) -> Engine:
        """For migrations and tests."""
        return self._engine

    def dispose(self) -> None:
        """Close all connections. One that a thread still works with, or takes up later, when it comes back."""
        for engine in {self._engine, self._ways["statement"]}:
            event.listen(engine, "checkin", _closed)
            engine.dispose()

    @contextmanager
    def _transaction(self, way: _Way) -> Iterator[Session]:
        with (
            _told_whether_it_is_there(),
            Session(self._ways[way], expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def _sqlite_engine(self) -> Engine:
        if self._url.database and self._url.database != ":memory:":
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(self._url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT}, **_JSON)

        # The driver's own idea of transactions is switched off; BEGIN is ours to say.
        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
            connection.isolation_level = None
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if begin := connection.get_execution_options().get("sqlite_begin", _SQLITE_BEGIN["write"]):
                connection.exec_driver_sql(begin)

        return engine

    def _postgresql_engine(self, **options: Any) -> Engine:  # noqa: ANN401 - the library's
        engine = create_engine(
            self._url,
            hide_parameters=True,  # parameters are personal data; an exception must not carry them
            pool_size=5,
            # A server that is cut off must not hold anybody for ever: a clock that hangs wakes nobody.
            connect_args={
                "connect_timeout": 5,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 20_000,
                "options": "-c timezone=UTC -c lock_timeout=30s -c statement_timeout=60s",
            },
            **_JSON,
            **options,
        )

        @event.listens_for(engine, "checkin")
        def rest(_connection: object, entry: ConnectionPoolEntry) -> None:
            entry.info["rests_since"] = time.monotonic()

        @event.listens_for(engine, "checkout")
        def look(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
            since = entry.info.get("rests_since")  # none yet: it was made a moment ago
            if since is None or time.monotonic() - since < _IDLE_LIMIT:
                return
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as gone:
                raise InvalidatePoolError from gone  # the pool makes another one

        return engine


@contextmanager
def _told_whether_it_is_there() -> Iterator[None]:
    """A database that is gone is told from a statement that is wrong."""
    try:
        yield
    except OperationalError as wrong:
        raise DatabaseUnavailable(type(wrong.orig).__name__) from wrong
    except DBAPIError as wrong:
        if wrong.connection_invalidated:
            raise DatabaseUnavailable(type(wrong.orig).__name__) from wrong
        raise


def _closed(_connection: object, entry: ConnectionPoolEntry) -> None:
    """Kept by a pool that nobody closes any more, it would stay open until it is collected."""
    entry.close()


def insert_unless_there(session: Session, table: type[Table], values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique constraint says that it is there; whether it was inserted.

    The row that comes back tells, not the count: psycopg's is -1 for an INSERT that SQLAlchemy has built.
    """
    session.flush()  # what it refers to may still be on its way to the database
    return insert_now(session, table, values)


def insert_now(session: Session, table: type[Table], values: Mapping[str, Any]) -> bool:
    """The same where all that the row refers to is in the database. What else is on its way there goes later, together:
    for whoever writes very many."""
    statement = _insert(_insert_of(session), table)
    return session.connection().execute(statement, dict(values)).first() is not None


def _insert_of(session: Session) -> Callable[[Any], SqliteInsert | PostgresqlInsert]:
    return sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert


@cache
def _insert(make: Callable[[Any], SqliteInsert | PostgresqlInsert], table: type[Table]) -> Executable:
    """Built once: building costs more than running it."""
    return make(table.__table__).on_conflict_do_nothing().returning(literal_column("1", Integer))
