"""Letters that a person holds, lets go again, or lets be tried at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_
from sqlalchemy.orm import Session

from adapters.database.letters import BY_HAND, HELD, PLANNED, RELEASED, RETRIED, change_all, later_revision
from adapters.database.tables import LetterRow


def retry(session: Session, ids: Sequence[str], now: datetime, machine_now: datetime) -> list[str]:
    """Let letters that wait for another try be tried at once; the ids of those that did."""
    waits = and_(PLANNED, LetterRow.machine_try_after > machine_now)
    return change_all(session, ids, waits, {"machine_try_after": None}, RETRIED, now, machine_now)


def hold(session: Session, ids: Sequence[str], now: datetime, machine_now: datetime) -> list[str]:
    """Hold planned letters for a person; the ids of those that could still be held. One that is claimed goes its
    way."""
    return change_all(session, ids, PLANNED, {"state": "held", "reason": BY_HAND}, BY_HAND, now, machine_now)


def release(session: Session, ids: Sequence[str], now: datetime, machine_now: datetime) -> list[str]:
    """Plan letters again that a person has held; the ids of those that no later letter about the same session has
    overtaken: a calendar must not get them in the wrong order."""
    by_hand = and_(HELD, LetterRow.reason == BY_HAND, ~later_revision())
    return change_all(session, ids, by_hand, {"state": "planned", "reason": None}, RELEASED, now, machine_now)
