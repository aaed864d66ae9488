"""Creating and upgrading the database, by Alembic's migrations in `migrations/`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from adapters.database.engine import Database

_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x436F6E76656E6F72  # any number of ours: two hosts that start together must not migrate at once


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def migrate(database: Database) -> None:
    """Bring the database to the newest form. Does nothing where it is; safe to be run by several at once.

    Raises:
        DatabaseUnavailable: where it cannot be reached.
    """
    with database.write() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(_config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database has the form that this version of Convenor needs.

    Raises:
        DatabaseUnavailable: where it cannot be reached.
    """
    with database.read() as session:
        have = MigrationContext.configure(session.connection()).get_current_revision()
    return have == ScriptDirectory.from_config(_config()).get_current_head()


def new_migration(database: Database, message: str) -> None:
    """Write a migration for what differs between the tables as they are coded and as they stand (for developers)."""
    with database.engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)
