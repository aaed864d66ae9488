"""What holds for the whole database."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import FactRow
from adapters.vault import Vault


def is_its_key_ring(session: Session, vault: Vault) -> bool:
    """Whether this database was written with these keys; the first to ask makes it so.

    A host with a key ring of its own would take everybody for a stranger and could open nothing.
    """
    mark = vault.index("key-ring", "mark").hex()
    insert_unless_there(session, FactRow, {"name": "key-ring", "value": mark})
    return session.scalars(select(FactRow.value).where(FactRow.name == "key-ring")).one() == mark


def recalled(session: Session, name: str) -> str | None:
    """What was last remembered under this name."""
    return session.scalars(select(FactRow.value).where(FactRow.name == name)).one_or_none()


def remember(session: Session, name: str, value: str) -> None:
    """Keep a value under a name of at most 64 letters, in place of the one before."""
    if not insert_unless_there(session, FactRow, {"name": name, "value": value}):
        session.execute(update(FactRow).where(FactRow.name == name).values(value=value))
