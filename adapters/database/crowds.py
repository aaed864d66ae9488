"""Crowds: reminders of which very many are planned for one moment."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from adapters.database.letters import PLANNED
from adapters.database.tables import LetterRow

KIND = "reminder"
"""The only one that is ever spread."""


class Crowd(NamedTuple):
    """Planned reminders of sessions of one conference that begin at one moment: until when they are of use says which.
    It stays when they are spread."""

    conference: str
    not_after: datetime
    size: int


def between(session: Session, after: datetime, until: datetime) -> list[Crowd]:
    """The crowds among the reminders that are due between two instants."""
    counted = select(LetterRow.conference, LetterRow.not_after, func.count())
    wanted = counted.where(PLANNED, LetterRow.due_at > after, LetterRow.due_at <= until, LetterRow.kind == KIND)
    return [Crowd(*row) for row in session.execute(wanted.group_by(LetterRow.conference, LetterRow.not_after))]


def spread(session: Session, crowd: Crowd, due_at: datetime, to: Callable[[str], datetime], limit: int) -> int:
    """Give those of a crowd that are due at one moment each a moment of its own, which follows from its id; how many
    they were. Those that somebody works on are left."""
    wanted = select(LetterRow.id).where(LetterRow.due_at == due_at, *_members(crowd)).limit(limit)
    moved = [{"id": one, "due_at": to(one)} for one in session.scalars(wanted.with_for_update(skip_locked=True))]
    if moved:
        session.execute(update(LetterRow), moved)
    return len(moved)


def _members(crowd: Crowd) -> tuple[ColumnElement[bool], ...]:
    # Written so that no plan takes the index by conference, which has all of its letters: few are due at one moment.
    of_conference = LetterRow.conference.concat("") == crowd.conference
    return PLANNED, LetterRow.kind == KIND, of_conference, LetterRow.not_after == crowd.not_after
