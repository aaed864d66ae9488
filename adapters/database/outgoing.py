"""How the outbox stands: read for people, for rehearsals and for the metrics. What changes it is in `letters`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, text, union_all
from sqlalchemy.orm import Session

from adapters.database.letters import CLAIMED, PLANNED
from adapters.database.tables import LetterRow

_ENDED_UNSENT = ("skipped", "expired", "failed", "held")

# Said as their indexes say it, as in `letters`.
_GIVEN_UP = LetterRow.state.in_([literal_column(f"'{state}'") for state in _ENDED_UNSENT])
_ALONE = text("SET LOCAL max_parallel_workers_per_gather = 0")
"""What is due is mostly little. PostgreSQL, which takes it for as much as was ever sent, would start workers to count
it, for longer than counting takes."""
_CAME_BACK = and_(LetterRow.state == literal_column("'sent'"), LetterRow.bounced.is_not(None))


def shown(letter: LetterRow) -> str:
    """A letter's state as people are shown it. That one was taken by the mail server is not undone by its coming
    back."""
    return "bounced" if letter.state == "sent" and letter.bounced is not None else letter.state


def next_due(session: Session) -> datetime | None:
    """When the next planned letter is due, in the conference's time."""
    return session.scalar(select(func.min(LetterRow.due_at)).where(PLANNED))


def has_due(session: Session, participant_id: str, now: datetime) -> bool:
    """Whether a letter to this participant is due and has not gone, though it may wait for another try."""
    due = select(LetterRow.id).where(LetterRow.participant_id == participant_id, PLANNED, LetterRow.due_at <= now)
    return session.scalars(due.limit(1)).first() is not None


def unfinished(session: Session, due_before: datetime) -> int:
    """How many letters that are due by then are neither sent nor given up."""
    return waiting(session, due_before)[0]


def waiting(session: Session, due_before: datetime) -> tuple[int, datetime | None]:
    """The same, and when the first of them was due. Each state is asked for by itself: each has an index of its own."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_ALONE)
    of_each = (select(LetterRow.due_at).where(state, LetterRow.due_at <= due_before) for state in (PLANNED, CLAIMED))
    due = union_all(*of_each).subquery()
    number, since = session.execute(select(func.count(), func.min(due.c.due_at))).one()
    return number, since


def listed(session: Session, *, states: Sequence[str], limit: int, conference: str | None = None) -> list[LetterRow]:
    """Letters in these states, of which `bounced` is one, the latest due first."""
    wanted = select(LetterRow).where(_is_shown_as(states))
    if conference:
        wanted = wanted.where(LetterRow.conference == conference)
    return list(session.scalars(wanted.order_by(LetterRow.due_at.desc(), LetterRow.id).limit(limit)))


def _is_shown_as(states: Sequence[str]) -> ColumnElement[bool]:
    """Of those that were given up, or came back, each kind by its index."""
    plain = [state for state in states if state != "bounced"]
    index = _GIVEN_UP if set(plain).issubset(_ENDED_UNSENT) else ~_CAME_BACK
    in_them = and_(index, LetterRow.state.in_(plain))
    return or_(in_them, _CAME_BACK) if "bounced" in states else in_them


def counts(session: Session) -> dict[tuple[str, str, str], int]:
    """How many letters by conference, kind and state; those that were sent and came back as `bounced`."""
    columns = LetterRow.conference, LetterRow.kind, LetterRow.state
    numbers = select(*columns, func.count()).group_by(*columns)
    # Two questions, each answered by an index alone: whether a letter came back stands in no index of all letters.
    found = {(conference, kind, state): number for conference, kind, state, number in session.execute(numbers)}
    for conference, kind, state, number in session.execute(numbers.where(_CAME_BACK)):
        found[conference, kind, "bounced"] = number
        found[conference, kind, state] -= number
    return {those: number for those, number in found.items() if number}


def bounced(session: Session) -> dict[tuple[str, str], int]:
    """How many were sent and came back, by conference and kind."""
    columns = LetterRow.conference, LetterRow.kind
    rows = session.execute(select(*columns, func.count()).where(_CAME_BACK).group_by(*columns))
    return {(conference, kind): number for conference, kind, number in rows}


def given_up(session: Session) -> dict[tuple[str, str, str], int]:
    """How many letters were given up, by kind, state and reason (a code of ours or of SMTP)."""
    columns = LetterRow.kind, LetterRow.state, LetterRow.reason
    rows = session.execute(select(*columns, func.count()).where(_GIVEN_UP).group_by(*columns))
    return {(kind, state, reason or ""): number for kind, state, reason, number in rows}
