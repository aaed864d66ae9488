"""The addresses of join pages and of people's own pages: sent again to whoever has lost them, renewed, and revoked.

Whoever asks for links is told nothing but by letter, to the address that is registered: neither the door nor the
envelope's outcome says whether there is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.database import audits, letters, participants, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.own_page import GONE, holds
from domain.registration import Refused, is_over
from schemas.draft import Draft
from schemas.registration import LinksData

JoinChange = Literal["renewed", "revoked"]
_JOIN_ACTIONS: Final[Mapping[JoinChange, str]] = {"renewed": "join-address-renewed", "revoked": "join-address-revoked"}


@dataclass(frozen=True, slots=True)
class Changed:
    """Whose join pages have other addresses, for which sessions, and the audit's id."""

    participant: str
    sessions: tuple[str, ...]
    audit: int


USEFUL_FOR = timedelta(days=1)

KIND, ABOUT = "notice", "links"

_APART = timedelta(hours=1)

_DAY, _MOST_A_DAY = timedelta(days=1), 3
"""Whoever asks need not be who is written to: nobody's mailbox is to be filled by somebody else."""


def send_again(toolbox: Toolbox, session: Session, in_force: InForce, data: LinksData) -> str | None:
    """Write a letter with the address of the own page and the links to all sessions that are still to come, an hour
    after the last one at the earliest, and three within 24 hours at most; the participant's id.

    None where nothing was written: nobody is or was registered under this address, their page is gone, or such letters
    have been written.

    Raises:
        Refused: where the own page was to get another address, and there is no letter that could tell it.
    """
    participant = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    if participant is None:
        return None
    if not data.renew:
        return tell(toolbox, session, in_force, participant)
    renew_page_address(toolbox, session, in_force, participant, who="participant")
    return participant.id


def renew_page_address(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, *, who: str,
    reason: str | None = None,
) -> int:  # fmt: skip
    """Give somebody's own page another address, tell it at once by letter, and note that `who` did it; that one before
    leads nowhere from now on. `participant` is locked by the caller. The audit's id.

    Raises:
        Refused: where there is no letter that could tell it; then nothing is changed.
    """
    if tell(toolbox, session, in_force, participant, however_often=True) is None:
        raise Refused(GONE)
    participant.page_version += 1
    return _noted(toolbox, session, participant, who, "page-address-renewed", reason)


def renew_calendar_address(
    toolbox: Toolbox, session: Session, participant: ParticipantRow, *, who: str, reason: str | None = None
) -> int:
    """Give somebody's calendar feed another address, which stands on their own page, and note who did it. The audit's
    id."""
    participants.renew_calendar_address(session, participant.id)
    return _noted(toolbox, session, participant, who, "calendar-address-renewed", reason)


def _noted(
    toolbox: Toolbox, session: Session, participant: ParticipantRow, who: str, action: str, reason: str | None
) -> int:
    return audits.note(session, toolbox.vault, who=who, action=action, conference=participant.conference,
                       about=participant.id, reason=reason, now=toolbox.clock.now(),
                       machine_now=toolbox.clock.machine_now())  # fmt: skip


def tell(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, *, however_often: bool = False
) -> str | None:
    """Write a letter with the links to what is still to come, to somebody who is locked; the participant's id, or None
    where nothing was written."""
    conference, now = in_force.conference, toolbox.clock.now()
    places = registrations.of_participant(session, participant.id)
    coming = tuple(
        one.id for one in conference.sessions
        if (place := places.get(one.id)) and place.state == "registered"
        and not one.cancelled and not is_over(one, conference, now)
    )  # fmt: skip
    # No other worker can write one meanwhile: the participant is locked.
    before = [one for one in letters.of_participant(session, participant.id, [KIND]) if one.about == ABOUT]
    is_there = bool(places) and holds(conference, now)
    if not is_there or (_is_enough([one.created_at for one in before], now) and not however_often):
        return None
    draft = Draft(
        kind=KIND, about=ABOUT, revision=before[-1].revision + 1 if before else 1, sessions=coming, due_at=now,
        not_after=now + USEFUL_FOR,
    )  # fmt: skip
    machine_now = toolbox.clock.machine_now()
    written = letters.add(session, participant.id, conference.id, in_force.calendar_domain, draft, now, machine_now)
    return participant.id if written else None


def renew_join_address(row: RegistrationRow, now: datetime) -> None:
    """Give a registration's join page another address, and tell where the one before was told; that one leads nowhere
    from now on. `row` is locked by the caller; whose invitations are to be brought up to date afterwards."""
    revoke_join_address(row)
    if row.state == "registered" and row.link == "present" and row.entry == "requested":
        registrations.bump(row, ["link-renewed"], now, raise_sequence=True)


def revoke_join_address(row: RegistrationRow) -> None:
    """Take away what the address of a registration's join page led to, and tell nobody. `row` is locked."""
    row.join_version += 1


def change_join_addresses(
    toolbox: Toolbox, session: Session, ids: Iterable[str], change: JoinChange, *, who: str, reason: str | None = None
) -> list[Changed]:
    """Renew or revoke the addresses of the join pages that are meant by these ids: registrations, or participants for
    all of theirs. Each is changed once, and noted for each participant."""
    wanted, now = set(ids), toolbox.clock.now()
    of_registrations = session.scalars(select(RegistrationRow.participant_id).where(RegistrationRow.id.in_(wanted)))
    done = []
    for one in sorted(wanted | set(of_registrations)):  # in one order for all: see `of_participant`
        theirs = registrations.of_participant(session, one, lock=True).values()
        meant = [row for row in theirs if wanted & {row.id, row.participant_id}]
        for row in meant:
            renew_join_address(row, now) if change == "renewed" else revoke_join_address(row)
        if meant:
            about = meant[0].id if len(meant) == 1 and one not in wanted else one
            sessions = tuple(row.session for row in meant)
            audit = audits.note(
                session, toolbox.vault, who=who, action=_JOIN_ACTIONS[change], conference=meant[0].conference,
                about=about, reason=reason, details={"sessions": list(sessions)}, now=now,
                machine_now=toolbox.clock.machine_now(),
            )  # fmt: skip
            done.append(Changed(one, sessions, audit))
    return done


def _is_enough(written: Sequence[datetime], now: datetime) -> bool:
    """Whether no more letter is written now, after those that were `written`, in their order."""
    return bool(written) and (now - written[-1] < _APART or sum(now - one < _DAY for one in written) >= _MOST_A_DAY)
