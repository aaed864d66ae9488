"""The addresses of join pages: sent again to whoever has lost them, renewed, and revoked.

Whoever asks for links is told nothing but by letter, to the address that is registered: neither the door nor the
envelope's outcome says whether there is one.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from adapters.database import letters, participants, registrations
from adapters.database.letters import Draft
from adapters.database.programmes import InForce
from adapters.database.tables import RegistrationRow
from adapters.toolbox import Toolbox
from domain.registration import is_over
from schemas.registration import LinksData

USEFUL_FOR = timedelta(days=1)
_ONE_LETTER = timedelta(hours=1)


def send_again(toolbox: Toolbox, session: Session, in_force: InForce, data: LinksData) -> str | None:
    """Write a letter with the links to all sessions that are still to come, one an hour at most; the participant's id.

    None where nothing was written: nobody is registered under this address, everything is over or withdrawn from, or
    a letter of this hour is there.
    """
    conference, now = in_force.conference, toolbox.clock.now()
    participant = participants.locked(session, toolbox.vault, conference.id, data.email)
    if participant is None:
        return None
    places = registrations.of_participant(session, participant.id)
    coming = tuple(
        one.id for one in conference.sessions
        if (place := places.get(one.id)) and place.state == "registered"
        and not one.cancelled and not is_over(one, conference, now)
    )  # fmt: skip
    if not coming:
        return None
    draft = Draft(
        kind="notice", about="links", revision=_hour(now), sessions=coming, due_at=now, not_after=now + USEFUL_FOR
    )
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


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // int(_ONE_LETTER.total_seconds())
