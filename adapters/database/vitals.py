"""What tells whether the machines do their work, read with a few quick questions: each has an index of its own, so that
an outbox of a million letters is not read for it."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, literal_column, or_, select
from sqlalchemy.orm import Session

from adapters.database.letters import HELD, PLANNED
from adapters.database.tables import BounceRow, EnvelopeRow, LetterEventRow, LetterRow, PauseRow

_FAILED = LetterRow.state == literal_column("'failed'")
_ENVELOPE_FAILED = EnvelopeRow.state == literal_column("'failed'")
_MOST: Final = 200
"""Beyond so many that wait, the first of them tell enough."""


def ready_since(session: Session, now: datetime, machine_now: datetime) -> tuple[datetime | None, datetime | None]:
    """Since when letters wait that could be claimed now: the first that was never tried (`now`'s time, the
    conference's), and the first whose next try is due (the machine's)."""
    could_go = or_(LetterRow.machine_try_after.is_(None), LetterRow.machine_try_after <= machine_now)
    first = (
        select(LetterRow.due_at, LetterRow.machine_try_after)
        .where(PLANNED, LetterRow.due_at <= now, could_go)
        .order_by(LetterRow.due_at, LetterRow.id)
        .limit(_MOST)
        .subquery()
    )
    untried = func.min(first.c.due_at).filter(first.c.machine_try_after.is_(None))
    due_since, try_since = session.execute(select(untried, func.min(first.c.machine_try_after))).one()
    return due_since, try_since


def dead_letters(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many letters failed or are held and could still go, and since when (machine time) the first of them."""
    ids = select(LetterRow.id).where(_FAILED, LetterRow.not_after > now).union_all(
        select(LetterRow.id).where(HELD, LetterRow.not_after > now)
    )  # fmt: skip
    number = session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    if not number:
        return 0, None
    some = select(ids.limit(_MOST).subquery().c.id)
    last = (
        select(func.max(LetterEventRow.machine_at).label("at"))
        .where(LetterEventRow.letter_id.in_(some))
        .group_by(LetterEventRow.letter_id)
        .subquery()
    )
    return number, session.scalar(select(func.min(last.c.at)))


def dead_submissions(session: Session) -> tuple[int, datetime | None]:
    """How many submissions could not be judged for an error of ours, and since when (machine time) the first."""
    asked = select(func.count(), func.min(EnvelopeRow.machine_received)).where(_ENVELOPE_FAILED)
    number, since = session.execute(asked).one()
    return number, since


def policy_bounces(session: Session, since: datetime) -> tuple[int, datetime | None]:
    """How many letters came back since then (machine time) for a reason that lies with us, and when the first."""
    asked = select(func.count(), func.min(BounceRow.machine_at)).where(
        BounceRow.bounce_class == "policy", BounceRow.machine_at >= since
    )
    number, first = session.execute(asked).one()
    return number, first


def pauses(session: Session) -> dict[str, datetime]:
    """What a person has paused, since when (machine time)."""
    found = session.execute(select(PauseRow.name, PauseRow.machine_since).order_by(PauseRow.name))
    return {name: since for name, since in found}  # noqa: C416 - rows, for mypy, are no pairs
