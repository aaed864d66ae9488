"""The outbox: letters that are due, claimed, sent or given up, with their history.

A letter is claimed by a conditional UPDATE, with a lease in the machine's time; whoever holds no lease any more cannot
record an outcome. Letters about one session go to one participant in the order of their revisions: a calendar that
gets an update before its invitation drops it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from adapters.database.engine import insert_unless_there
from adapters.database.many import insert_all, is_among, plain_rows, texts
from adapters.database.tables import Instant, LetterEventRow, LetterRow
from adapters.ids import new_id
from schemas.draft import Draft
from schemas.outcome import Outcome

SESSION_KINDS = ("invitation", "update", "cancellation", "withdrawal", "pending", "waitlist", "offer", "refusal")
"""Letters that say how somebody stands with one session: the latest replaces those before."""

BEFOREHAND = ("reminder", "last-reminder")
"""Reminders of sessions that are about to begin."""
REPLAYED = "replayed"
"""The reason of a letter that a person has planned again, until it is tried."""

# Said as their indexes say it, not as parameters: a plan that is kept for any state cannot use an index of one.
PLANNED = LetterRow.state == literal_column("'planned'")
CLAIMED = LetterRow.state == literal_column("'claimed'")
HELD = LetterRow.state == literal_column("'held'")
UNFINISHED = or_(PLANNED, CLAIMED)


_WITHOUT_ANSWER = ("connection-lost-after-data", "worker-gone")
"""Reasons of a letter that was handed over, or may have been, and nobody knows whether it was taken."""


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


def of_participant(
    session: Session, participant_id: str, kinds: Sequence[str], *, lock: bool = False
) -> list[LetterRow]:
    """A participant's letters of these kinds, in order of revision. With `lock`, those that are planned stay so until
    the transaction ends: a claim that has not been committed yet is waited for, and seen.

    No others are locked: whoever settles letters has them already, many at once, and may wait for their participants.
    """
    wanted = (
        select(LetterRow)
        .where(LetterRow.participant_id == participant_id, LetterRow.kind.in_(kinds))
        .order_by(LetterRow.about, LetterRow.revision)
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(wanted))
    ours: set[str] = set()
    while lock and (others := {one.id for one in found if one.state == "planned"} - ours):
        locked = select(LetterRow.id).where(LetterRow.id.in_(others), PLANNED).order_by(LetterRow.id)
        ours.update(session.scalars(locked.with_for_update()))
        found = list(session.scalars(wanted))
    return found


_OF_CONFERENCE = (
    select(LetterRow.__table__)
    .where(LetterRow.conference == bindparam("conference"), is_among(LetterRow.kind, texts("kinds")))
    .order_by(LetterRow.participant_id, LetterRow.about, LetterRow.revision)
)


def of_conference(
    session: Session, conference: str, kinds: Sequence[str], *, lock: bool = False
) -> dict[str, list[LetterRow]]:
    """The same for everybody of a conference, by participant, to be read only."""
    if lock:
        planned = select(LetterRow.id).where(LetterRow.conference == conference, LetterRow.kind.in_(kinds), PLANNED)
        session.execute(planned.order_by(LetterRow.id).with_for_update())
    found: dict[str, list[LetterRow]] = {}
    for row in plain_rows(session, LetterRow, _OF_CONFERENCE, conference=conference, kinds=list(kinds)):
        found.setdefault(row.participant_id, []).append(row)
    return found


def may_have_gone(session: Session, batch: Sequence[LetterRow]) -> frozenset[str]:
    """Ids of those that a mail server has taken, or may have: on its way now, or once handed over without an answer. A
    letter that was refused each time is not among them, nor one that was given up."""
    going = {one.id for one in batch if one.state in {"sent", "claimed"}}
    tried = [one.id for one in batch if one.tries > 0 and one.state in {"planned", "skipped", "expired"}]
    if not tried:
        return frozenset(going)
    unknown = select(LetterEventRow.letter_id).where(
        is_among(LetterEventRow.letter_id, texts("ids")), LetterEventRow.reason.in_(_WITHOUT_ANSWER)
    )
    return frozenset({*going, *session.scalars(unknown, {"ids": tried})})


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
        found[letter_id] = [] if reason == REPLAYED else [*found.get(letter_id, []), str(reason)]
    return found


def spoken_of(session: Session, participant_id: str) -> Sequence[Row[str, list[str], datetime, datetime]]:
    """Which letters and reminders have spoken of sessions to a participant: kind, sessions, when it was due, until when
    it was of use. A letter that was written has its say, also if it was then overtaken by another; a reminder only when
    it went, or is going."""
    went = LetterRow.state.in_(("claimed", "sent"))
    wanted = select(LetterRow.kind, LetterRow.sessions, LetterRow.due_at, LetterRow.not_after).where(
        LetterRow.participant_id == participant_id,
        or_(LetterRow.kind.in_(SESSION_KINDS), and_(LetterRow.kind.in_(BEFOREHAND), went)),
    )
    return session.execute(wanted.order_by(LetterRow.due_at)).all()


_UNWATCHED = {"synchronize_session": False}
_OF_LETTER = LetterRow.id == bindparam("letter")
_WITHHOLD = update(LetterRow).where(_OF_LETTER, PLANNED).values(state="skipped", reason=bindparam("why"))
_REPLAN = (
    update(LetterRow)
    .where(_OF_LETTER, PLANNED)
    .values(due_at=bindparam("due"), not_after=bindparam("until"), sessions=bindparam("of"))
)


def withhold(session: Session, letter_id: str, reason: str, now: datetime, machine_now: datetime) -> bool:
    """Skip a planned letter; whether it could still be held back. One that is claimed goes its way."""
    held = session.execute(_WITHHOLD, {"letter": letter_id, "why": reason}, execution_options=_UNWATCHED)
    if not held.rowcount:  # type: ignore[attr-defined]
        return False
    _note(session, letter_id, "skipped", reason, now, machine_now)
    return True


def replan(session: Session, letter_id: str, draft: Draft) -> None:
    """Give a planned reminder its new time and sessions."""
    given = {"letter": letter_id, "due": draft.due_at, "until": draft.not_after, "of": list(draft.sessions)}
    session.execute(_REPLAN, given, execution_options=_UNWATCHED)


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
    .where(is_among(LetterRow.id, texts("ids")), PLANNED)
    .values(
        state="claimed", leased_by=bindparam("holder"), machine_leased_until=bindparam("until"),
        tries=LetterRow.tries + 1,
    )
    .returning(LetterRow.__table__)
)  # fmt: skip


def claim(session: Session, holder: str, limit: int, now: datetime, machine_now: datetime,
          until: datetime, *, least_tried: bool = False) -> list[LetterRow]:  # fmt: skip
    """Claim the letters that have been due longest, for `holder`, until `until` (machine time); of all that are due,
    those that have been tried least, where `least_tried`: what is refused again and again lets others go first.

    What is due is looked for in the order of its index, and its order with other letters afterwards: in one statement,
    a database that does not know yet how large the table has become compares every letter with every other.
    """
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
    return sorted(claimed, key=lambda letter: (letter.due_at, letter.id))


def _after(last: Row[*tuple[Any, ...]], order: Sequence[InstrumentedAttribute[Any]]) -> ColumnElement[bool]:
    """Whether a row comes after `last` in an order of columns."""
    column, *others = order
    value = getattr(last, column.key)
    return or_(column > value, and_(column == value, _after(last, others))) if others else column > value


def _overtaking(session: Session, found: Sequence[Row[str, str, str, str, int, datetime, int]]) -> set[str]:
    """Those before which an earlier letter about the same session is still on its way to the same person."""
    if not found:
        return set()
    people = list({one.participant_id for one in found})
    on_their_way = (
        select(LetterRow.participant_id, LetterRow.about, func.min(LetterRow.revision))
        .where(
            is_among(LetterRow.participant_id, texts("people")),
            LetterRow.kind.in_(SESSION_KINDS),
            UNFINISHED,
        )
        .group_by(LetterRow.participant_id, LetterRow.about)
    )
    first = {
        (participant, about): revision
        for participant, about, revision in session.execute(on_their_way, {"people": people})
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
        _note(session, letter_id, "planned", "worker-gone", now, machine_now)
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


def replay(session: Session, letter_id: str, now: datetime, machine_now: datetime) -> bool:
    """Plan a failed or held letter again, with the same Message-ID; whether there was one that is still of use, and
    that no later letter about the same session has overtaken. It is tried until an answer is final, even if its address
    is suppressed."""
    still_of_use = and_(LetterRow.not_after > now, ~_later_revision())
    done = session.execute(
        update(LetterRow)
        .where(LetterRow.id == letter_id, LetterRow.state.in_(("failed", "held")), still_of_use)
        .values(state="planned", reason=REPLAYED, replayed=True, tries=0, machine_try_after=None)
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
    return list(session.scalars(select(LetterRow).where(HELD)))


def expire_held(session: Session, now: datetime, machine_now: datetime) -> int:
    """End those that were held until they were of no use any more. How many."""
    too_late = update(LetterRow).where(HELD, LetterRow.not_after < now).values(state="expired", reason="too-late")
    expired = session.scalars(too_late.returning(LetterRow.id)).all()
    for letter_id in expired:
        _note(session, letter_id, "expired", "too-late", now, machine_now)
    return len(expired)


def by_id(session: Session, letter_id: str) -> LetterRow | None:
    """The letter, or None."""
    return session.get(LetterRow, letter_id)


def by_message_id(session: Session, message_id: str) -> LetterRow | None:
    """The letter of this Message-ID, or None."""
    return session.scalars(select(LetterRow).where(LetterRow.message_id == message_id)).one_or_none()


def _later_revision() -> ColumnElement[bool]:
    """Whether a letter about one session has a later one about the same, whatever became of it."""
    other = aliased(LetterRow)
    same = and_(
        LetterRow.kind.in_(SESSION_KINDS),
        other.kind.in_(SESSION_KINDS),
        other.participant_id == LetterRow.participant_id,
        other.about == LetterRow.about,
    )
    return select(other.id).where(same, other.revision > LetterRow.revision).exists()


def _note(session: Session, letter_id: str, state: str, reason: str | None, now: datetime,
          machine_now: datetime) -> None:  # fmt: skip
    session.add(LetterEventRow(letter_id=letter_id, state=state, reason=reason, at=now, machine_at=machine_now))


def _event_of(outcome: Outcome) -> dict[str, Any]:
    return {
        "letter_id": outcome.letter_id, "state": outcome.state, "reason": outcome.reason, "at": outcome.at,
        "machine_at": outcome.machine_at,
    }  # fmt: skip
