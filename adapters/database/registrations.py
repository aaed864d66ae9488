"""Registrations: each participant's place in each session, its join link, and what is still to be told."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from adapters.database.tables import RegistrationRow
from adapters.ids import new_id
from adapters.vault import Vault
from schemas.registration import Attendance

_LINK_WAITS = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300, 600))


def of_participant(session: Session, participant_id: str, *, lock: bool = False) -> dict[str, RegistrationRow]:
    """All registrations of a participant by session, withdrawn ones too."""
    # In one order for all, so that two who lock them wait for each other and never both.
    wanted = (
        select(RegistrationRow).where(RegistrationRow.participant_id == participant_id).order_by(RegistrationRow.id)
    )
    rows = session.scalars(wanted.with_for_update() if lock else wanted)
    return {row.session: row for row in rows}


def of_participants(session: Session, ids: Iterable[str]) -> dict[str, dict[str, RegistrationRow]]:
    """The same for many participants with one query."""
    found: dict[str, dict[str, RegistrationRow]] = {}
    for row in session.scalars(select(RegistrationRow).where(RegistrationRow.participant_id.in_(list(ids)))):
        found.setdefault(row.participant_id, {})[row.session] = row
    return found


def add(
    session: Session, *, participant_id: str, conference: str, session_id: str, attendance: Attendance,
    interpretation: str | None, wants_link: bool, machine_said: datetime, now: datetime, machine_now: datetime,
) -> RegistrationRow:  # fmt: skip
    """A new registration, nothing told yet."""
    row = RegistrationRow(
        id=new_id("reg"), participant_id=participant_id, conference=conference, session=session_id,
        state="registered", attendance=attendance, interpretation=interpretation,
        link="wanted" if wants_link else "none", revision=1, told_revision=0, sequence=0, changes=[], entry="none",
        created_at=now, changed_at=now, machine_said=machine_said, machine_queued=machine_now, link_tries=0,
    )  # fmt: skip
    session.add(row)
    return row


def bump(row: RegistrationRow, changes: Sequence[str], now: datetime, *, raise_sequence: bool) -> None:
    """There is something new to tell. SEQUENCE rises only where a calendar may have the entry, or had it."""
    row.revision += 1
    row.changes = list(dict.fromkeys([*row.changes, *changes]))
    row.changed_at = now
    if raise_sequence and row.told_revision > 0:
        row.sequence += 1


def change(
    row: RegistrationRow, changes: Sequence[str], *, registered: bool, attendance: Attendance,
    interpretation: str | None, wants_link: bool, raise_sequence: bool, now: datetime, machine_now: datetime,
) -> None:  # fmt: skip
    """Write a decided change. A join link that is there stays: whoever comes back finds the same one."""
    row.state = "registered" if registered else "withdrawn"
    row.attendance, row.interpretation, row.machine_queued = attendance, interpretation, machine_now
    if row.link != "present":
        row.link = "wanted" if wants_link else "none"
        row.link_tries, row.machine_try_after = 0, None
    bump(row, changes, now, raise_sequence=raise_sequence)


def claim_links(session: Session, participant_id: str, machine_now: datetime, until: datetime) -> list[tuple[str, str]]:
    """Claim the asking for every link this participant still wants; id and session of each."""
    done = session.execute(
        update(RegistrationRow)
        .where(
            RegistrationRow.participant_id == participant_id,
            RegistrationRow.state == "registered",
            RegistrationRow.link == "wanted",
            or_(RegistrationRow.machine_leased_until.is_(None), RegistrationRow.machine_leased_until < machine_now),
            _may_be_asked(machine_now),
        )
        .values(machine_leased_until=until)
        .returning(RegistrationRow.id, RegistrationRow.session)
    )
    return [(registration_id, session_id) for registration_id, session_id in done]


def store_link(session: Session, vault: Vault, registration_id: str, link: str, now: datetime) -> None:
    """Keep a personal join link, sealed. Where an invitation has gone out without it, there is something to tell."""
    row = session.get(RegistrationRow, registration_id, with_for_update=True)
    if row is None or row.link != "wanted":
        return
    row.sealed_join_link = vault.seal(_place(registration_id), link.encode())
    row.link, row.machine_leased_until = "present", None
    if row.entry == "requested":
        bump(row, ["link-arrived"], now, raise_sequence=True)


def release_link(session: Session, registration_id: str, machine_now: datetime) -> None:
    """The link was not to be had; it is still wanted, and asked for again after longer and longer waits."""
    row = session.get(RegistrationRow, registration_id, with_for_update=True)
    if row is None:
        return
    row.machine_leased_until = None
    row.machine_try_after = machine_now + _LINK_WAITS[min(row.link_tries, len(_LINK_WAITS) - 1)]
    row.link_tries += 1


def give_link_up(session: Session, registration_id: str) -> None:
    """The link is of no more use: the session is over, or not in the programme any more."""
    session.execute(
        update(RegistrationRow)
        .where(RegistrationRow.id == registration_id, RegistrationRow.link == "wanted")
        .values(link="none", machine_leased_until=None, machine_try_after=None)
    )


def join_link(row: RegistrationRow, vault: Vault) -> str | None:
    """The personal link in clear, or None where there is none yet."""
    return vault.open_text(_place(row.id), row.sealed_join_link)


def stuck(session: Session, queued_before: datetime, machine_now: datetime, limit: int) -> list[str]:
    """Participants with something untold, or a link that may be asked for again, whose turn was last taken before
    `queued_before`. What is untold because its link is awaited has its turn when the link's comes."""
    untold = and_(RegistrationRow.told_revision < RegistrationRow.revision, RegistrationRow.link != "wanted")
    wanted = and_(RegistrationRow.link == "wanted", _may_be_asked(machine_now))
    waiting = (
        select(RegistrationRow.participant_id)
        .where(or_(untold, wanted), RegistrationRow.machine_queued < queued_before)
        .order_by(RegistrationRow.machine_queued)
        .limit(limit)
    )
    return list(dict.fromkeys(session.scalars(waiting)))


def queued(session: Session, participants: Sequence[str], machine_now: datetime) -> None:
    """Note that these participants' ids were handed to the broker (again). Rows that somebody works on are left."""
    free = (
        select(RegistrationRow.id)
        .where(RegistrationRow.participant_id.in_(participants))
        .order_by(RegistrationRow.id)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(free))
    session.execute(update(RegistrationRow).where(RegistrationRow.id.in_(ids)).values(machine_queued=machine_now))


def _may_be_asked(machine_now: datetime) -> ColumnElement[bool]:
    return or_(RegistrationRow.machine_try_after.is_(None), RegistrationRow.machine_try_after <= machine_now)


def _place(registration_id: str) -> str:
    return f"registrations:{registration_id}:join_link"


def waiting(session: Session) -> int:
    """How many registrations have something untold, or want a link."""
    untold = or_(RegistrationRow.told_revision < RegistrationRow.revision, RegistrationRow.link == "wanted")
    return session.scalar(select(func.count()).select_from(RegistrationRow).where(untold)) or 0


def registered(session: Session, conference: str) -> dict[str, int]:
    """How many people are registered for each session of a conference."""
    rows = session.execute(
        select(RegistrationRow.session, func.count())
        .where(RegistrationRow.conference == conference, RegistrationRow.state == "registered")
        .group_by(RegistrationRow.session)
    )
    return {session_id: number for session_id, number in rows.tuples()}  # noqa: C416 - rows are no pairs to the type checker
