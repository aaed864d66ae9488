"""The database as the migrations make it, against the tables as they are coded; and what an upgrade keeps."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, insert, inspect, text, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from adapters.database.engine import Database
from adapters.database.schema import _config, is_current, migrate
from adapters.database.tables import LETTER_KINDS, LetterRow, ParticipantRow, Table
from domain.delivery import BEGINNINGS, TRANSITIONS
from domain.letters.model import LetterKind
from schemas.outcome import LetterState

NOW = datetime(2021, 6, 1, tzinfo=UTC)


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
    assert set(LETTER_KINDS) == set(get_args(LetterKind)) - {"link-follows", "declined"}


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
    indexes = {one["name"] for one in inspect(database.engine).get_indexes("letters")}
    assert {"ix_letters_planned", "ix_letters_claimed"} <= indexes
    down(database, "0002")
    assert kept(database) == [("let_1", "reminder", "planned")]


def test_letters_that_are_held_are_failed_for_an_older_version(database: Database) -> None:
    to(database, "0003")
    with database.write() as session:
        for statement in BEFORE:
            session.execute(text(statement))
    migrate(database)
    with database.write() as session:
        session.execute(text("UPDATE letters SET state = 'claimed'"))
        session.execute(text("UPDATE letters SET state = 'held', reason = 'hard-bounce', bounced = 'hard-5.1.1'"))
        session.execute(text("UPDATE letter_events SET state = 'held'"))
    down(database, "0003")
    assert kept(database) == [("let_1", "reminder", "failed")]


def test_an_upgrade_keeps_registrations_and_whom_zoom_knows_and_so_does_the_way_back(database: Database) -> None:
    to(database, "0007")
    with database.write() as session:
        for statement in (BEFORE[0], *AT_ZOOM):
            session.execute(text(statement))
    migrate(database)
    assert at_zoom(database) == [("reg_1", "registered", "rgt_1", "2021-06-14 16:00:00")]
    with database.write() as session:
        session.execute(text("UPDATE registrations SET state = 'offered', offered_until = '2021-06-10 10:00:00'"))
    down(database, "0007")
    assert at_zoom(database) == [("reg_1", "waitlisted", "rgt_1", "2021-06-14 16:00:00")]


def at_zoom(database: Database) -> list[tuple[str, str, str, str]]:
    with database.read() as session:
        rows = session.execute(
            text(
                "SELECT r.id, r.state, z.id, a.joined_at FROM registrations r JOIN registrants z"
                " ON z.registration_id = r.id JOIN attendances a ON a.registrant_id = z.id"
            )
        )
        return [(one, state, registrant, str(joined)[:19]) for one, state, registrant, joined in rows]


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

AT_ZOOM = (
    """INSERT INTO registrations (id, participant_id, conference, session, state, attendance, link, revision,
    told_revision, sequence, changes, entry, created_at, changed_at, machine_said, machine_queued, join_version) VALUES
    ('reg_1', 'par_1', 'c', 's', 'registered', 'online', 'none', 1, 1, 0, '[]', 'none', '2021-06-01 07:30:00',
    '2021-06-01 07:30:00', '2021-06-01 07:30:00', '2021-06-01 07:30:00', 1)""",
    """INSERT INTO zoom_events (id, conference, session, kind, type, approval_type, state, reason, differences, report,
    notified, tries, machine_queued) VALUES ('zev_1', 'c', 's', 'webinar', 5, 1, 'unknown', 'new', '[]', '{}', 0, 0,
    '2021-06-01 07:30:00')""",
    """INSERT INTO registrants (id, event_id, registration_id, address_index, sealed_address, desired, status,
    was_cancelled, held, tries, created_at) VALUES ('rgt_1', 'zev_1', 'reg_1', 'i', 'a', 'approved', 'unasked', false,
    false, 0, '2021-06-01 07:30:00')""",
    "INSERT INTO attendances (registrant_id, joined_at) VALUES ('rgt_1', '2021-06-14 16:00:00')",
)


def test_the_database_lets_a_letter_go_from_state_to_state_as_the_domain_says_and_no_other_way(
    database: Database,
) -> None:
    migrate(database)
    states = get_args(LetterState)
    begun = {one for one in states if _is_let(database, None, one)}
    assert begun == BEGINNINGS
    for before in states:
        reached = {after for after in states if after != before and _is_let(database, before, after)}
        assert reached == TRANSITIONS[before], before


def _is_let(database: Database, before: str | None, after: str) -> bool:
    """Whether a letter may go from one state to another; or begin in it. Nothing of it stays."""
    way = [after] if before is None else [*_way_to(before), after]
    with database.write() as session:
        try:
            _insert_a_letter(session, way[0])
            for state in way[1:]:
                _move(session, state)
        except DBAPIError as wrong:
            return "no such transition of a letter" not in str(wrong.orig)
        finally:
            session.rollback()
    return True


def _way_to(state: str) -> list[str]:
    """From a beginning, by transitions that there are."""
    return [*{"planned": [], "skipped": [], "claimed": ["planned"]}.get(state, ["planned", "claimed"]), state]


def _insert_a_letter(session: Session, state: str) -> None:
    values = {
        "id": "let_1", "participant_id": "par_1", "conference": "c", "kind": "invitation", "about": "s", "revision": 1,
        "sessions": [], "changes": [], "message_id": "<1@example.org>", "due_at": NOW, "not_after": NOW, "state": state,
        "reason": "why", "tries": 0, "created_at": NOW, "sent_at": NOW if state == "sent" else None,
    }  # fmt: skip
    person = {
        "id": "par_1", "conference": "c", "address_index": b"a", "sealed_address": b"a", "sealed_profile": b"a",
        "visibility": "standard", "submissions": 0, "machine_said": NOW, "created_at": NOW,
    }  # fmt: skip
    session.execute(insert(ParticipantRow), [person])
    session.execute(insert(LetterRow), [values])


def _move(session: Session, state: str) -> None:
    session.execute(update(LetterRow).values(state=state, sent_at=NOW if state == "sent" else None))
