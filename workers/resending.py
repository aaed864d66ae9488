"""A letter that somebody asks for again: as things stand now, and once, however often the button is pressed.

What failed or is held is tried again as it is, with its Message-ID. What went is written anew: of a session, the letter
that is true today, with the same calendar entry. Only the newest letter about a matter is ever sent again, so that the
same request a second time finds that there is a newer one.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from sqlalchemy.orm import Session

from adapters.database import letters, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import LETTER_KINDS, LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.repeating import said_again
from schemas.draft import Draft
from workers import links
from workers.decided import Whose, confirm
from workers.invitation import keep_word, may_be_told
from workers.standing import earlier_of, place_of, reader_of

Became = Literal["written", "replayed", "on-its-way", "overtaken", "too-late", "nothing-to-say", "waits-for-link"]
"""`written`: anew; `replayed`: the same once more. Of all others nothing was done."""

DONE: Final = frozenset[Became]({"written", "replayed"})


def resend(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, letter_id: str
) -> Became | None:
    """Send a letter again to its participant, who is locked; None where it is none of theirs."""
    theirs = letters.of_participant(session, participant.id, LETTER_KINDS, lock=True)
    letter = next((one for one in theirs if one.id == letter_id), None)
    if letter is None:
        return None
    matter = [one for one in theirs if _is_of_one_matter(one, letter)]
    if letter.address_version is not None or any(one.revision > letter.revision for one in matter):
        return "overtaken"
    if any(one.state in {"planned", "claimed"} for one in matter):
        return "on-its-way"
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    if letter.state in {"failed", "held"} and letters.replay(session, letter.id, now, machine_now):
        return "replayed"
    return _written_anew(toolbox, session, in_force, participant, letter, matter)


def _is_of_one_matter(one: LetterRow, other: LetterRow) -> bool:
    """Letters about one session replace each other, whatever their kind."""
    both_of_session = one.kind in letters.SESSION_KINDS and other.kind in letters.SESSION_KINDS
    return one.about == other.about and (one.kind == other.kind or both_of_session)


def _written_anew(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, letter: LetterRow,
    matter: Sequence[LetterRow],
) -> Became:  # fmt: skip
    if letter.kind in letters.SESSION_KINDS:
        rows = registrations.of_participant(session, participant.id, lock=True)
        return _of_session(toolbox, session, in_force, participant, rows.get(letter.about), matter)
    if letter.kind == "confirmation":
        rows = registrations.of_participant(session, participant.id, lock=True)
        participant.submissions += 1
        written = confirm(toolbox, session, Whose(in_force, participant, rows))
        return "written" if written else "nothing-to-say"
    if (letter.kind, letter.about) == (links.KIND, links.ABOUT):
        told = links.tell(toolbox, session, in_force, participant, however_often=True)
        return "written" if told else "nothing-to-say"
    return _like_before(toolbox, session, in_force, letter)


def _of_session(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, row: RegistrationRow | None,
    matter: Sequence[LetterRow],
) -> Became:  # fmt: skip
    planned = None if row is None else in_force.conference.session(row.session)
    if row is None or planned is None:
        return "nothing-to-say"
    if not may_be_told(session, row, planned, in_force):
        return "waits-for-link"
    if row.told_revision < row.revision:
        return "on-its-way"
    now = toolbox.clock.now()
    place = replace(place_of(row), revision=row.revision + 1)
    said = earlier_of(matter, letters.may_have_gone(session, matter))
    word = said_again(place, planned, in_force.conference, reader_of(participant), said, now)
    if word.letter is None:
        return "nothing-to-say"
    registrations.bump(row, [], now, raise_sequence=False)
    keep_word(toolbox, session, in_force, row, word)
    return "written"


def _like_before(toolbox: Toolbox, session: Session, in_force: InForce, letter: LetterRow) -> Became:
    """Reminders, digests and notices: their delivery judges whether they still hold."""
    now = toolbox.clock.now()
    if letter.not_after <= now:
        return "too-late"
    draft = Draft(
        kind=letter.kind, about=letter.about, revision=letter.revision + 1, sessions=tuple(letter.sessions), due_at=now,
        not_after=letter.not_after,
    )  # fmt: skip
    written = letters.add(session, letter.participant_id, letter.conference, in_force.calendar_domain, draft, now,
                          toolbox.clock.machine_now())  # fmt: skip
    return "written" if written else "overtaken"
