"""Letters in the hands of those who deliver them: claimed, settled or put back, and taken from who is gone.

A letter is claimed by a conditional UPDATE, with a lease in the machine's time; whoever holds no lease any more cannot
record an outcome. Letters about one session go to one participant in the order of their revisions: a calendar that
gets an update before its invitation drops it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, func, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from adapters.database.letters import CLAIMED, PLANNED, PLANNED_ANEW, SESSION_KINDS, UNFINISHED, note
from adapters.database.many import insert_all, is_among, plain_rows, texts
from adapters.database.tables import Instant, LetterEventRow, LetterRow
from schemas.outcome import Outcome


def past(session: Session, batch: Sequence[LetterRow]) -> dict[str, list[str]]:
    """Why earlier tries of claimed letters came to nothing, since they were planned, or planned again by a person."""
    tried = [one.id for one in batch if one.tries > 1]
    if not tried:
        return {}
    noted = select(LetterEventRow.letter_id, LetterEventRow.reason).where(
        is_among(LetterEventRow.letter_id, texts("ids")), LetterEventRow.reason.is_not(None)
    )
    found: dict[str, list[str]] = {}
    for letter_id, reason in session.execute(noted.order_by(LetterEventRow.id), {"ids": tried}):
        found[letter_id] = [] if reason in PLANNED_ANEW else [*found.get(letter_id, []), str(reason)]
    return found


def _due(now: datetime | BindParameter[datetime], machine_now: datetime | BindParameter[datetime]
         ) -> ColumnElement[bool]:  # fmt: skip
    return and_(
        PLANNED,
        LetterRow.due_at <= now,
        or_(LetterRow.machine_try_after.is_(None), LetterRow.machine_try_after <= machine_now),
    )


_FREE = (
    select(
        LetterRow.id,
        LetterRow.participant_id,
        LetterRow.kind,
        LetterRow.about,
        LetterRow.revision,
        LetterRow.due_at,
        LetterRow.tries,
    )
    .where(_due(bindparam("now", type_=Instant()), bindparam("machine_now", type_=Instant())))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LONGEST_DUE = (LetterRow.due_at, LetterRow.id)
_LEAST_TRIED = (LetterRow.tries, *_LONGEST_DUE)
_CLAIM = (
    update(LetterRow)
    .where(is_among(LetterRow.id, texts("ids")))  # locked as planned: nobody else has them until this is committed
    .values(
        state="claimed", leased_by=bindparam("holder"), machine_leased_until=bindparam("until"),
        tries=LetterRow.tries + 1,
    )
    .returning(
        LetterRow.id, LetterRow.participant_id, LetterRow.conference, LetterRow.kind, LetterRow.about,
        LetterRow.sessions, LetterRow.changes, LetterRow.before, LetterRow.message_id, LetterRow.method,
        LetterRow.sequence, LetterRow.dtstamp, LetterRow.due_at, LetterRow.not_after, LetterRow.tries,
        LetterRow.replayed, LetterRow.address_version, LetterRow.cause,
    )
)  # fmt: skip
"""Of each letter what delivering it takes; the other columns are not there to be read."""
_IN_INDEX_ORDER = text("SET LOCAL enable_sort = off")
"""What is due is mostly due at one instant, of which PostgreSQL's statistics know nothing: it would read and sort all
of it for each batch."""


def claim(session: Session, holder: str, limit: int, now: datetime, machine_now: datetime,
          until: datetime, *, least_tried: bool = False) -> list[LetterRow]:  # fmt: skip
    """Claim the letters that have been due longest, for `holder`, until `until` (machine time); of all that are due,
    those that have been tried least, where `least_tried`: what is refused again and again lets others go first.

    What is due is looked for in the order of its index, and its order with other letters afterwards: in one statement,
    a database that does not know yet how large the table has become compares every letter with every other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_IN_INDEX_ORDER)
    ids: list[str] = []
    given = {"now": now, "machine_now": machine_now, "most": limit}
    order = _LEAST_TRIED if least_tried else _LONGEST_DUE
    in_order = wanted = _FREE.order_by(*order)
    while len(ids) < limit:
        found = session.connection().execute(wanted, given).all()
        overtaking = _overtaking(session, [one for one in found if one.kind in SESSION_KINDS])
        ids += [one.id for one in found if one.id not in overtaking]
        if len(found) < limit:
            break
        wanted = in_order.where(_after(found[-1], order))
    if not ids:
        return []
    claimed = plain_rows(session, LetterRow, _CLAIM, ids=ids[:limit], holder=holder, until=until)
    turn = {letter_id: place for place, letter_id in enumerate(ids)}
    return sorted(claimed, key=lambda letter: turn[letter.id])


def _after(last: Row[*tuple[Any, ...]], order: Sequence[InstrumentedAttribute[Any]]) -> ColumnElement[bool]:
    """Whether a row comes after `last` in an order of columns."""
    column, *others = order
    value = getattr(last, column.key)
    return or_(column > value, and_(column == value, _after(last, others))) if others else column > value


_FIRST = func.min(LetterRow.revision).filter(UNFINISHED)
_ON_THEIR_WAY = (
    select(LetterRow.participant_id, LetterRow.about, _FIRST)
    .where(is_among(LetterRow.participant_id, texts("people")), LetterRow.kind.in_(SESSION_KINDS))
    .group_by(LetterRow.participant_id, LetterRow.about)
    .having(_FIRST.is_not(None))
)
"""The first of each person's letters about each session that has not ended. What has not ended is no condition of the
rows: PostgreSQL would begin with all that is planned, of everybody."""


