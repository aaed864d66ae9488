"""The outbox: letters that are written, withheld, planned again or given up, with their history. Who delivers them has
them from `claims`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, literal_column, or_, select, update
from sqlalchemy.orm import Session, aliased

from adapters import causes
from adapters.database.engine import insert_now
from adapters.database.many import insert_all, is_among, plain_rows, texts
from adapters.database.tables import LetterEventRow, LetterRow
from adapters.ids import new_id
from schemas.draft import Draft

SESSION_KINDS = ("invitation", "update", "cancellation", "withdrawal", "pending", "waitlist", "offer", "refusal")
"""Letters that say how somebody stands with one session: the latest replaces those before."""

BEFOREHAND = ("reminder", "last-reminder")
"""Reminders of sessions that are about to begin."""
REPLAYED = "replayed"
"""The reason of a letter that a person has planned again, until it is tried."""
BY_HAND, HELD_BY_HAND = "by-hand", "held-by-hand"
"""The reasons of a letter that a person holds, and of one to somebody to whom a person holds all mail."""
RETRIED, RELEASED, READDRESSED = "retried", "released", "readdressed"
"""In a letter's history: it need not wait for its next try any more; whoever held it has let it go; its address was
corrected."""
PLANNED_ANEW = frozenset({REPLAYED, READDRESSED, RELEASED})
"""Tries before these do not count."""

# Said as their indexes say it, not as parameters: a plan that is kept for any state cannot use an index of one.
PLANNED = LetterRow.state == literal_column("'planned'")
CLAIMED = LetterRow.state == literal_column("'claimed'")
HELD = LetterRow.state == literal_column("'held'")
UNFINISHED = or_(PLANNED, CLAIMED)


_WITHOUT_ANSWER = ("connection-lost-after-data", "worker-gone")
"""Reasons of a letter that was handed over, or may have been, and nobody knows whether it was taken."""


def add(session: Session, participant_id: str, conference: str, domain: str, draft: Draft, now: datetime,
        machine_now: datetime, *, address_version: int | None = None) -> bool:  # fmt: skip
    """Write a letter to the outbox, unless it is there; whether it was written. `address_version`: of a former address
    that it is for.

    `domain` stands in the Message-ID, which is fixed here for every try, as is DTSTAMP.
    """
    letter_id = new_id("let")
    values: dict[str, Any] = {
        "id": letter_id, "participant_id": participant_id, "conference": conference, "kind": draft.kind,
        "about": draft.about, "revision": draft.revision, "sessions": list(draft.sessions),
        "changes": list(draft.changes), "before": draft.before, "message_id": f"<{letter_id}@{domain}>",
        "method": draft.method, "sequence": draft.sequence, "dtstamp": draft.dtstamp,
        "due_at": draft.due_at, "not_after": draft.not_after, "state": "skipped" if draft.skip else "planned",
        "reason": draft.skip, "tries": 0, "created_at": now, "address_version": address_version,
        "cause": causes.present(),
    }  # fmt: skip
    written = insert_now(session, LetterRow, values)  # its participant is there, whoever writes it
    if written:
        note(session, letter_id, str(values["state"]), draft.skip, now, machine_now)
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


def spoken_of(session: Session, participant_id: str) -> Sequence[Row[str, str, list[str], datetime, datetime]]:
    """Which letters and reminders have spoken of sessions to a participant, or will: id, kind, sessions, when it was
    due, until when it was of use. A letter that was overtaken has said nothing, for all that was written; a reminder
    only what it said when it went, or is going."""
    went = LetterRow.state.in_(("claimed", "sent"))
    wanted = select(LetterRow.id, LetterRow.kind, LetterRow.sessions, LetterRow.due_at, LetterRow.not_after).where(
        LetterRow.participant_id == participant_id,
        or_(
            and_(LetterRow.kind.in_(SESSION_KINDS), LetterRow.state != "skipped"),
            and_(LetterRow.kind.in_(BEFOREHAND), went),
        ),
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
    note(session, letter_id, "skipped", reason, now, machine_now)
    return True


def replan(session: Session, letter_id: str, draft: Draft) -> None:
    """Give a planned reminder its new time and sessions."""
    given = {"letter": letter_id, "due": draft.due_at, "until": draft.not_after, "of": list(draft.sessions)}
    session.execute(_REPLAN, given, execution_options=_UNWATCHED)


def replay(session: Session, letter_id: str, now: datetime, machine_now: datetime) -> bool:
    """The same for one letter; whether it was planned again. It goes even if its address is suppressed."""
    return bool(replay_all(session, [letter_id], now, machine_now, anyway=True))


def replay_all(
    session: Session, ids: Sequence[str], now: datetime, machine_now: datetime, *, anyway: bool,
    reason: str = REPLAYED,
) -> list[str]:  # fmt: skip
    """Plan failed or held letters again, each with the same Message-ID; the ids of those that are still of use, and
    that no later letter about the same session has overtaken. `anyway`: they are tried until an answer is final, even
    if their addresses are suppressed."""
    still_of_use = and_(LetterRow.not_after > now, ~later_revision())
    given_up = LetterRow.state.in_(("failed", "held"))
    values = {"state": "planned", "reason": reason, "replayed": anyway, "tries": 0, "machine_try_after": None}
    return change_all(session, ids, and_(given_up, still_of_use), values, reason, now, machine_now)


def change_all(
    session: Session, ids: Sequence[str], where: ColumnElement[bool], values: dict[str, Any], why: str, now: datetime,
    machine_now: datetime,
) -> list[str]:  # fmt: skip
    """Change those of these letters of which `where` holds, and note it in their history."""
    wanted = update(LetterRow).where(is_among(LetterRow.id, texts("ids")), where).values(**values)
    statement = wanted.returning(LetterRow.id, LetterRow.state)
    changed = session.connection().execute(statement, {"ids": list(ids)}).all()
    if changed:
        like = {"reason": why, "at": now, "machine_at": machine_now}
        insert_all(session, LetterEventRow, [{"letter_id": one, "state": state} | like for one, state in changed])
    return [one for one, _ in changed]


def release_all(session: Session, participant_id: str, now: datetime, machine_now: datetime) -> int:
    """Plan again what was held because all mail to somebody was; how many that are still of use."""
    wanted = select(LetterRow.id).where(
        LetterRow.participant_id == participant_id, HELD, LetterRow.reason == HELD_BY_HAND
    )
    ids = session.scalars(wanted).all()
    return len(replay_all(session, ids, now, machine_now, anyway=False, reason=RELEASED))


def went_to(session: Session, participant_id: str, version: int) -> None:
    """Note that what has gone to somebody so far went to the address of this version, which is a former one now."""
    gone = and_(LetterRow.participant_id == participant_id, LetterRow.address_version.is_(None), ~PLANNED)
    session.execute(update(LetterRow).where(gone).values(address_version=version))


def reported(session: Session, letter_id: str, kind: str, said: str, now: datetime, machine_now: datetime) -> None:
    """Note what was reported of a letter that had been handed over. Its state stays: the mail server has taken it."""
    if kind == "bounced":
        session.execute(update(LetterRow).where(LetterRow.id == letter_id).values(bounced=said))
    note(session, letter_id, kind, said, now, machine_now)


def held(session: Session) -> list[LetterRow]:
    """All letters that wait because their addresses are suppressed."""
    return list(session.scalars(select(LetterRow).where(HELD, LetterRow.reason.not_in((BY_HAND, HELD_BY_HAND)))))


def expire_held(session: Session, now: datetime, machine_now: datetime) -> int:
    """End those that were held until they were of no use any more. How many."""
    too_late = update(LetterRow).where(HELD, LetterRow.not_after < now).values(state="expired", reason="too-late")
    expired = session.scalars(too_late.returning(LetterRow.id)).all()
    for letter_id in expired:
        note(session, letter_id, "expired", "too-late", now, machine_now)
    return len(expired)


def by_id(session: Session, letter_id: str) -> LetterRow | None:
    """The letter, or None."""
    return session.get(LetterRow, letter_id)


def by_message_id(session: Session, message_id: str) -> LetterRow | None:
    """The letter of this Message-ID, or None."""
    return session.scalars(select(LetterRow).where(LetterRow.message_id == message_id)).one_or_none()


def overtaken(session: Session, ids: Sequence[str]) -> frozenset[str]:
    """Those letters that speak of a session of which a later one speaks."""
    found = select(LetterRow.id).where(is_among(LetterRow.id, texts("ids")), later_revision())
    return frozenset(session.scalars(found, {"ids": list(ids)}))


def later_revision() -> ColumnElement[bool]:
    """Whether a letter about one session has a later one about the same, whatever became of it."""
    other = aliased(LetterRow)
    same = and_(
        LetterRow.kind.in_(SESSION_KINDS),
        other.kind.in_(SESSION_KINDS),
        other.participant_id == LetterRow.participant_id,
        other.about == LetterRow.about,
    )
    return select(other.id).where(same, other.revision > LetterRow.revision).exists()


def note(session: Session, letter_id: str, state: str, reason: str | None, now: datetime,
          machine_now: datetime) -> None:  # fmt: skip
    """Add to a letter's history."""
    session.add(LetterEventRow(letter_id=letter_id, state=state, reason=reason, at=now, machine_at=machine_now))
