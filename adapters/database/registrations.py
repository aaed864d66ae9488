"""Registrations: each participant's place in each session, its join link, and what is still to be told."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from adapters.database.many import is_among, plain_rows, texts
from adapters.database.tables import RegistrantRow, RegistrationRow
from adapters.ids import new_id
from adapters.vault import Vault
from schemas.registration import Attendance


def of_participant(session: Session, participant_id: str, *, lock: bool = False) -> dict[str, RegistrationRow]:
    """All registrations of a participant by session, withdrawn ones too."""
    # In one order for all, so that two who lock them wait for each other and never both.
    wanted = (
        select(RegistrationRow).where(RegistrationRow.participant_id == participant_id).order_by(RegistrationRow.id)
    )
    rows = session.scalars(wanted.with_for_update() if lock else wanted)
    return {row.session: row for row in rows}


def owners(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Whose registrations these are: participants by registration."""
    wanted = select(RegistrationRow.id, RegistrationRow.participant_id).where(RegistrationRow.id.in_(list(ids)))
    return {row.id: row.participant_id for row in session.execute(wanted)}


def of_conference(session: Session, conference: str, *, lock: bool = False) -> dict[str, dict[str, RegistrationRow]]:
    """The same for everybody of a conference, by participant."""
    wanted = select(RegistrationRow).where(RegistrationRow.conference == conference).order_by(RegistrationRow.id)
    return _by_session(session.scalars(wanted.with_for_update() if lock else wanted))


_WHOLE = select(RegistrationRow.__table__).where(is_among(RegistrationRow.participant_id, texts("ids")))
_OF_PARTICIPANTS = select(
    RegistrationRow.id, RegistrationRow.participant_id, RegistrationRow.session, RegistrationRow.state,
    RegistrationRow.attendance, RegistrationRow.interpretation, RegistrationRow.link, RegistrationRow.sealed_join_link,
    RegistrationRow.entry, RegistrationRow.machine_said, RegistrationRow.join_version, RegistrationRow.offered_until,
    RegistrationRow.reason,
).where(is_among(RegistrationRow.participant_id, texts("ids")))  # fmt: skip


def of_participants(session: Session, ids: Iterable[str]) -> dict[str, dict[str, RegistrationRow]]:
    """The same for many participants with one query, to be read only: what letters about them take, and no more."""
    return _by_session(plain_rows(session, RegistrationRow, _OF_PARTICIPANTS, ids=list(ids)))


def whole(session: Session, ids: Iterable[str]) -> dict[str, dict[str, RegistrationRow]]:
    """The same, with all that is kept of them."""
    return _by_session(plain_rows(session, RegistrationRow, _WHOLE, ids=list(ids)))


def _by_session(rows: Iterable[RegistrationRow]) -> dict[str, dict[str, RegistrationRow]]:
    found: dict[str, dict[str, RegistrationRow]] = {}
    for row in rows:
        found.setdefault(row.participant_id, {})[row.session] = row
    return found


def add(
    session: Session, *, participant_id: str, conference: str, session_id: str, attendance: Attendance,
    interpretation: str | None, wants_link: bool, machine_said: datetime, now: datetime, machine_now: datetime,
    state: str = "registered", reason: str | None = None, waiting_at: datetime | None = None,
    changes: Sequence[str] = (),
) -> RegistrationRow:  # fmt: skip
    """A new registration, nothing told yet. `changes`: what there is to tell beside that it was made."""
    row = RegistrationRow(
        id=new_id("reg"), participant_id=participant_id, conference=conference, session=session_id,
        state=state, reason=reason, waiting_at=waiting_at, attendance=attendance, interpretation=interpretation,
        link="wanted" if wants_link else "none", revision=1, told_revision=0, sequence=0,
        changes=list(changes), entry="none",
        created_at=now, changed_at=now, machine_said=machine_said, machine_queued=machine_now, join_version=1,
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
    row: RegistrationRow, changes: Sequence[str], *, state: str, attendance: Attendance, interpretation: str | None,
    wants_link: bool, raise_sequence: bool, now: datetime, machine_now: datetime, reason: str | None = None,
    waiting_at: datetime | None = None, offered_until: datetime | None = None,
) -> None:  # fmt: skip
    """Write a decided change. Who is registered no more loses the join link: Zoom cancels it, and gives it again to who
    comes back. An approval is for one way of attending."""
    if row.attendance != attendance:
        row.approved_at = None
    row.state, row.reason, row.waiting_at, row.offered_until = state, reason, waiting_at, offered_until
    row.attendance, row.interpretation, row.machine_queued = attendance, interpretation, machine_now
    if row.link != "present" or state != "registered":
        row.link, row.sealed_join_link = "wanted" if wants_link else "none", None
    bump(row, changes, now, raise_sequence=raise_sequence)


