"""Signs of life: what was sent through each queue to prove that somebody consumes it, and what came back; and of each
process that a supervisor watches, by its identity, when it beat last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import SignRow

_PROCESS: Final = "process:"
_OWN: Final = "own:"


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
    """Every sign but those of single processes, by name."""
    wanted = select(SignRow).where(SignRow.name.not_like(f"{_PROCESS}%"), SignRow.name.not_like(f"{_OWN}%"))
    return [
        Sign(row.name, row.machine_sent, row.machine_seen) for row in session.scalars(wanted.order_by(SignRow.name))
    ]


def of_process(identity: str) -> str:
    """The name of the sign by which a process, as `adapters.processes` identifies it, shows that it lives."""
    return _PROCESS + identity


def own(identity: str) -> str:
    """The name of the sign, and of the queue, by which a worker sees that it works."""
    return _OWN + identity


def processes(session: Session) -> dict[str, datetime]:
    """When each process beat last, by its identity. The machine's time."""
    found = session.execute(select(SignRow.name, SignRow.machine_seen).where(SignRow.name.like(f"{_PROCESS}%")))
    return {name.removeprefix(_PROCESS): seen for name, seen in found if seen is not None}


def unanswered_since(session: Session, name: str) -> datetime | None:
    """Since when an answer to this sign is awaited, or None where none is."""
    row = session.get(SignRow, name)
    return None if row is None else Sign(row.name, row.machine_sent, row.machine_seen).unanswered_since()


def bury(session: Session, identity: str) -> None:
    """Forget the signs of a process that has ended."""
    session.execute(delete(SignRow).where(SignRow.name.in_((of_process(identity), own(identity)))))
