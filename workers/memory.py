"""What participants were told, kept beside their registrations; and what has to be caught up with after an upgrade or a
change of the programme: what was told before it was kept, and reminders that the programme wants now."""

from collections.abc import Mapping

from adapters.database import participants, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.telling import heard_now
from workers import reminders
from workers.standing import place_of, reader_of


def remember(in_force: InForce, participant: ParticipantRow, places: Mapping[str, RegistrationRow]) -> None:
    """Keep what was told before it was kept. Nothing that had been told could change in the programme, and nothing is
    untold: so it was what would be told now."""
    for row in places.values():
        planned = in_force.conference.session(row.session)
        is_known = row.told is None and row.entry == "requested" and row.told_revision == row.revision
        if planned is not None and planned.unconfirmed is None and is_known:
            row.told = heard_now(place_of(row), planned, in_force.conference, reader_of(participant)).to_keep()


def catch_up(toolbox: Toolbox, most: int) -> int:
    """Plan the reminders of people anew for whom that was last done under another version of the programme, of `most`
    at once, each in a transaction of its own; how many they were. May run twice."""
    with toolbox.database.read() as session:
        behind = participants.with_reminders_of_old(session, most)
    for one in behind:
        with toolbox.database.write() as session:
            participant = session.get_one(ParticipantRow, one, with_for_update=True)
            in_force = toolbox.shelf.get(session, participant.conference)
            if in_force is None:
                continue
            places = registrations.of_participant(session, one, lock=True)
            remember(in_force, participant, places)
            reminders.plan(toolbox, session, in_force, participant, places)
    return len(behind)
