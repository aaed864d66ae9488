"""What becomes of the reminders that stand in the outbox where something else is owed: the steps from one to the other.

Decides only. A due time is a row: here rows are compared with what `domain.reminders` says is owed (rules R2, R7).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final

from domain.cadence import spread, spread_within
from domain.reminders import (
    BEFOREHAND,
    NOT_IN_TIME,
    USEFUL_AFTER_START,
    Attended,
    Reminder,
    hour_before,
    is_on,
    owed,
)
from domain.telling import Place
from domain.times import session_period
from schemas.draft import Draft
from schemas.programme import Conference, Session
from schemas.reminders import Reminders

_MAY_BE_OWED_AGAIN: Final = frozenset({"not-attending", "merged", "regrouped", "switched-off"})
_TOLD_ALREADY: Final = NOT_IN_TIME - {"planned-after-its-time"}
"""What stands in the outbox and was late goes, late as it is; unless a letter has said it meanwhile."""

Key = tuple[str, str]
"""A reminder's kind and what it is about."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A reminder that stands in the outbox, whatever became of it."""

    id: str
    kind: str
    about: str
    revision: int
    sessions: tuple[str, ...]
    due_at: datetime
    not_after: datetime
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A letter or a reminder that has spoken of sessions, or will. `letter`: its id, where it is written already."""

    letter: str | None
    kind: str
    sessions: tuple[str, ...]
    due_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one reminder: a new row is written (`draft`, and no `standing`, or one that was done with); a
    planned one gets another hour or other sessions (`moves`); or it is skipped, for `reason`. A row may be moved and
    skipped: then it shows why, in its new hour."""

    standing: Standing | None
    draft: Draft | None = None
    moves: bool = False
    reason: str | None = None


def is_attended(planned: Session, state: str, entry: str) -> bool:
    """Whether somebody whose registration is in `state`, with an `entry`, has been invited to a session that will take
    place at a known time."""
    return state == "registered" and entry == "requested" and planned.unconfirmed is None and not planned.cancelled


def owed_to(
    conference: Conference, places: Mapping[str, Place], time_zone: str | None, told_at: Mapping[str, datetime],
    now: datetime,
) -> tuple[Reminder, ...]:  # fmt: skip
    """The reminders owed for what a participant attends; sessions without a confirmed time bring none. `time_zone`: the
    participant's own, if known; `told_at`: when each session was last spoken of, by its id."""
    zone = conference.time_zone
    attended = [
        Attended(one.id, session_period(one, zone), place.attendance == "online", told_at.get(one.id))
        for one in conference.sessions
        if (place := places.get(one.id)) and is_attended(one, place.state, place.entry)
    ]
    return owed(attended, conference, time_zone or zone, now)


def told_at(spoken: Iterable[Spoken], rules: Reminders) -> dict[str, datetime]:
    """When each session was last spoken of. A reminder that was spread has its say at its own hour."""
    said = [
        (hour_before(one.not_after - USEFUL_AFTER_START, rules) if one.kind == "reminder" else one.due_at, one.sessions)
        for one in sorted(spoken, key=attrgetter("due_at"))
    ]
    return {one: at for at, sessions in sorted(said, key=lambda pair: pair[0]) for one in sessions}


def steps(newest: Mapping[Key, Standing], owing: Sequence[Reminder], conference: Conference) -> tuple[Step, ...]:
    """What is to be done so that the outbox has what is owed. Nothing where it has."""
    wanted = _by_key(owing)
    rules = conference.reminders
    gone = [
        Step(row, reason=_why_not(row, owing, conference))
        for key, row in newest.items()
        if key not in wanted and row.state == "planned"
    ]
    found = (_step(newest.get(key), one, rules) for key, one in wanted.items())
    return (*gone, *(one for one in found if one is not None))


def is_done(newest: Mapping[Key, Standing], owing: Sequence[Reminder], rules: Reminders) -> bool:
    """Whether the steps bring all into line. What a worker has at hand cannot be changed, and may come back: then it
    must be looked at again."""
    wanted = _by_key(owing)
    at_hand = (key for key, row in newest.items() if row.state == "claimed")
    return all(_is_as_owed(newest[key], wanted.get(key), rules) for key in at_hand)


def _by_key(owing: Iterable[Reminder]) -> dict[Key, Reminder]:
    return {(one.kind, one.about): one for one in owing}


def _step(row: Standing | None, one: Reminder, rules: Reminders) -> Step | None:
    if row is None or _is_to_be_written_anew(row, one):
        return Step(row, draft=_draft(one, row.revision + 1 if row else 1), reason=one.skip)
    if row.state != "planned" or _is_as_owed(row, one, rules):
        return None
    reason = one.skip if one.skip in _TOLD_ALREADY else None
    return Step(row, draft=_draft(one, row.revision), moves=True, reason=reason)


def _why_not(gone: Standing, owing: Iterable[Reminder], conference: Conference) -> str:
    """Why a reminder that stood in the outbox is not owed any more."""
    if not is_on(gone.kind, conference.reminders):
        return "switched-off"
    others = [one for one in owing if one.kind == gone.kind]
    if any(gone.about in one.sessions for one in others):
        return "merged"
    is_regrouped = gone.kind in BEFOREHAND and any(not set(gone.sessions).isdisjoint(one.sessions) for one in others)
    return "regrouped" if is_regrouped else "not-attending"


def _is_as_owed(row: Standing, one: Reminder | None, rules: Reminders) -> bool:
    """Whether a row says what is owed: of the same sessions, at the same time or spread around it."""
    if one is None or row.not_after != one.not_after or row.sessions != one.sessions:
        return False
    within = spread_within(rules) if row.kind == "reminder" else None
    return row.due_at == one.due_at or (within is not None and row.due_at == spread(one.due_at, row.id, within))


def _is_to_be_written_anew(row: Standing, one: Reminder) -> bool:
    """Whether a reminder stands that will not go any more, and another is owed: its participant had withdrawn, it had
    been merged with another's or switched off; its session has been moved since it went or was given up (R7); or its
    hour has been moved to one that is still to come."""
    if row.state in {"planned", "claimed"}:
        return False
    if row.state == "skipped" and row.reason in _MAY_BE_OWED_AGAIN:
        return True
    if row.kind in BEFOREHAND and row.not_after != one.not_after:
        return True
    return row.state == "skipped" and row.reason in NOT_IN_TIME and one.skip is None


def _draft(one: Reminder, revision: int) -> Draft:
    return Draft(
        kind=one.kind, about=one.about, revision=revision, sessions=one.sessions, due_at=one.due_at,
        not_after=one.not_after, skip=one.skip,
    )  # fmt: skip
