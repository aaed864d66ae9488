"""How the outbox stands: read for people, for rehearsals and for the metrics. What changes it is in `letters`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from adapters.database.letters import PLANNED, UNFINISHED
from adapters.database.tables import LetterRow

_shown = case((and_(LetterRow.state == "sent", LetterRow.bounced.is_not(None)), "bounced"), else_=LetterRow.state)
"""A letter's state as people are shown it. That one was taken by the mail server is not undone by its coming back."""


def shown(letter: LetterRow) -> str:
    """The same for one letter."""
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
    wanted = select(func.count()).select_from(LetterRow).where(UNFINISHED, LetterRow.due_at <= due_before)
    return session.scalar(wanted) or 0


def listed(session: Session, *, states: Sequence[str], limit: int, conference: str | None = None) -> list[LetterRow]:
    """Letters in these states, of which `bounced` is one, the latest due first."""
    wanted = select(LetterRow).where(_shown.in_(states))
    if conference:
        wanted = wanted.where(LetterRow.conference == conference)
    return list(session.scalars(wanted.order_by(LetterRow.due_at.desc(), LetterRow.id).limit(limit)))


def counts(session: Session) -> dict[tuple[str, str, str], int]:
    """How many letters by conference, kind and state; those that were sent and came back as `bounced`."""
    columns = LetterRow.conference, LetterRow.kind, _shown
    rows = session.execute(select(*columns, func.count()).group_by(*columns))
    return {(conference, kind, state): number for conference, kind, state, number in rows}
