"""Signs of life: what was sent through each queue to prove that somebody consumes it, and what came back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import SignRow


@dataclass(frozen=True, slots=True)
class Sign:
    """`sent`: the oldest that is unanswered, or the last that was sent. `seen`: when one was last answered.
    Both in the machine's time."""

    name: str
    sent: datetime | None
    seen: datetime | None

    def unanswered_since(self) -> datetime | None:
        """Since when an answer is awaited, or None where the last was answered."""
        if self.sent is None or (self.seen is not None and self.seen >= self.sent):
            return None
        return self.sent


def send(session: Session, name: str, machine_now: datetime) -> None:
    """Note that a sign was sent. While an earlier one is unanswered its time stays, so that the wait is not hidden."""
    insert_unless_there(session, SignRow, {"name": name, "machine_sent": machine_now, "machine_seen": None})
    session.execute(
        update(SignRow)
        .where(SignRow.name == name, SignRow.machine_seen >= SignRow.machine_sent)
        .values(machine_sent=machine_now)
    )


def send_anew(session: Session, name: str, machine_now: datetime) -> None:
    """Note that a sign was sent, and forget any that is unanswered: it was lost with the broker, and nobody is to be
    blamed for it."""
    insert_unless_there(session, SignRow, {"name": name, "machine_sent": machine_now, "machine_seen": None})
    session.execute(update(SignRow).where(SignRow.name == name).values(machine_sent=machine_now))


def see(session: Session, name: str, machine_now: datetime) -> None:
    """Note that a sign was answered, or that something beats by itself."""
    insert_unless_there(session, SignRow, {"name": name, "machine_sent": None, "machine_seen": machine_now})
    session.execute(update(SignRow).where(SignRow.name == name).values(machine_seen=machine_now))


def all_signs(session: Session) -> list[Sign]:
    """Every sign, by name."""
    rows = session.scalars(select(SignRow).order_by(SignRow.name))
    return [Sign(row.name, row.machine_sent, row.machine_seen) for row in rows]
