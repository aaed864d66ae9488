"""Zoom events: which webinar or meeting is behind a session, and whose turn it is to speak with Zoom about it.

One worker at a time holds the lease of an event. Within it "is this person there already?" and "then add them" cannot
be torn apart by another worker, so that nobody is added twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from adapters.database.engine import insert_unless_there
from adapters.database.registrants import actionable, begin_anew
from adapters.database.tables import RegistrantRow, ZoomEventRow
from adapters.ids import new_id
from schemas.programme import ZoomEvent


@dataclass(frozen=True, slots=True)
class Planned:
    """What the programme says of the Zoom event behind a session; `zoom` is None where it names none."""

    conference: str
    session: str
    zoom: ZoomEvent | None
    ends_at: datetime | None


def ensure(session: Session, planned: Planned, machine_now: datetime) -> str:
    """The id of the row for a session's Zoom event, made where there is none yet."""
    known = _id(session, planned)
    if known is not None:
        return known
    values = {
        "id": new_id("zev"), "conference": planned.conference, "session": planned.session, "state": "unknown",
        "reason": "not-looked-up", "differences": [], "report": {}, "tries": 0, "type": 0, "approval_type": 1,
        "notified": 0,
        "ends_at": planned.ends_at,
        "machine_queued": machine_now, **_named(planned),
    }  # fmt: skip
    insert_unless_there(session, ZoomEventRow, values)
    found = _id(session, planned)
    assert found is not None, "the row was just inserted, by us or by the one we waited for"  # noqa: S101
    return found


def follow_programme(session: Session, planned: Planned, machine_now: datetime) -> None:
    """Bring a session's row in line with the programme. Where that names another Zoom event, it is looked up anew."""
    row = session.get(ZoomEventRow, ensure(session, planned, machine_now), with_for_update=True, populate_existing=True)
    assert row is not None, "it was just ensured"  # noqa: S101
    if row.ends_at != planned.ends_at:
        row.checked_at = None  # whether Zoom's hours still agree with the programme's is to be seen
    row.ends_at = planned.ends_at
    if is_another(row, planned):
        named = _named(planned)
        row.account, row.number, row.kind = named["account"], named["number"], named["kind"]  # type: ignore[assignment]
        row.found_by = "programme" if row.number is not None else None
        row.state, row.reason = "unknown", "not-looked-up"
        row.checked_at, row.reconcile_at, row.machine_try_after, row.tries = None, None, None, 0
        begin_anew(session, row.id)


def is_another(row: ZoomEventRow, planned: Planned) -> bool:
    """Whether the programme names another Zoom event than the row has, so that nobody of ours is there yet."""
    named = _named(planned)
    same_event = row.account == named["account"] and (named["number"] in {None, row.number})
    return not same_event or (row.number is None and row.kind != named["kind"])


def look_again(row: ZoomEventRow) -> None:
    """The session was cancelled, or takes place after all: what follows for its registrants is to be seen to now."""
    row.checked_at, row.machine_try_after = None, None


def of_session(session: Session, conference: str, session_id: str) -> ZoomEventRow | None:
    """The row of a session, or None."""
    wanted = select(ZoomEventRow).where(ZoomEventRow.conference == conference, ZoomEventRow.session == session_id)
    return session.scalars(wanted).one_or_none()


def of_number(session: Session, account: str, number: int) -> list[ZoomEventRow]:
    """Every session's row for one Zoom event, locked: usually one, none where it is no business of ours. Notifications
    about one event are done one after the other."""
    wanted = select(ZoomEventRow).where(ZoomEventRow.account == account, ZoomEventRow.number == number)
    return list(session.scalars(wanted.order_by(ZoomEventRow.id).with_for_update()))


def of_account(session: Session, account: str) -> list[ZoomEventRow]:
    """Every row of an account, locked, in one order for all."""
    wanted = select(ZoomEventRow).where(ZoomEventRow.account == account)
    return list(
        session.scalars(wanted.order_by(ZoomEventRow.id).with_for_update().execution_options(populate_existing=True))
    )


def unknown(session: Session, account: str) -> list[ZoomEventRow]:
    """The rows of an account whose number is not known yet."""
    wanted = select(ZoomEventRow).where(ZoomEventRow.account == account, ZoomEventRow.number.is_(None))
    return list(session.scalars(wanted.order_by(ZoomEventRow.id)))


def notified(row: ZoomEventRow) -> None:
    """Zoom has said that the event has changed: it is read again before anything else is said about it."""
    row.notified += 1
    row.checked_at, row.machine_try_after = None, None


def of_conference(session: Session, conference: str, *, lock: bool = False) -> dict[str, ZoomEventRow]:
    """A conference's rows by session; locked in one order for all."""
    wanted = select(ZoomEventRow).where(ZoomEventRow.conference == conference).order_by(ZoomEventRow.id)
    return {row.session: row for row in session.scalars(wanted.with_for_update() if lock else wanted)}


def listed(session: Session, conference: str | None = None) -> list[ZoomEventRow]:
    """Every row, by conference and end."""
    wanted = select(ZoomEventRow).order_by(ZoomEventRow.conference, ZoomEventRow.ends_at, ZoomEventRow.session)
    return list(session.scalars(wanted.where(ZoomEventRow.conference == conference) if conference else wanted))