def _overtaking(session: Session, found: Sequence[Row[str, str, str, str, int, datetime, int]]) -> set[str]:
    """Those before which an earlier letter about the same session is still on its way to the same person."""
    if not found:
        return set()
    people = list({one.participant_id for one in found})
    first = {
        (participant, about): revision
        for participant, about, revision in session.execute(_ON_THEIR_WAY, {"people": people})
    }
    return {one.id for one in found if first.get((one.participant_id, one.about), one.revision) < one.revision}


def extend(session: Session, holder: str, until: datetime) -> None:
    """Hold all that `holder` has claimed until `until` (machine time). A holder is one round of one process: what an
    earlier round of it has left behind runs out."""
    session.execute(update(LetterRow).where(LetterRow.leased_by == holder, CLAIMED).values(machine_leased_until=until))


_SETTLE = (
    update(LetterRow)
    .where(is_among(LetterRow.id, texts("ids")), CLAIMED,
           LetterRow.leased_by == bindparam("holder"))
    .values(
        state=bindparam("ends_in"), reason=bindparam("why"), sent_at=bindparam("went_at"),
        machine_try_after=bindparam("again_after"), tries=LetterRow.tries - bindparam("no_tries"),
        leased_by=None, machine_leased_until=None,
    )
    .returning(LetterRow.id)
)  # fmt: skip
_PUT_BACK = (
    update(LetterRow)
    .where(is_among(LetterRow.id, texts("ids")), CLAIMED, LetterRow.leased_by == bindparam("holder"))
    .values(
        state="planned", machine_try_after=bindparam("again_after"), tries=LetterRow.tries - 1, leased_by=None,
        machine_leased_until=None,
    )
    .returning(LetterRow.id)
)  # fmt: skip
"""It was no try. Its reason stays: what was last answered."""


def settle(session: Session, holder: str, outcomes: Sequence[Outcome]) -> int:
    """Record what became of claimed letters, together; of how many. Those whose lease has passed to somebody else
    meanwhile are left as they are: whoever holds them will say. Of a letter that is told twice the last counts.

    Letters that were sent within one group get one instant, that of the last; their events have each its own.
    """
    last = {one.letter_id: one for one in outcomes}
    alike: dict[tuple[object, ...], list[Outcome]] = {}
    for one in last.values():
        alike.setdefault((one.state, one.reason, one.try_after, one.offered), []).append(one)
    kept = {letter_id for group in alike.values() for letter_id in _settle_alike(session, holder, group)}
    told = [_event_of(last[one]) for one in last if one in kept and _is_told(last[one])]
    if told:
        insert_all(session, LetterEventRow, told)
    return len(kept)


def _settle_alike(session: Session, holder: str, group: Sequence[Outcome]) -> Sequence[str]:
    like = group[-1]
    given: dict[str, Any] = {
        "ids": [one.letter_id for one in group], "holder": holder, "again_after": like.try_after,
    }  # fmt: skip
    if not _is_told(like):
        return session.connection().execute(_PUT_BACK, given).scalars().all()
    given |= {
        "ends_in": like.state, "why": like.reason, "went_at": like.at if like.state == "sent" else None,
        "no_tries": 0 if like.offered else 1,
    }  # fmt: skip
    return session.connection().execute(_SETTLE, given).scalars().all()


def _is_told(outcome: Outcome) -> bool:
    """Whether it belongs to the letter's history: not that it was put back untried."""
    return outcome.offered or outcome.state != "planned"


def put_back(session: Session, holder: str, batch: Sequence[LetterRow], try_after: datetime | None) -> None:
    """Let go of letters that were claimed but not offered to the server: it was no try."""
    given = {"ids": [one.id for one in batch], "holder": holder, "again_after": try_after}
    session.connection().execute(_PUT_BACK, given)


def holders(session: Session) -> dict[str, datetime]:
    """Who holds claimed letters now, and until when at most (machine time)."""
    held = select(LetterRow.leased_by, func.max(LetterRow.machine_leased_until)).where(CLAIMED)
    return {holder: until for holder, until in session.execute(held.group_by(LetterRow.leased_by)) if holder and until}


def rescue(session: Session, holder: str, now: datetime, machine_now: datetime) -> int:
    """Plan again what a holder has claimed and will never settle. How many."""
    rescued = session.scalars(
        update(LetterRow)
        .where(CLAIMED, LetterRow.leased_by == holder)
        .values(state="planned", leased_by=None, machine_leased_until=None)
        .returning(LetterRow.id)
    ).all()
    for letter_id in rescued:
        note(session, letter_id, "planned", "worker-gone", now, machine_now)
    return len(rescued)


def due_count(session: Session, now: datetime, machine_now: datetime, most: int) -> int:
    """How many letters could be claimed now, counted as far as `most`. In the order of their index: PostgreSQL takes
    what is planned to be due as often as what was sent, and would read the whole table."""
    due = select(LetterRow.id).where(_due(now, machine_now)).order_by(*_LONGEST_DUE).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(due)) or 0


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next planned letter is due that is not yet."""
    coming = select(LetterRow.due_at).where(LetterRow.state == "planned", LetterRow.due_at > now)
    return session.scalar(coming.order_by(LetterRow.due_at).limit(1))


def _event_of(outcome: Outcome) -> dict[str, Any]:
    return {
        "letter_id": outcome.letter_id, "state": outcome.state, "reason": outcome.reason, "at": outcome.at,
        "machine_at": outcome.machine_at,
    }  # fmt: skip
