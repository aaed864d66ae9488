"""Invitation: what a participant has not been told yet becomes letters in the outbox, with reminders beside them.

One transaction turns the difference between `revision` and `told_revision` into one letter per session; running it
again finds no difference. What the letter is, `domain.telling` decides.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from adapters import causes
from adapters.database import envelopes, letters, outgoing, registrants, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.telling import Word, awaits_link, may_do_without, next_word
from schemas.programme import Session as ProgrammeSession
from workers import reminders
from workers.app import DELIVER, WRITE_INVITATIONS, app, enqueue, tools
from workers.standing import earlier_of, place_of, reader_of


@app.task(name=WRITE_INVITATIONS)
def write_invitations(participant_id: str) -> None:
    """Write what is untold, and wake delivery. May run twice."""
    tell(tools(), participant_id)


def tell(toolbox: Toolbox, participant_id: str) -> None:
    """The same, by whoever has just learnt that there is something to tell."""
    if write(toolbox, participant_id):
        enqueue(DELIVER)


def waits_for_links(toolbox: Toolbox, session: Session, participant_id: str) -> bool:
    """Whether nothing can be written before a link is there, nor is anything due that was written before."""
    participant = session.get(ParticipantRow, participant_id)
    in_force = toolbox.shelf.get(session, participant.conference) if participant else None
    if in_force is None or outgoing.has_due(session, participant_id, toolbox.clock.now()):
        return False
    untold = [
        (row, in_force.conference.session(row.session))
        for row in registrations.of_participant(session, participant_id).values()
        if row.told_revision != row.revision
    ]
    return all(planned and not may_be_told(session, row, planned, in_force) for row, planned in untold)


def write(toolbox: Toolbox, participant_id: str) -> bool:
    """Bring a participant's letters up to date; whether there is something to deliver now."""
    with toolbox.database.write() as session:
        participant = session.get(ParticipantRow, participant_id, with_for_update=True)
        in_force = toolbox.shelf.get(session, participant.conference) if participant else None
        if participant is None or in_force is None:
            return False
        with causes.going_back_to(causes.present() or envelopes.latest_of(session, participant_id)):
            _write(toolbox, session, in_force, participant)
        return outgoing.has_due(session, participant_id, toolbox.clock.now())


def _write(toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow) -> None:
    places = registrations.of_participant(session, participant.id, lock=True)
    # A letter that delivery claims this moment must not be taken for one that can still be held back.
    earlier = letters.of_participant(session, participant.id, letters.SESSION_KINDS, lock=True)
    for row in places.values():
        planned = in_force.conference.session(row.session)
        if row.told_revision == row.revision:
            continue
        if planned is None:
            row.told_revision = row.revision  # the session is in no programme any more: nothing can be said of it
        elif may_be_told(session, row, planned, in_force):
            _tell(toolbox, session, in_force, participant, row, planned, earlier)
    reminders.plan(toolbox, session, in_force, participant, places)


def may_be_told(session: Session, row: RegistrationRow, planned: ProgrammeSession, in_force: InForce) -> bool:
    """An invitation waits for its link, unless it can do without; and even then until it has been asked for in vain:
    mostly it is there in a second, and one letter is better than two."""
    place = place_of(row)
    if not awaits_link(place, planned):
        return True
    return may_do_without(place, planned, in_force.conference) and registrants.was_tried(session, row.id)


def _tell(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, row: RegistrationRow,
    planned: ProgrammeSession, earlier: Sequence[LetterRow],
) -> None:  # fmt: skip
    known = [letter for letter in earlier if letter.about == row.session]
    said = earlier_of(known, letters.may_have_gone(session, known))
    word = next_word(place_of(row), planned, in_force.conference, reader_of(participant), said, toolbox.clock.now())
    keep_word(toolbox, session, in_force, row, word)


def keep_word(toolbox: Toolbox, session: Session, in_force: InForce, row: RegistrationRow, word: Word) -> None:
    """Write what was decided: the letter, those that it overtakes, and that the registration has been told. All of its
    rows are locked by the caller."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    for one in word.withheld:
        letters.withhold(session, one, "superseded", now, machine_now)
    if word.letter is not None:
        letters.add(session, row.participant_id, row.conference, in_force.calendar_domain, word.letter, now,
                    machine_now)  # fmt: skip
    row.entry, row.sequence, row.told = word.entry, word.sequence, word.told
    row.told_revision, row.changes = row.revision, []
