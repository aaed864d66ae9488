"""The database as the migrations make it, against the tables as they are coded; and what an upgrade keeps."""

from collections.abc import Iterator
from typing import get_args

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy import Table as SqlTable

from adapters.database.engine import Database
from adapters.database.schema import _config, is_current, migrate
from adapters.database.tables import LETTER_KINDS, Table
from domain.letters.model import LetterKind


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    one = Database(database_url)
    yield one
    one.dispose()


def to(database: Database, revision: str) -> None:
    with database.write() as session:
        command.upgrade(_config(session.connection()), revision)


def down(database: Database, revision: str) -> None:
    with database.write() as session:
        command.downgrade(_config(session.connection()), revision)


def test_the_migrations_make_the_tables_as_they_are_coded(database: Database) -> None:
    migrate(database)
    assert is_current(database)
    with database.read() as session:
        assert compare_metadata(MigrationContext.configure(session.connection()), Table.metadata) == []


def test_every_check_of_the_tables_stands_in_the_database_once(database: Database) -> None:
    migrate(database)
    found = inspect(database.engine)
    for table in Table.metadata.sorted_tables:
        assert sorted(str(one["name"]) for one in found.get_check_constraints(table.name)) == checks(table)


def checks(table: SqlTable) -> list[str]:
    return sorted(str(one.name) for one in table.constraints if isinstance(one, CheckConstraint))


def test_the_outbox_takes_every_kind_of_letter_but_the_one_that_is_an_invitation() -> None:
    assert set(LETTER_KINDS) == set(get_args(LetterKind)) - {"link-follows"}


def test_an_upgrade_keeps_letters_and_their_history_and_so_does_the_way_back(database: Database) -> None:
    to(database, "0002")
    with database.write() as session:
        for statement in BEFORE:
            session.execute(text(statement))
    migrate(database)
    with database.write() as session:
        session.execute(text(LETTER.format(id="let_2", kind="not-understood")))
        session.execute(text(EVENT.format(id="let_2")))
    assert kept(database) == [("let_1", "reminder", "planned"), ("let_2", "not-understood", "planned")]
    assert "ix_letters_waiting" in {one["name"] for one in inspect(database.engine).get_indexes("letters")}
    down(database, "0002")
    assert kept(database) == [("let_1", "reminder", "planned")]


def test_letters_that_are_held_are_failed_for_an_older_version(database: Database) -> None:
    to(database, "0003")
    with database.write() as session:
        for statement in BEFORE:
            session.execute(text(statement))
    migrate(database)
    with database.write() as session:
        session.execute(text("UPDATE letters SET state = 'held', reason = 'hard-bounce', bounced = 'hard-5.1.1'"))
        session.execute(text("UPDATE letter_events SET state = 'held'"))
    down(database, "0003")
    assert kept(database) == [("let_1", "reminder", "failed")]


def kept(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        rows = session.execute(
            text("SELECT l.id, l.kind, e.state FROM letters l JOIN letter_events e ON e.letter_id = l.id ORDER BY l.id")
        )
        return [(letter, kind, state) for letter, kind, state in rows]


LETTER = """INSERT INTO letters (id, participant_id, conference, kind, about, revision, sessions, changes, message_id,
    due_at, not_after, state, tries, created_at) VALUES ('{id}', 'par_1', 'c', '{kind}', 'a', 1, '[]', '[]',
    '<{id}@example.org>', '2021-06-14 15:00:00', '2021-06-14 16:15:00', 'planned', 0, '2021-06-01 07:30:00')"""
EVENT = """INSERT INTO letter_events (letter_id, state, at, machine_at)
    VALUES ('{id}', 'planned', '2021-06-01 07:30:00', '2021-06-01 07:30:00')"""
BEFORE = (
    """INSERT INTO participants (id, conference, address_index, sealed_address, sealed_profile, visibility, submissions,
    machine_said, created_at) VALUES ('par_1', 'c', 'i', 'a', 'p', 'standard', 1, '2021-06-01 07:30:00',
    '2021-06-01 07:30:00')""",
    LETTER.format(id="let_1", kind="reminder"),
    EVENT.format(id="let_1"),
)
