"""Places: counted and given under a lock, the waiting list in its order, and who waits for a person.

How many are taken, the registrations say; a row here is only there to be locked. Whoever locks places does so before
any participant or registration, and in one order, so that no two wait for each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import PlaceRow, RegistrationRow
from schemas.registration import Attendance

_HELD = ("registered", "offered")
_INSTANT = timedelta(microseconds=1)


# Said as their indexes say it: a plan that is kept for any state cannot use an index of some.
_ASKS = or_(
    RegistrationRow.state == literal_column("'pending'"),
    and_(RegistrationRow.state == literal_column("'registered'"),
         RegistrationRow.reason == literal_column("'not-approved'")),
)  # fmt: skip
_IN_LINE = RegistrationRow.state.in_([literal_column("'waitlisted'"), literal_column("'offered'")])


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits for approval or for a place. `since`: by the conference's time."""

    id: str
    participant_id: str
    conference: str
    session: str
    attendance: Attendance
    state: str
    since: datetime
    offered_until: datetime | None
    approved: bool


def hold(session: Session, conference: str, wanted: Iterable[tuple[str, Attendance]]) -> None:
    """Lock the places of these sessions and ways of attending until the transaction ends."""
    for session_id, attendance in sorted(wanted):
        values = {"conference": conference, "session": session_id, "attendance": attendance}
        insert_unless_there(session, PlaceRow, values)
        session.get(PlaceRow, (conference, session_id, attendance), with_for_update=True)


def taken(session: Session, conference: str, session_id: str, attendance: Attendance) -> int:
    """How many places are taken, or kept for somebody. True until the transaction ends where they are locked."""
    wanted = select(func.count()).select_from(RegistrationRow)
    return session.scalar(wanted.where(_of(conference, session_id, attendance, *_HELD))) or 0


def is_waited_for(session: Session, conference: str, session_id: str, attendance: Attendance) -> bool:
    """Whether anybody stands on the waiting list."""
    return first_in_line(session, conference, session_id, attendance) is not None


def first_in_line(session: Session, conference: str, session_id: str, attendance: Attendance) -> RegistrationRow | None:
    """Who stands first on the waiting list, if anybody does."""
    wanted = select(RegistrationRow).where(_of(conference, session_id, attendance, "waitlisted"))
    return session.scalars(wanted.order_by(RegistrationRow.waiting_at).limit(1)).one_or_none()


def end_of_line(
    session: Session, conference: str, session_id: str, attendance: Attendance, now: datetime
) -> datetime:  # fmt: skip
    """`now`, or just after whoever waits longest in vain: the list's order is that in which people came to it, also
    where a clock stands still. The places are locked."""
    wanted = select(func.max(RegistrationRow.waiting_at))
    last = session.scalar(wanted.where(_of(conference, session_id, attendance, "waitlisted")))
    return now if last is None or last < now else last + _INSTANT


def expired(session: Session, conference: str, session_id: str, now: datetime) -> list[str]:
    """Registrations whose offer has not been answered in time."""
    wanted = select(RegistrationRow.id).where(
        RegistrationRow.conference == conference, RegistrationRow.session == session_id,
        RegistrationRow.state == "offered", RegistrationRow.offered_until <= now,
    )  # fmt: skip
    return list(session.scalars(wanted.order_by(RegistrationRow.offered_until, RegistrationRow.id)))


def sessions_waited_for(session: Session, conference: str) -> list[tuple[str, Attendance]]:
    """The sessions, and ways of attending them, that people wait for or have been offered a place in."""
    wanted = (
        select(RegistrationRow.session, RegistrationRow.attendance)
        .where(RegistrationRow.conference == conference, RegistrationRow.state.in_(("waitlisted", "offered")))
        .distinct()
    )
    return [(session_id, attendance) for session_id, attendance in session.execute(wanted)]


def waiting(session: Session, *, limit: int, conference: str | None = None) -> list[Waiting]:
    """Who waits for an admin first, then the waiting lists in their order. Among the first are those who attend online
    until an admin lets them into the room."""
    asking = _first(session, _ASKS, limit, conference)
    return asking + _first(session, _IN_LINE, limit - len(asking), conference)


def _first(session: Session, waits: ColumnElement[bool], limit: int, conference: str | None) -> list[Waiting]:
    """By session; who was ever on its waiting list in that order, and then whoever has asked first."""
    wanted = select(RegistrationRow).where(waits)
    if conference is not None:
        wanted = wanted.where(RegistrationRow.conference == conference)
    order = (RegistrationRow.conference, RegistrationRow.session, RegistrationRow.waiting_at.nulls_last(),
             RegistrationRow.changed_at)  # fmt: skip
    return [
        Waiting(row.id, row.participant_id, row.conference, row.session, row.attendance, row.state,
                row.waiting_at or row.changed_at, row.offered_until, row.approved_at is not None)
        for row in session.scalars(wanted.order_by(*order).limit(limit))
    ]  # fmt: skip


def counts(session: Session, conference: str) -> dict[tuple[str, Attendance, str], int]:
    """How many registrations by session, way of attending, and state."""
    columns = RegistrationRow.session, RegistrationRow.attendance, RegistrationRow.state
    rows = session.execute(
        select(*columns, func.count()).where(RegistrationRow.conference == conference).group_by(*columns)
    )
    return {(session_id, attendance, state): number for session_id, attendance, state, number in rows}


def _of(conference: str, session_id: str, attendance: Attendance, *states: str) -> ColumnElement[bool]:
    return (
        (RegistrationRow.conference == conference)
        & (RegistrationRow.session == session_id)
        & (RegistrationRow.attendance == attendance)
        & RegistrationRow.state.in_(states)
    )
