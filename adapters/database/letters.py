"""The outbox: letters that are due, claimed, sent or given up, with their history.

A letter is claimed by a conditional UPDATE, with a lease in the machine's time; whoever holds no lease any more cannot
record an outcome. Letters about one session go to one participant in the order of their revisions: a calendar that
gets an update before its invitation drops it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from adapters.database.engine import insert_unless_there
from adapters.database.tables import LetterEventRow, LetterRow
from adapters.ids import new_id

SESSION_KINDS = ("invitation", "update", "cancellation", "withdrawal", "pending", "waitlist", "offer", "refusal")
"""Letters that say how somebody stands with one session: the latest replaces those before."""

REPLAYED = "replayed"
"""The reason of a letter that a person has planned again: it holds for the next try, whatever the address."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter to be written to the outbox."""

    kind: str
    about: str
    revision: int
    sessions: tuple[str, ...]
    due_at: datetime
    not_after: datetime
    changes: tuple[str, ...] = ()
    method: str | None = None
    sequence: int | None = None
    dtstamp: datetime | None = None
    before: dict[str, Any] | None = None
    skip: str | None = None


def add(session: Session, participant_id: str, conference: str, domain: str, draft: Draft, now: datetime,
        machine_now: datetime) -> bool:  # fmt: skip
    """Write a letter to the outbox, unless it is there; whether it was written.

    `domain` stands in the Message-ID, which is fixed here for every try, as is DTSTAMP.
    """
    letter_id = new_id("let")
    values: dict[str, Any] = {
        "id": letter_id, "participant_id": participant_id, "conference": conference, "kind": draft.kind,
        "about": draft.about, "revision": draft.revision, "sessions": list(draft.sessions),
        "changes": list(draft.changes), "before": draft.before, "message_id": f"<{letter_id}@{domain}>",
        "method": draft.method, "sequence": draft.sequence, "dtstamp": draft.dtstamp,
        "due_at": draft.due_at, "not_after": draft.not_after, "state": "skipped" if draft.skip else "planned",
        "reason": draft.skip, "tries": 0, "created_at": now,
    }  # fmt: skip
    written = insert_unless_there(session, LetterRow, values)
    if written:
        _note(session, letter_id, str(values["state"]), draft.skip, now, machine_now)
    return written


def of_participant(session: Session, participant_id: str, kinds: Sequence[str]) -> list[LetterRow]:
    """A participant's letters of these kinds, in order of revision."""
    wanted = select(LetterRow).where(LetterRow.participant_id == participant_id, LetterRow.kind.in_(kinds))
    return list(session.scalars(wanted.order_by(LetterRow.about, LetterRow.revision)))


def withhold(session: Session, letter: LetterRow, reason: str, now: datetime, machine_now: datetime) -> bool:
    """Skip a planned letter; whether it could still be held back. One that is claimed goes its way."""
    held = session.execute(
        update(LetterRow)
        .where(LetterRow.id == letter.id, LetterRow.state == "planned")
        .values(state="skipped", reason=reason)
    )
    if not held.rowcount:  # type: ignore[attr-defined]
        return False
    _note(session, letter.id, "skipped", reason, now, machine_now)
    return True


def replan(session: Session, letter: LetterRow, draft: Draft) -> None:
    """Give a planned reminder its new time and sessions."""
    session.execute(
        update(LetterRow)
        .where(LetterRow.id == letter.id, LetterRow.state == "planned")
        .values(due_at=draft.due_at, not_after=draft.not_after, sessions=list(draft.sessions))
    )


def claim(session: Session, holder: str, limit: int, now: datetime, machine_now: datetime,
          until: datetime) -> list[LetterRow]:  # fmt: skip
    """Claim the letters that have been due longest, for `holder`, until `until` (machine time)."""
    due = (
        select(LetterRow.id)
        .where(_due(now, machine_now), ~_other_revision(earlier=True))
        .order_by(LetterRow.due_at, LetterRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=LetterRow)
    )
    ids = list(session.scalars(due))
    claimed = session.scalars(
        update(LetterRow)
        .where(LetterRow.id.in_(ids), LetterRow.state == "planned")
        .values(state="claimed", leased_by=holder, machine_leased_until=until, tries=LetterRow.tries + 1)
        .returning(LetterRow)
    )
    return sorted(claimed, key=lambda letter: (letter.due_at, letter.id))


def extend(session: Session, holder: str, until: datetime) -> None:
    """Hold all that `holder` has claimed until `until` (machine time). A holder is one round of one process: what an
    earlier round of it has left behind runs out."""
    session.execute(
        update(LetterRow)
        .where(LetterRow.leased_by == holder, LetterRow.state == "claimed")
        .values(machine_leased_until=until)
    )


def settle(
    session: Session, letter: LetterRow, holder: str, state: str, reason: str | None, now: datetime,
    machine_now: datetime, *, try_after: datetime | None = None, offered: bool = True,
) -> bool:  # fmt: skip
    """Record the outcome of a claimed letter; False where the lease has passed to somebody else meanwhile.

    `state` is sent, failed, skipped, expired, held, or planned with `try_after` (machine time). Where the letter was
    not `offered` to the mail server it was no try.
    """
    done = session.execute(
        update(LetterRow)
        .where(LetterRow.id == letter.id, LetterRow.state == "claimed", LetterRow.leased_by == holder)
        .values(
            state=state, reason=reason, sent_at=now if state == "sent" else None, machine_try_after=try_after,
            leased_by=None, machine_leased_until=None, tries=LetterRow.tries - (0 if offered else 1),
        )
    )  # fmt: skip
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    _note(session, letter.id, state, reason, now, machine_now)
    return True


