"""What participants were told, kept beside their registrations; and what has to be caught up with after an upgrade or a
change of the programme: what was told before it was kept, and reminders that the programme wants now."""

from collections.abc import Mapping

from adapters.database import participants, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.letters.told import Heard, Told
from domain.programme import said_in, session_in
from schemas.programme import Conference
from schemas.programme import Session as ProgrammeSession
from workers import reminders


def heard_now(
    row: RegistrationRow, planned: ProgrammeSession, conference: Conference, participant: ParticipantRow
) -> Heard:
    """What a letter says of the session, in its language."""
    language = participant.language or conference.language
    session, said = session_in(planned, language), said_in(conference, language)
    told = Told.of(session, said, row.attendance, row.interpretation, language)
    zone = participant.time_zone or conference.time_zone
    return Heard(told, language, zone, participant.visibility, has_link=row.link == "present")


def remember(in_force: InForce, participant: ParticipantRow, places: Mapping[str, RegistrationRow]) -> None:
    """Keep what was told before it was kept. Nothing that had been told could change in the programme, and nothing is
    untold: so it was what would be told now."""
    for row in places.values():
        planned = in_force.conference.session(row.session)
        is_known = row.told is None and row.entry == "requested" and row.told_revision == row.revision
        if planned is not None and planned.unconfirmed is None and is_known:
            row.told = heard_now(row, planned, in_force.conference, participant).to_keep()


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
