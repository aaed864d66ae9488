"""The addresses of join pages and of people's own pages: sent again to whoever has lost them, renewed, and revoked.

Whoever asks for links is told nothing but by letter, to the address that is registered: neither the door nor the
envelope's outcome says whether there is one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from adapters.database import audits, letters, participants, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.own_page import NOTHING_TO_COME
from domain.registration import Refused, is_over
from schemas.draft import Draft
from schemas.registration import LinksData

USEFUL_FOR = timedelta(days=1)

_KIND, _ABOUT = "notice", "links"

_APART = timedelta(hours=1)

_DAY, _MOST_A_DAY = timedelta(days=1), 3
"""Whoever asks need not be who is written to: nobody's mailbox is to be filled by somebody else."""


def send_again(toolbox: Toolbox, session: Session, in_force: InForce, data: LinksData) -> str | None:
    """Write a letter with the links to all sessions that are still to come, an hour after the last one at the
    earliest, and three within 24 hours at most; the participant's id.

    None where nothing was written: nobody is registered under this address, everything is over or withdrawn from, or
    such letters have been written.

    Raises:
        Refused: where the own page was to get another address, and there is no letter that could tell it.
    """
    participant = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    if participant is None:
        return None
    if not data.renew:
        return _tell(toolbox, session, in_force, participant)
    return renew_page_address(toolbox, session, in_force, participant, who="participant")


def renew_page_address(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, *, who: str
) -> str:
    """Give somebody's own page another address, tell it at once by letter, and note that `who` did it; that one before
    leads nowhere from now on. `participant` is locked by the caller. The participant's id.

    Raises:
        Refused: where there is no letter that could tell it; then nothing is changed.
    """
    told = _tell(toolbox, session, in_force, participant, however_often=True)
    if told is None:
        raise Refused(NOTHING_TO_COME)
    participant.page_version += 1
    audits.note(session, toolbox.vault, who=who, action="page-address-renewed", conference=in_force.conference.id,
                about=participant.id, now=toolbox.clock.now(), machine_now=toolbox.clock.machine_now())  # fmt: skip
    return told


def _tell(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, *, however_often: bool = False
) -> str | None:
    conference, now = in_force.conference, toolbox.clock.now()
    places = registrations.of_participant(session, participant.id)
    coming = tuple(
        one.id for one in conference.sessions
        if (place := places.get(one.id)) and place.state == "registered"
        and not one.cancelled and not is_over(one, conference, now)
    )  # fmt: skip
    # No other worker can write one meanwhile: the participant is locked.
    before = [one for one in letters.of_participant(session, participant.id, [_KIND]) if one.about == _ABOUT]
    if not coming or (_is_enough([one.created_at for one in before], now) and not however_often):
        return None
    draft = Draft(
        kind=_KIND, about=_ABOUT, revision=before[-1].revision + 1 if before else 1, sessions=coming, due_at=now,
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


def _is_enough(written: Sequence[datetime], now: datetime) -> bool:
    """Whether no more letter is written now, after those that were `written`, in their order."""
    return bool(written) and (now - written[-1] < _APART or sum(now - one < _DAY for one in written) >= _MOST_A_DAY)
