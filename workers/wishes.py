"""Wishes: what is wanted of Zoom for a registration, noted in the transaction that writes it.

So nobody registers without being added there, nor withdraws without being cancelled, whatever becomes of the messages;
and nobody is added before they have a place.
"""

from sqlalchemy.orm import Session

from adapters.database import participants, registrants, registrations, zoom_events
from adapters.database.programmes import InForce
from adapters.database.registrants import Wish
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.ids import alias_address
from adapters.toolbox import Toolbox
from domain.registration import is_over, wants_link
from workers.programme import zoom_event_of

_MAY_YET = frozenset({"pending", "waitlisted", "offered"})


def wish(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, place: RegistrationRow
) -> None:
    """Note what is wanted of Zoom for this registration as it stands now."""
    planned = in_force.conference.session(place.session)
    is_known = registrants.of_registration(session, place.id) is not None
    may_be_there = place.state != "registered" and planned is not None and wants_link(planned)
    if planned is None or not (is_known or place.link != "none" or may_be_there):
        return  # there is no link to be had, and never was
    event_id = zoom_events.ensure(session, zoom_event_of(in_force.conference, planned), toolbox.clock.machine_now())
    person = participants.opened(participant, toolbox.vault)
    address, held = person.address, None
    # Whoever has come to Zoom under their own address is there already; an alias would be a second registrant.
    if person.profile.alias and not registrants.is_known(session, toolbox.vault, event_id, address):
        address = _new_alias_address(toolbox)
        held = None if planned.aliases else "alias-not-allowed"
    wanted = place.state == "registered" and place.link != "none"
    registrants.wish(session, toolbox.vault, place, Wish(event_id, address, wanted, held), toolbox.clock.now())
    if not wanted:
        may_wait = place.state in _MAY_YET
        registrants.wish_nothing(session, toolbox.vault, event_id, person.address, may_wait=may_wait)


def rename(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, place: RegistrationRow
) -> None:
    """Let Zoom know somebody, whose alias is another now, by that and by another address from now on. Who is there by
    name stays so where a session forbids aliases, and whom Zoom's host has denied stays denied."""
    planned, row = in_force.conference.session(place.session), registrants.of_registration(session, place.id)
    if planned is None or row is None or row.denied_by == "host":
        return
    has_alias = participants.opened(participant, toolbox.vault).profile.alias is not None
    if planned.cancelled or is_over(planned, in_force.conference, toolbox.clock.now()) or (
        has_alias and not planned.aliases and row.status != "unasked"
    ):  # fmt: skip
        return
    registrants.part(session, row, toolbox.clock.machine_now())
    wish(toolbox, session, in_force, participant, place)


def _new_alias_address(toolbox: Toolbox) -> str:
    """An address for Zoom of somebody who does not want to be known there by their own."""
    settings = toolbox.settings
    return alias_address(settings.alias_domain or f"join.{settings.sender[1].rpartition('@')[2]}")


def wish_for_old_ones(toolbox: Toolbox, session: Session, limit: int) -> None:
    """Registrations that a version without Zoom's client has written want their links, too."""
    for registration_id in registrations.unwished(session, limit):
        place = session.get(RegistrationRow, registration_id)
        person = None if place is None else session.get(ParticipantRow, place.participant_id)
        in_force = None if person is None else toolbox.shelf.get(session, person.conference)
        if place is not None and person is not None and in_force is not None:
            wish(toolbox, session, in_force, person, place)
