"""Registrants: one person at one Zoom event, what we want of Zoom and what Zoom last said.

The row is written before Zoom is asked, with the address that Zoom will know the person by. Where the answer is lost,
the address is looked for; where another process takes over, it finds the same address and not a new alias.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from adapters.database import participants, registrations
from adapters.database.tables import AttendanceRow, ParticipantRow, RegistrantRow, RegistrationRow, ZoomEventRow
from adapters.ids import new_id
from adapters.vault import Vault
from schemas.zoom import ZoomRegistrant

DeniedBy = Literal["here", "zoom", "host"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of Zoom for one registration. `address`: as Zoom is to know the person. `held`: why a person must
    look before Zoom is asked, or None."""

    event_id: str
    address: str
    wanted: bool
    held: str | None = None


def address_index(vault: Vault, address: str) -> bytes:
    """The keyed hash by which an address at Zoom is found. Zoom makes no difference between upper and lower case."""
    return vault.index("registrants.address", address.strip().casefold())


def wish(session: Session, vault: Vault, registration: RegistrationRow, one: Wish, now: datetime) -> None:
    """Note what is wanted. Whoever was added before keeps the address under which Zoom knows them."""
    row = of_registration(session, registration.id)
    is_theirs = row is not None
    if row is None and not one.wanted:
        return
    if row is None:
        row = _of_address(session, vault, one.event_id, one.address)
    if row is None:
        row = _new(session, vault, one.event_id, one.address, now)
        row.registration_id = registration.id
    row.registration_id = registration.id
    row.desired = "approved" if one.wanted else "cancelled"
    row.held, row.reason = one.wanted and one.held is not None, one.held if one.wanted else None
    row.tries, row.due_at, row.machine_try_after = 0, None, None
    if one.wanted and row.status == "approved" and (registration.link != "present" or not is_theirs):
        # Zoom has them, or has cancelled them without our having heard its answer: the list tells, and has the link.
        row.status = "pending"


def wish_nothing(session: Session, vault: Vault, event_id: str, given: str, *, may_wait: bool = False) -> None:
    """Who withdraws is no longer wanted under their own address either, if they came by Zoom's page beside an alias.
    `may_wait`: they have no place yet; where Zoom has let nobody in before us, they may go on waiting there too."""
    row = _of_address(session, vault, event_id, given)
    unwanted = {"approved"} if may_wait else {"pending", "approved"}
    if row is not None and row.registration_id is None and row.status in unwanted:
        row.desired = "cancelled"


def part(session: Session, row: RegistrantRow, machine_now: datetime) -> None:
    """Zoom is to know somebody otherwise from now on: whom it knows is theirs no more, and is cancelled there, even if
    it is just being asked for them. What Zoom has said of that one until now comes too late."""
    row.registration_id, row.desired, row.held, row.said_at = None, "cancelled", False, machine_now
    session.flush()  # before another row is theirs


def let_go(session: Session, vault: Vault, registration_id: str, given: str, machine_now: datetime) -> bool:
    """Somebody has another address now than `given`: whom Zoom knows by that is theirs no more; whether there was one.
    Whoever is there under an alias stays, and whom Zoom's host has denied stays denied."""
    row = of_registration(session, registration_id)
    if row is None or row.denied_by == "host" or row.address_index != address_index(vault, given):
        return False
    part(session, row, machine_now)
    return True


def by_name(session: Session, vault: Vault, ids: Sequence[str]) -> int:
    """Let these be asked for under their own addresses: the secretariat has spoken with them. How many."""
    rows = list(session.scalars(select(RegistrantRow).where(RegistrantRow.id.in_(list(ids)), _open())))
    whose = people(session, rows)
    for row in rows:
        if row.id not in whose:
            continue
        own = participants.opened(whose[row.id][1], vault).address
        there = _of_address(session, vault, row.event_id, own)
        if there is not None and there is not row and there.registration_id is None:
            # They have come to Zoom by themselves: that row is theirs from now on.
            whom, row.registration_id, row.desired, row.held = row.registration_id, None, "none", False
            session.flush()
            there.registration_id, there.desired = whom, "approved"
            there.status = "pending" if there.status == "approved" else there.status
            continue
        _seal(vault, row, own)
        row.held, row.tries, row.due_at, row.machine_try_after = False, 0, None, None
    return len(rows)


def found(session: Session, vault: Vault, event_id: str, said: ZoomRegistrant) -> RegistrantRow | None:
    """The row of somebody whom Zoom names, by Zoom's id, or else by the address; or None."""
    return of_zoom_id(session, event_id, said.id) or _of_address(session, vault, event_id, said.email)


def named_by_zoom(session: Session, vault: Vault, event_id: str, said: ZoomRegistrant, now: datetime) -> RegistrantRow:
    """The row of somebody whom Zoom names, made where there is none."""
    row = found(session, vault, event_id, said) or _new(session, vault, event_id, said.email, now)
    row.zoom_id = said.id
    return row


