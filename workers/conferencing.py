"""Conferencing: a participant's own join links.

The conferencing service is asked outside any transaction, under a lease: it may be slow. What it does not give is
still wanted, and is asked for again by the sweep.
"""

from datetime import timedelta

import structlog

from adapters.database import registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow
from adapters.toolbox import Toolbox
from adapters.zoom.links import LinkRequest, LinkUnavailable
from domain.registration import is_over, wants_link
from schemas.programme import Session
from workers.app import OBTAIN_LINKS, WRITE_INVITATIONS, app, enqueue, tools

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=75)


@app.task(name=OBTAIN_LINKS)
def obtain_links(participant_id: str) -> None:
    """Obtain every link that this participant still wants, then let the invitations be written. May run twice."""
    obtain(tools(), participant_id)
    enqueue(WRITE_INVITATIONS, participant_id)


def obtain(toolbox: Toolbox, participant_id: str) -> None:
    """Ask for the wanted links and keep those that there are."""
    machine_now = toolbox.clock.machine_now()
    with toolbox.database.write() as session:
        participant = session.get(ParticipantRow, participant_id, with_for_update=True)
        if participant is None:
            return
        in_force = toolbox.shelf.get(session, participant.conference)
        wanted = registrations.claim_links(session, participant_id, machine_now, machine_now + LEASE)
    for registration_id, session_id in wanted:
        planned = in_force.conference.session(session_id) if in_force else None
        if in_force is None or planned is None or not _of_use(planned, in_force, toolbox):
            with toolbox.database.write() as session:
                registrations.give_link_up(session, registration_id)
            continue
        account = planned.zoom.account if planned.zoom else None
        request = LinkRequest(participant_id, participant.conference, session_id, account)
        try:
            link = toolbox.links.obtain(request)
        except LinkUnavailable as none:
            with toolbox.database.write() as session:
                registrations.release_link(session, registration_id, toolbox.clock.machine_now())
            log.warning("no join link yet", registration=registration_id, session=session_id, reason=none.reason)
            continue
        with toolbox.database.write() as session:
            registrations.store_link(session, toolbox.vault, registration_id, link, toolbox.clock.now())


def _of_use(planned: Session, in_force: InForce, toolbox: Toolbox) -> bool:
    return (
        wants_link(planned) and not planned.cancelled and not is_over(planned, in_force.conference, toolbox.clock.now())
    )