def lease(session: Session, event_id: str, holder: str, machine_now: datetime, until: datetime) -> ZoomEventRow | None:
    """The event's row, if nobody speaks with Zoom about it now, for this session or another one behind which it is, and
    it need not wait; ours until `until`, or until released."""
    other = aliased(ZoomEventRow)
    same = and_(
        other.id != ZoomEventRow.id, other.account == ZoomEventRow.account, other.number == ZoomEventRow.number,
        other.machine_leased_until >= machine_now,
    )  # fmt: skip
    taken = session.scalars(
        update(ZoomEventRow)
        .where(
            ZoomEventRow.id == event_id, _free(machine_now), _may(machine_now), ~select(other.id).where(same).exists()
        )
        .values(machine_leased_until=until, leased_by=holder)
        .returning(ZoomEventRow.id)
    ).one_or_none()
    return session.get(ZoomEventRow, event_id, populate_existing=True) if taken else None


def release(session: Session, event_id: str, holder: str) -> None:
    """Give a lease back, if it is still ours."""
    session.execute(
        update(ZoomEventRow)
        .where(ZoomEventRow.id == event_id, ZoomEventRow.leased_by == holder)
        .values(machine_leased_until=None, leased_by=None)
    )


def holders(session: Session) -> list[str]:
    """Who holds a lease."""
    wanted = select(ZoomEventRow.leased_by).where(ZoomEventRow.leased_by.is_not(None)).distinct()
    return [one for one in session.scalars(wanted) if one is not None]


def rescue(session: Session, gone: Sequence[str]) -> int:
    """Free what is held by processes that are gone; how many."""
    freed = session.scalars(
        update(ZoomEventRow)
        .where(ZoomEventRow.leased_by.in_(list(gone)))
        .values(machine_leased_until=None, leased_by=None)
        .returning(ZoomEventRow.id)
    )
    return len(freed.all())


def has_work(session: Session, event_id: str, now: datetime, machine_now: datetime) -> bool:
    """Whether there is something to say to Zoom about this event now."""
    wanted = select(ZoomEventRow.id).where(ZoomEventRow.id == event_id, _work(now, machine_now))
    return session.scalars(wanted).first() is not None


def with_work(session: Session, queued_before: datetime, now: datetime, machine_now: datetime, limit: int) -> list[str]:
    """Events that nobody holds, about which there is something to say to Zoom, and whose turn was last taken before
    `queued_before`."""
    wanted = (
        select(ZoomEventRow.id)
        .where(_free(machine_now), ZoomEventRow.machine_queued < queued_before, _work(now, machine_now))
        .order_by(ZoomEventRow.machine_queued)
        .limit(limit)
    )
    return list(session.scalars(wanted))


def working(session: Session, now: datetime, machine_now: datetime) -> int:
    """About how many events' registrants there is something to say to Zoom now."""
    wanted = select(func.count()).select_from(ZoomEventRow).where(_may(machine_now), _registrants(now, machine_now))
    return session.scalar(wanted) or 0


def try_now(session: Session, ids: Iterable[str]) -> None:
    """Let these be spoken about now, whatever they waited for."""
    session.execute(update(ZoomEventRow).where(ZoomEventRow.id.in_(list(ids))).values(machine_try_after=None, tries=0))


def queued(session: Session, ids: Sequence[str], machine_now: datetime) -> None:
    """Note that these were handed to the broker (again)."""
    session.execute(update(ZoomEventRow).where(ZoomEventRow.id.in_(ids)).values(machine_queued=machine_now))


def _work(now: datetime, machine_now: datetime) -> ColumnElement[bool]:
    ahead = or_(ZoomEventRow.ends_at.is_(None), ZoomEventRow.ends_at > now)
    due = or_(ZoomEventRow.checked_at.is_(None), ZoomEventRow.reconcile_at <= now)
    return and_(_may(machine_now), or_(and_(ahead, due), _registrants(now, machine_now)))


def _free(machine_now: datetime) -> ColumnElement[bool]:
    return or_(ZoomEventRow.machine_leased_until.is_(None), ZoomEventRow.machine_leased_until < machine_now)


def _may(machine_now: datetime) -> ColumnElement[bool]:
    return or_(ZoomEventRow.machine_try_after.is_(None), ZoomEventRow.machine_try_after <= machine_now)


def _registrants(now: datetime, machine_now: datetime) -> ColumnElement[bool]:
    return exists().where(RegistrantRow.event_id == ZoomEventRow.id, actionable(now, machine_now))


def _id(session: Session, planned: Planned) -> str | None:
    wanted = select(ZoomEventRow.id).where(
        ZoomEventRow.conference == planned.conference, ZoomEventRow.session == planned.session
    )
    return session.scalars(wanted).one_or_none()


def _named(planned: Planned) -> dict[str, object]:
    zoom = planned.zoom
    if zoom is None:
        return {"account": None, "kind": "webinar", "number": None}
    return {"account": zoom.account, "kind": zoom.kind, "number": zoom.event}