def of_zoom_id(session: Session, event_id: str, zoom_id: str) -> RegistrantRow | None:
    """The row of a registrant by Zoom's id, or None."""
    wanted = select(RegistrantRow).where(RegistrantRow.event_id == event_id, RegistrantRow.zoom_id == zoom_id)
    return session.scalars(wanted.limit(1)).one_or_none()


def note(
    session: Session, vault: Vault, row: RegistrantRow, said: ZoomRegistrant, now: datetime, *, in_letters: bool
) -> None:
    """Write what Zoom says of somebody, and keep their join link. `in_letters`: letters carry Zoom's own address, so
    that another one must be told."""
    row.zoom_id = said.id
    link = said.join_url
    if said.status == "approved" and link is None:
        row.status = "pending"  # its link is still to be fetched
        return
    row.status = said.status or ("pending" if link is None else "approved")
    if row.status == "approved":
        row.held, row.reason, row.tracking_id, row.tries, row.denied_by = False, None, None, 0, None
        row.due_at = row.machine_try_after = None
        if link is not None and row.registration_id is not None and row.desired == "approved":
            registrations.store_link(session, vault, row.registration_id, link, now, in_letters=in_letters)


def denied(row: RegistrantRow, by: DeniedBy | None, *, gone: bool = False) -> None:
    """Zoom has cancelled or refused somebody, or (`gone`) does not have them. Zoom's lists do not tell who did it: None
    keeps what is known."""
    row.status = "denied" if row.zoom_id and not gone else "gone"
    row.denied_by = by or row.denied_by
    row.was_cancelled = row.was_cancelled or by == "here"
    row.reason, row.tries, row.held = None, 0, False
    row.due_at = row.machine_try_after = None


def cancelling(session: Session, ids: Sequence[str]) -> None:
    """Note that these are being cancelled by us."""
    if ids:
        session.execute(update(RegistrantRow).where(RegistrantRow.id.in_(list(ids))).values(was_cancelled=True))


def is_known(session: Session, vault: Vault, event_id: str, given: str) -> bool:
    """Whether somebody with this address has been at the event, and has not become somebody else there since."""
    row = _of_address(session, vault, event_id, given)
    return row is not None and (row.registration_id is not None or row.desired != "cancelled")


def claimed(session: Session, event_id: str, now: datetime, machine_now: datetime, limit: int) -> list[RegistrantRow]:
    """Those of an event about whom there is something to say to Zoom now, the longest-waiting first. Whoever asks
    holds the event's lease."""
    wanted = (
        select(RegistrantRow)
        .where(RegistrantRow.event_id == event_id, actionable(now, machine_now))
        # Cancelled before approved: who goes makes room.
        .order_by(RegistrantRow.desired.desc(), RegistrantRow.tries, RegistrantRow.created_at, RegistrantRow.id)
        .limit(limit)
    )
    return list(session.scalars(wanted))


def actionable(now: datetime, machine_now: datetime) -> ColumnElement[bool]:
    """Where what we want differs from what Zoom has said, nothing speaks against asking now, and no person must look
    first."""
    return and_(
        _open(),
        RegistrantRow.held.is_(False),
        or_(RegistrantRow.due_at.is_(None), RegistrantRow.due_at <= now),
        or_(RegistrantRow.machine_try_after.is_(None), RegistrantRow.machine_try_after <= machine_now),
    )


def address(row: RegistrantRow, vault: Vault) -> str:
    """The address under which Zoom knows this person."""
    return vault.open(_place(row.id), row.sealed_address).decode()


def of_registration(session: Session, registration_id: str) -> RegistrantRow | None:
    """The row of a registration, or None."""
    return session.scalars(select(RegistrantRow).where(RegistrantRow.registration_id == registration_id)).one_or_none()


def was_tried(session: Session, registration_id: str) -> bool:
    """Whether a link has been asked for in vain, or cannot be asked for now."""
    not_yet = _to_be_asked_for().where(RegistrantRow.registration_id == registration_id)
    return session.scalars(not_yet).first() is None


def to_be_asked_for(session: Session, conference: str) -> frozenset[str]:
    """Ids of the registrations of a conference of which `was_tried` is not so."""
    found = session.scalars(_to_be_asked_for().where(ZoomEventRow.conference == conference))
    return frozenset(one for one in found if one is not None)


def _to_be_asked_for() -> Select[str | None]:
    event_is_ready = and_(ZoomEventRow.state != "stopped", ZoomEventRow.tries == 0)
    return (
        select(RegistrantRow.registration_id)
        .join(ZoomEventRow, ZoomEventRow.id == RegistrantRow.event_id)
        .where(event_is_ready, RegistrantRow.held.is_(False), RegistrantRow.tries == 0, RegistrantRow.due_at.is_(None))
    )


