"""What a person has paused: all mail, or a queue. While its row is there it rests, in every process."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from adapters.broker.queues import QUEUES
from adapters.database.engine import insert_unless_there
from adapters.database.tables import PauseRow

MAIL: Final = "mail"
PAUSABLE: Final = (MAIL, *QUEUES)

_NAMES: Final = select(PauseRow.name)
_OF_DELIVERY: Final = frozenset({MAIL, "delivery"})


def in_force(session: Session) -> frozenset[str]:
    """The names of all that rests."""
    return frozenset(session.connection().execute(_NAMES).scalars())


def mail_rests(paused: frozenset[str]) -> bool:
    """Whether no letter may go, where these are paused."""
    return not paused.isdisjoint(_OF_DELIVERY)


def listed(session: Session) -> Sequence[PauseRow]:
    """Who has paused what, and since when, the oldest first."""
    return session.scalars(select(PauseRow).order_by(PauseRow.machine_since, PauseRow.name)).all()


def pause(session: Session, name: str, who: str, machine_now: datetime) -> bool:
    """Let something rest; whether it did not before."""
    return insert_unless_there(session, PauseRow, {"name": name, "who": who, "machine_since": machine_now})


def resume(session: Session, name: str) -> bool:
    """Let it go on; whether it rested."""
    gone = delete(PauseRow).where(PauseRow.name == name).returning(PauseRow.name)
    return session.scalars(gone).first() is not None
