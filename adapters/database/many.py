"""Many rows with one statement that is built, prepared and planned once, for any number of rows or for each number.

The values go as one text, JSON, which both databases read: making arrays for PostgreSQL costs ten times as much, and a
parameter for each value twice as much. SQLite is given rows to insert as they are: it is no journey.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic_core import to_json
from sqlalchemy import (
    JSON,
    BindParameter,
    Connection,
    Dialect,
    Executable,
    Float,
    LargeBinary,
    TableValuedAlias,
    Text,
    TypeDecorator,
    bindparam,
    column,
    func,
    insert,
    literal,
    select,
)  # fmt: skip
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from adapters.database.tables import Instant, Table, in_utc

AnyTable = TypeVar("AnyTable", bound=Table)

_MUCH = 250_000
"""So many octets, in hexadecimals, take PostgreSQL longer to read than a parameter for each value."""


class _Written(TypeDecorator[Any]):
    """Many values as one parameter: their JSON. There are no octets among them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ANN401, ARG002 - whatever JSON has
        """As text."""
        return to_json(value).decode()


def texts(name: str) -> BindParameter[Sequence[str]]:
    """Several texts that are given when a statement is executed, as a list, under this name."""
    return bindparam(name, type_=_Written())


class is_among(FunctionElement[bool]):  # noqa: N801 - it reads as a condition
    """Whether a column is one of `texts`.

    It is not said to be a Boolean: for SQLite, which has none, it would be written `(… IN …) = 1`, and no index serves
    that.
    """

    inherit_cache = True

    def __init__(self, column: Any, given: BindParameter[Sequence[str]]) -> None:  # noqa: ANN401 - a column
        super().__init__(column, given)


@compiles(is_among, "postgresql")
def _in_an_array(element: is_among, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the library's
    column, given = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} = ANY (ARRAY(SELECT json_array_elements_text(CAST({given} AS JSON)))))"


@compiles(is_among, "sqlite")
def _in_json(element: is_among, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the library's
    column, given = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({given})))"  # noqa: S608 - compiled parts


class is_longer(FunctionElement[bool]):  # noqa: N801 - it reads as a condition
    """Whether from one instant to another it is longer than so many seconds."""

    inherit_cache = True

    def __init__(self, begin: Any, end: Any, seconds: float) -> None:  # noqa: ANN401 - columns
        super().__init__(begin, end, literal(seconds, Float()))


@compiles(is_longer, "postgresql")
def _between_instants(element: is_longer, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the library's
    begin, end, seconds = (compiler.process(one, **options) for one in element.clauses)
    return f"({end} - {begin} > make_interval(secs => {seconds}))"


@compiles(is_longer, "sqlite")
def _between_days(element: is_longer, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - the library's
    begin, end, seconds = (compiler.process(one, **options) for one in element.clauses)
    return f"((julianday({end}) - julianday({begin})) * 86400 > {seconds})"


def each_of(session: Session, column: Any) -> TableValuedAlias:  # noqa: ANN401 - a column
    """What a column's JSON lists, as rows with one column, `value`."""
    unpacked = func.json_each if session.get_bind().dialect.name == "sqlite" else func.json_array_elements_text
    return unpacked(column).table_valued("value")


def plain_rows(
    session: Session, kind: type[AnyTable], statement: Executable, **given: Any,  # noqa: ANN401, ARG001 - columns' values
) -> Sequence[AnyTable]:  # fmt: skip
    """What a statement finds of a table, to be read and never changed: rows with the attributes of `kind`, of the
    columns that were asked for, at a quarter of what it costs to have the session watch over them.

    As named tuples: each look at an attribute of SQLAlchemy's own rows costs as much as making one of these.
    """
    found = session.connection().execute(statement, given)
    return cast("Sequence[AnyTable]", list(map(_plain(tuple(found.keys()))._make, found.all())))


@lru_cache
def _plain(columns: tuple[str, ...]) -> Any:  # noqa: ANN401 - which columns they are is known only here
    """The kind of rows with these columns."""
    return namedtuple("Plain", columns)  # noqa: PYI024


def insert_all(session: Session, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that give the same columns; at least one."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().execute(insert(table), rows)
    else:
        session.connection().execute(_from_json(table, tuple(rows[0])), {"rows": _for_json(table, rows)})


def insert_all_unless_there(connection: Connection, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that no unique constraint says are there; how many those were. All give the same columns.

    One step of the driver for all of them, and nothing comes back but the count: a thread of a busy process may lose
    the interpreter at every step, and each row that came back would be one.
    """
    columns = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        makers = _makers(table, columns, connection.dialect)
        values = [make(value) for row in rows for make, value in zip(makers, row.values(), strict=True)]
        return connection.exec_driver_sql(_insert_text(table, columns, len(rows)), tuple(values)).rowcount
    if sum(len(value) for row in rows for value in row.values() if isinstance(value, bytes)) > _MUCH:
        plainly = postgresql_insert(table).values(list(rows)).on_conflict_do_nothing()
        return connection.execute(plainly.execution_options(preserve_rowcount=True)).rowcount
    written = _from_json(table, columns, unless_there=True)
    return connection.execute(written, {"rows": _for_json(table, rows)}).rowcount


@lru_cache
def _makers(table: type[Table], columns: tuple[str, ...], dialect: Dialect) -> list[Callable[[Any], Any]]:
    """What makes of a value of each column what the driver takes."""
    types = (table.__table__.columns[name].type.dialect_impl(dialect) for name in columns)
    return [one.bind_processor(dialect) or _as_it_is for one in types]


def _as_it_is(value: object) -> object:
    return value


def _for_json(table: type[Table], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with what JSON cannot hold as it is: octets as PostgreSQL writes them, and instants in UTC."""
    makers = _json_makers(table, tuple(rows[0]))
    return [{**row, **{name: make(row[name]) for name, make in makers if row[name] is not None}} for row in rows]


@lru_cache
def _json_makers(table: type[Table], columns: tuple[str, ...]) -> list[tuple[str, Callable[[Any], Any]]]:
    types = ((name, table.__table__.columns[name].type) for name in columns)
    return [
        (name, in_utc if isinstance(one, Instant) else _in_hexadecimals)
        for name, one in types if isinstance(one, Instant | LargeBinary)
    ]  # fmt: skip


def _in_hexadecimals(octets: bytes) -> str:
    return f"\\x{octets.hex()}"


@lru_cache
def _insert_text(table: type[Table], columns: tuple[str, ...], number: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    given = ", ".join([row] * number)
    return f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES {given} ON CONFLICT DO NOTHING"  # noqa: S608


@lru_cache
def _from_json(table: type[Table], names: tuple[str, ...], *, unless_there: bool = False) -> Executable:
    """For PostgreSQL: one JSON object for each row."""
    columns = [column(name, table.__table__.columns[name].type) for name in names]
    written = sql_cast(bindparam("rows", type_=_Written()), JSON)
    given = func.json_to_recordset(written).table_valued(*columns).render_derived(with_types=True)
    statement = postgresql_insert(table).from_select(names, select(*given.c))
    # The library forgets the count of what it has inserted, unless it is asked to keep it.
    return statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True) if unless_there else statement