def store_link(
    session: Session, vault: Vault, registration_id: str, link: str, now: datetime, *, in_letters: bool
) -> None:
    """Keep a personal join link, sealed. Where a letter has gone out without it, or with another one in it, there is
    something to tell. `in_letters`: letters carry this very link, and not our join page's address."""
    row = session.get(RegistrationRow, registration_id, with_for_update=True)
    if row is None or row.link == "none":
        return
    known = join_link(row, vault)
    if link == known:
        return
    row.sealed_join_link, row.link = vault.seal(_place(registration_id), link.encode()), "present"
    if row.entry == "requested" and (known is None or in_letters):
        bump(row, ["link-arrived"], now, raise_sequence=True)


def join_link(row: RegistrationRow, vault: Vault) -> str | None:
    """The personal link in clear, or None where there is none yet."""
    return vault.open_text(_place(row.id), row.sealed_join_link)


def stuck(
    session: Session, queued_before: datetime, limit: int, *, may_follow: Sequence[tuple[str, str]] = ()
) -> list[str]:
    """Participants with something untold whose turn was last taken before `queued_before`.

    Whoever awaits a link has a turn when it comes, and is left alone here; but not who comes to the room or has been
    invited already, nor at the sessions (`may_follow`: conference and session) whose invitations need not wait for
    it.
    """
    untold = RegistrationRow.told_revision < RegistrationRow.revision
    follows = tuple_(RegistrationRow.conference, RegistrationRow.session).in_(list(may_follow))
    waiting = (
        select(RegistrationRow.participant_id)
        .where(
            untold,
            RegistrationRow.machine_queued < queued_before,
            or_(
                ~_awaits_link(),
                RegistrationRow.attendance == "in-person",
                RegistrationRow.entry == "requested",
                follows,
            ),
        )
        .order_by(RegistrationRow.machine_queued)
        .limit(limit)
    )
    return list(dict.fromkeys(session.scalars(waiting)))


def unwished(session: Session, limit: int) -> list[str]:
    """Registrations that want a link, and of which nobody has told Zoom's corridor: written by a version before it."""
    known = select(RegistrantRow.id).where(RegistrantRow.registration_id == RegistrationRow.id).exists()
    wanted = select(RegistrationRow.id).where(_awaits_link(), ~known).limit(limit)
    return list(session.scalars(wanted))


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


def _place(registration_id: str) -> str:
    return f"registrations:{registration_id}:join_link"


def waiting(session: Session) -> int:
    """How many registrations have something to tell that is not kept back for the want of a link."""
    untold = and_(RegistrationRow.told_revision < RegistrationRow.revision, ~_awaits_link())
    return session.scalar(select(func.count()).select_from(RegistrationRow).where(untold)) or 0


def _awaits_link() -> ColumnElement[bool]:
    return and_(RegistrationRow.link == "wanted", RegistrationRow.state == "registered")


def registered(session: Session, conference: str) -> dict[str, int]:
    """How many people are registered for each session of a conference."""
    rows = session.execute(
        select(RegistrationRow.session, func.count())
        .where(RegistrationRow.conference == conference, RegistrationRow.state == "registered")
        .group_by(RegistrationRow.session)
    )
    return {session_id: number for session_id, number in rows.tuples()}  # noqa: C416 - rows are no pairs to the type checker