def put_back(session: Session, letters: Iterable[LetterRow], holder: str, try_after: datetime | None) -> None:
    """Let go of letters that were claimed but not offered to the server: it was no try."""
    session.execute(
        update(LetterRow)
        .where(
            LetterRow.id.in_([letter.id for letter in letters]),
            LetterRow.state == "claimed",
            LetterRow.leased_by == holder,
        )
        .values(
            state="planned",
            tries=LetterRow.tries - 1,
            leased_by=None,
            machine_leased_until=None,
            machine_try_after=try_after,
        )
    )


def holders(session: Session) -> list[str]:
    """Who holds claimed letters now."""
    return list(session.scalars(select(LetterRow.leased_by).where(LetterRow.state == "claimed").distinct()))


def left_behind(session: Session, machine_now: datetime, gone: Sequence[str]) -> bool:
    """Whether there is anything to rescue."""
    return session.scalars(select(LetterRow.id).where(_left_behind(machine_now, gone)).limit(1)).first() is not None


def rescue(session: Session, machine_now: datetime, gone: Sequence[str], now: datetime) -> int:
    """Plan again what was claimed by holders that are gone, or under a lease that has run out. How many."""
    rescued = session.scalars(
        update(LetterRow)
        .where(_left_behind(machine_now, gone))
        .values(state="planned", leased_by=None, machine_leased_until=None)
        .returning(LetterRow.id)
    ).all()
    for letter_id in rescued:
        _note(session, letter_id, "planned", "worker-gone", now, machine_now)
    return len(rescued)


def due_count(session: Session, now: datetime, machine_now: datetime) -> int:
    """How many letters could be claimed now."""
    return session.scalar(select(func.count()).select_from(LetterRow).where(_due(now, machine_now))) or 0


def replay(session: Session, letter_id: str, now: datetime, machine_now: datetime) -> bool:
    """Plan a failed or held letter again, with the same Message-ID; whether there was one that is still of use, and
    that no later letter about the same session has overtaken. It is tried once, even if its address is suppressed."""
    still_of_use = and_(LetterRow.not_after > now, ~_other_revision(earlier=False))
    done = session.execute(
        update(LetterRow)
        .where(LetterRow.id == letter_id, LetterRow.state.in_(("failed", "held")), still_of_use)
        .values(state="planned", reason=REPLAYED, tries=0, machine_try_after=None)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    _note(session, letter_id, "planned", REPLAYED, now, machine_now)
    return True


def reported(session: Session, letter_id: str, kind: str, said: str, now: datetime, machine_now: datetime) -> None:
    """Note what was reported of a letter that had been handed over. Its state stays: the mail server has taken it."""
    if kind == "bounced":
        session.execute(update(LetterRow).where(LetterRow.id == letter_id).values(bounced=said))
    _note(session, letter_id, kind, said, now, machine_now)


def held(session: Session) -> list[LetterRow]:
    """All letters that wait for a person: their addresses are suppressed."""
    return list(session.scalars(select(LetterRow).where(LetterRow.state == "held")))


def by_id(session: Session, letter_id: str) -> LetterRow | None:
    """The letter, or None."""
    return session.get(LetterRow, letter_id)


def by_message_id(session: Session, message_id: str) -> LetterRow | None:
    """The letter of this Message-ID, or None."""
    return session.scalars(select(LetterRow).where(LetterRow.message_id == message_id)).one_or_none()


def _other_revision(*, earlier: bool) -> ColumnElement[bool]:
    """Whether a letter about one session has another about the same: an earlier one that is still on its way,
    or a later one, whatever became of it."""
    other = aliased(LetterRow)
    same = and_(
        LetterRow.kind.in_(SESSION_KINDS),
        other.kind.in_(SESSION_KINDS),
        other.participant_id == LetterRow.participant_id,
        other.about == LetterRow.about,
    )
    which = (
        and_(other.revision < LetterRow.revision, other.state.in_(("planned", "claimed")))
        if earlier
        else other.revision > LetterRow.revision
    )
    return select(other.id).where(same, which).exists()


def _due(now: datetime, machine_now: datetime) -> ColumnElement[bool]:
    return and_(
        LetterRow.state == "planned",
        LetterRow.due_at <= now,
        or_(LetterRow.machine_try_after.is_(None), LetterRow.machine_try_after <= machine_now),
    )


def _left_behind(machine_now: datetime, gone: Sequence[str]) -> ColumnElement[bool]:
    lost = or_(LetterRow.machine_leased_until < machine_now, LetterRow.leased_by.in_(list(gone)))
    return and_(LetterRow.state == "claimed", lost)


def _note(session: Session, letter_id: str, state: str, reason: str | None, now: datetime,
          machine_now: datetime) -> None:  # fmt: skip
    session.add(LetterEventRow(letter_id=letter_id, state=state, reason=reason, at=now, machine_at=machine_now))