def of_event(session: Session, event_id: str) -> list[RegistrantRow]:
    """Everybody at one event."""
    return list(session.scalars(select(RegistrantRow).where(RegistrantRow.event_id == event_id)))


def events_of(session: Session, participant_id: str) -> list[str]:
    """Ids of the events at which this participant wants to be, or no longer wants to be, and is not yet as wanted."""
    wanted = (
        select(RegistrantRow.event_id)
        .join(RegistrationRow, RegistrationRow.id == RegistrantRow.registration_id)
        .where(RegistrationRow.participant_id == participant_id, _open())
        .distinct()
    )
    return list(session.scalars(wanted))


def people(session: Session, rows: Iterable[RegistrantRow]) -> dict[str, tuple[RegistrationRow, ParticipantRow]]:
    """The registration and the participant of each row that has one, by the row's id."""
    wanted = {row.registration_id: row.id for row in rows if row.registration_id is not None}
    found = session.execute(
        select(RegistrationRow, ParticipantRow)
        .join(ParticipantRow, ParticipantRow.id == RegistrationRow.participant_id)
        .where(RegistrationRow.id.in_(list(wanted)))
    )
    return {wanted[registration.id]: (registration, person) for registration, person in found}


def elsewhere(session: Session, row: RegistrantRow, event: ZoomEventRow) -> bool:
    """Whether the same Zoom registrant is still wanted for another session: one Zoom event can serve several."""
    wanted = (
        select(RegistrantRow.id)
        .join(ZoomEventRow, ZoomEventRow.id == RegistrantRow.event_id)
        .where(
            ZoomEventRow.account == event.account,
            ZoomEventRow.number == event.number,
            RegistrantRow.id != row.id,
            RegistrantRow.address_index == row.address_index,
            RegistrantRow.desired == "approved",
        )
    )
    return session.scalars(wanted).first() is not None


def give_up(session: Session, event_id: str) -> None:
    """Nothing more is wanted of this event: it is over, cancelled, or in no programme any more."""
    of_it = select(RegistrantRow.registration_id).where(RegistrantRow.event_id == event_id)
    session.execute(
        update(RegistrationRow)
        .where(RegistrationRow.id.in_(of_it), RegistrationRow.link == "wanted")
        .values(link="none")
    )
    session.execute(
        update(RegistrantRow).where(RegistrantRow.event_id == event_id, _open()).values(desired="none", held=False)
    )


def begin_anew(session: Session, event_id: str) -> None:
    """Another Zoom event is behind the session now: nobody of ours is there yet. Whom Zoom alone has named at the event
    before is nobody of ours."""
    ours = RegistrantRow.registration_id.is_not(None)
    session.execute(
        update(RegistrantRow)
        .where(RegistrantRow.event_id == event_id)
        .values(
            status=case((ours, "unasked"), else_="gone"), zoom_id=None, denied_by=None, held=False, reason=None,
            tracking_id=None, tries=0, due_at=None, machine_try_after=None, said_at=None,
        )
    )  # fmt: skip


def leads_to_zoom(session: Session, registration_id: str) -> bool:
    """Whether the link that is kept is that of somebody who is at the event, as far as Zoom has said."""
    row = of_registration(session, registration_id)
    return row is None or row.status == "approved"


def free(session: Session, ids: Sequence[str]) -> int:
    """Let those be asked for again whom a person has looked at, and those who wait; how many."""
    done = session.scalars(
        update(RegistrantRow)
        .where(RegistrantRow.id.in_(list(ids)), _open())
        .values(held=False, tries=0, due_at=None, machine_try_after=None)
        .returning(RegistrantRow.id)
    )
    return len(done.all())


def waiting(session: Session, *, limit: int, conference: str | None = None) -> list[tuple[RegistrantRow, ZoomEventRow]]:
    """Those whom Zoom has not yet as we want them, with the event, the held ones first."""
    wanted = (
        select(RegistrantRow, ZoomEventRow)
        .join(ZoomEventRow, ZoomEventRow.id == RegistrantRow.event_id)
        .where(_open())
        .order_by(RegistrantRow.held.desc(), RegistrantRow.tries.desc(), RegistrantRow.created_at, RegistrantRow.id)
        .limit(limit)
    )
    found = session.execute(wanted.where(ZoomEventRow.conference == conference) if conference else wanted)
    return [(row, event) for row, event in found]


