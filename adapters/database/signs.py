"""Signs of life: what was sent through each queue to prove that somebody consumes it, and what came back; and of each
process that a supervisor watches, by its identity, when it beat last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import SignRow

_PROCESS: Final = "process:"
_OWN: Final = "own:"
_MAIL: Final = "mail:"


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
    """Every sign but those of single processes, and of the mail server, by name."""
    others = (SignRow.name.not_like(f"{prefix}%") for prefix in (_PROCESS, _OWN, _MAIL))
    wanted = select(SignRow).where(*others).order_by(SignRow.name)
    return [Sign(row.name, row.machine_sent, row.machine_seen) for row in session.scalars(wanted)]


def workers(session: Session, host: str = "") -> list[tuple[datetime, datetime | None]]:
    """Of each worker's main process, of one host or of all, when it beat last, and when one of its children last
    answered it. The machine's time."""
    seen = _of_processes(session, host)
    return [(beat, seen[own(one)]) for one, beat in _beats(seen).items() if own(one) in seen]


def clocks(session: Session, host: str = "") -> list[datetime]:
    """When each clock beat last: what beats, and has nothing to answer."""
    seen = _of_processes(session, host)
    return [beat for one, beat in _beats(seen).items() if own(one) not in seen]


def _of_processes(session: Session, host: str) -> dict[str, datetime | None]:
    of_them = or_(SignRow.name.like(f"{of_process(host)}%"), SignRow.name.like(f"{own(host)}%"))
    return {row.name: row.machine_seen for row in session.scalars(select(SignRow).where(of_them))}


def _beats(seen: Mapping[str, datetime | None]) -> dict[str, datetime]:
    beats = {name.removeprefix(_PROCESS): at for name, at in seen.items() if name.startswith(_PROCESS)}
    return {one: at for one, at in sorted(beats.items()) if at is not None}


def mail_trouble(session: Session, trouble: str, machine_now: datetime) -> None:
    """Note that the mail server could not be reached, or refused us: since when, is kept."""
    send(session, _MAIL + trouble, machine_now)


_IS_WELL: Final = (
    update(SignRow)
    .where(
        SignRow.name.like(f"{_MAIL}%"),
        or_(SignRow.machine_seen.is_(None), SignRow.machine_seen < SignRow.machine_sent),
    )
    .values(machine_seen=bindparam("now"))
)


def mail_is_well(session: Session, machine_now: datetime) -> None:
    """Note that the mail server has taken a letter. Where nothing was wrong, nothing is written."""
    session.connection().execute(_IS_WELL, {"now": machine_now})  # no row of it is in any session's hands


def mail_troubles(session: Session) -> dict[str, datetime]:
    """What is wrong with the mail server since it last took a letter, and since when. The machine's time."""
    rows = session.scalars(select(SignRow).where(SignRow.name.like(f"{_MAIL}%")))
    found = {row.name.removeprefix(_MAIL): Sign(row.name, row.machine_sent, row.machine_seen) for row in rows}
    return {name: since for name, one in found.items() if (since := one.unanswered_since()) is not None}


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


@dataclass(frozen=True, slots=True)
class Process:
    """A process that shows signs of life: a `clock`, or a `worker`, which also sends messages to itself.

    `seen`: when it beat last; `unanswered_since`: since when a worker awaits an answer of its own. The machine's time.
    """

    identity: str
    part: Literal["clock", "worker"]
    seen: datetime
    unanswered_since: datetime | None


def living(session: Session) -> list[Process]:
    """Every process that is watched, by its identity."""
    rows = session.scalars(select(SignRow).where(SignRow.name.like(f"{_OWN}%")))
    answered = {row.name: Sign(row.name, row.machine_sent, row.machine_seen) for row in rows}
    found = []
    for identity, seen in sorted(processes(session).items()):
        sign = answered.get(own(identity))
        since = None if sign is None else sign.unanswered_since()
        found.append(Process(identity, "clock" if sign is None else "worker", seen, since))
    return found


def unanswered_since(session: Session, name: str) -> datetime | None:
    """Since when an answer to this sign is awaited, or None where none is."""
    row = session.get(SignRow, name)
    return None if row is None else Sign(row.name, row.machine_sent, row.machine_seen).unanswered_since()


def bury(session: Session, identity: str) -> None:
    """Forget the signs of a process that has ended."""
    session.execute(delete(SignRow).where(SignRow.name.in_((of_process(identity), own(identity)))))