def waiting_of(session: Session, registrations: Sequence[str]) -> list[tuple[RegistrantRow, ZoomEventRow]]:
    """Of these registrations those whom Zoom has not yet as we want them, with the event."""
    wanted = (
        select(RegistrantRow, ZoomEventRow)
        .join(ZoomEventRow, ZoomEventRow.id == RegistrantRow.event_id)
        .where(RegistrantRow.registration_id.in_(list(registrations)), _open())
    )
    return [(row, event) for row, event in session.execute(wanted)]


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next of those who wait for Zoom until a certain time may be asked for, after `now`."""
    wanted = select(func.min(RegistrantRow.due_at)).where(
        RegistrantRow.due_at > now, RegistrantRow.held.is_(False), _open()
    )
    return session.scalar(wanted)


def counts(session: Session) -> dict[tuple[str, str], int]:
    """How many by event and state: `there`, `pending` (strangers that Zoom's host has not approved), `waiting`,
    `held`, `cancelled`."""
    rows = session.execute(
        select(RegistrantRow.event_id, RegistrantRow.desired, RegistrantRow.status, RegistrantRow.held, func.count())
        .group_by(RegistrantRow.event_id, RegistrantRow.desired, RegistrantRow.status, RegistrantRow.held)
    )  # fmt: skip
    found: dict[tuple[str, str], int] = {}
    for event_id, desired, status, held, number in rows:
        key = event_id, _state(desired, status, held=held)
        found[key] = found.get(key, 0) + number
    return found


def came(session: Session) -> dict[tuple[str, str], int]:
    """How many people were at each event, by event and `came`, as `counts` has them; only where attendance is kept."""
    rows = session.execute(
        select(RegistrantRow.event_id, func.count(RegistrantRow.id.distinct()))
        .join(AttendanceRow, AttendanceRow.registrant_id == RegistrantRow.id)
        .group_by(RegistrantRow.event_id)
    )
    return {(event_id, "came"): number for event_id, number in rows}


def joined(session: Session, row: RegistrantRow, at: datetime) -> None:
    """Keep when somebody came. Saying it twice keeps it once; where the end of the stay was told before, it is that
    one's beginning."""
    of_row = select(AttendanceRow).where(AttendanceRow.registrant_id == row.id)
    if session.scalars(of_row.where(AttendanceRow.joined_at == at)).first() is not None:
        return
    ended = of_row.where(AttendanceRow.joined_at == AttendanceRow.left_at, AttendanceRow.joined_at > at)
    stay = session.scalars(ended.order_by(AttendanceRow.joined_at)).first()
    if stay is None:
        session.add(AttendanceRow(registrant_id=row.id, joined_at=at))
    else:
        stay.joined_at = at


def left(session: Session, row: RegistrantRow, at: datetime) -> None:
    """Keep when somebody left: it ends the last stay that began before. One that was never seen to begin is a stay
    of no length."""
    wanted = (
        select(AttendanceRow)
        .where(AttendanceRow.registrant_id == row.id, AttendanceRow.joined_at <= at)
        .order_by(AttendanceRow.joined_at.desc())
    )
    stay = session.scalars(wanted).first()
    if stay is None:
        session.add(AttendanceRow(registrant_id=row.id, joined_at=at, left_at=at))
    elif stay.left_at is None:
        stay.left_at = at


def _state(desired: str, status: str, *, held: bool) -> str:
    if held:
        return "held"
    if desired == "approved":
        return "there" if status == "approved" else "waiting"
    if desired == "cancelled":
        return "waiting" if status in {"pending", "approved", "unasked"} else "cancelled"
    return "pending" if status == "pending" else "cancelled"


def _open() -> ColumnElement[bool]:
    """Where what we want differs from what Zoom last said. In the words of its index: a plan that is kept for any
    values could not use that."""
    to_add = and_(RegistrantRow.desired == _said("approved"), RegistrantRow.status != _said("approved"))
    there = RegistrantRow.status.in_([_said(one) for one in ("unasked", "pending", "approved")])
    return or_(to_add, and_(RegistrantRow.desired == _said("cancelled"), there))


def _said(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'")


def _of_address(session: Session, vault: Vault, event_id: str, given: str) -> RegistrantRow | None:
    index = address_index(vault, given)
    return session.scalars(
        select(RegistrantRow).where(RegistrantRow.event_id == event_id, RegistrantRow.address_index == index)
    ).one_or_none()


def _new(session: Session, vault: Vault, event_id: str, given: str, now: datetime) -> RegistrantRow:
    registrant_id = new_id("rgt")
    row = RegistrantRow(
        id=registrant_id, event_id=event_id, desired="none", status="unasked", held=False, tries=0,
        was_cancelled=False, created_at=now,
    )  # fmt: skip
    _seal(vault, row, given)
    session.add(row)
    session.flush()
    return row


def _seal(vault: Vault, row: RegistrantRow, given: str) -> None:
    row.address_index = address_index(vault, given)
    row.sealed_address = vault.seal(_place(row.id), given.encode())


def _place(registrant_id: str) -> str:
    return f"registrants:{registrant_id}:address"
