"""What is reported of letters, and what follows for the address: shared by delivery, which hears refusals at once, and
by the reports that come back later."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy.orm import Session

from adapters.database import addresses, bounces, letters, participants, suppressions
from adapters.database.bounces import Reported
from adapters.database.suppressions import Lifting
from adapters.database.tables import LetterRow, ParticipantRow, SuppressionRow
from adapters.toolbox import Toolbox
from adapters.vault import VaultError
from domain.bounces.codes import class_of
from domain.bounces.said import WISHES, Class, Notice
from domain.bounces.suppression import HOLDS, ONLY_REMINDERS, Past, cause
from schemas.smtp import SmtpAnswer

log = structlog.get_logger(__name__)

REPORTED = frozenset({"bounced", "deferred", *WISHES})
"""What is kept. That a letter was delivered, passed on, or answered by a machine changes nothing here."""


def suppressed(toolbox: Toolbox, session: Session, people: Iterable[ParticipantRow]) -> dict[str, set[str]]:
    """Why participants are not to be written to, by their ids; without those who are. Whose address cannot be opened
    is not there either: that is found out, and said, when the letter is written."""
    now, vault = toolbox.clock.now(), toolbox.vault
    if not suppressions.any_in_force(session, now):
        return {}
    indexes: dict[str, bytes] = {}
    for row in people:
        with suppress(VaultError):
            indexes[row.id] = suppressions.index_of(vault, participants.address(row, vault))
    found = suppressions.reasons(session, set(indexes.values()), now)
    return {one: found[index] for one, index in indexes.items() if index in found}


def holding(reasons: Iterable[str]) -> str | None:
    """The one of these reasons for which every letter is held; None where only reminders stop."""
    return next(iter(sorted(set(reasons) - ONLY_REMINDERS)), None)


def refused(toolbox: Toolbox, session: Session, letter: LetterRow, address: str, answer: SmtpAnswer) -> None:
    """A mail server has refused a letter for good, at once. Only what it says of the recipient counts."""
    if answer.stage == "recipient":
        notice = Notice("bounced", enhanced=answer.enhanced, code=answer.code)
        report(toolbox, session, letter, address, notice, source="smtp")


def report(toolbox: Toolbox, session: Session, letter: LetterRow, address: str, notice: Notice, *, source: str) -> bool:
    """Keep what was reported of a letter, and suppress its address where that is due; whether it was news."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    # Two workers that hear of two letters to one person at once must see each other's, to count them.
    session.get_one(ParticipantRow, letter.participant_id, with_for_update=True)
    kind = bounces.WISH if notice.what in WISHES else class_of(notice)
    code = notice.enhanced or (str(notice.code) if notice.code else None)
    reported = Reported(letter.id, suppressions.index_of(toolbox.vault, address), notice.what, kind, code, source)
    if not bounces.add(session, reported, now, machine_now):
        return False
    if source != "smtp":  # the refusal itself is the letter's end, and stands there already
        letters.reported(session, letter.id, notice.what, str(reported), now, machine_now)
    level = log.error if kind == "policy" else log.warning
    level("reported", letter=letter.id, kind=letter.kind, state=notice.what, reason=str(reported), source=source,
          conference=letter.conference)  # fmt: skip
    _suppress(session, letter, notice, reported, now)
    return True


def lift(toolbox: Toolbox, session: Session, row: SuppressionRow, lifting: Lifting) -> int:
    """Free an address of one suppression, and plan again what was held for it and is still of use; how many letters.
    None where another reason still holds them."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    suppressions.lift(session, toolbox.vault, row, lifting, now)
    log.warning("a suppression is lifted by hand", name=row.id, letter=row.letter_id, reason=row.reason)
    others = suppressions.reasons(session, {row.address_index}, now).get(row.address_index, set())
    if holding(others) is not None:
        return 0
    held = [one for one in letters.held(session) if _is_to(toolbox, session, one, row.address_index)]
    return sum(letters.replay(session, one.id, now, machine_now) for one in held)


def lift_of(
    toolbox: Toolbox, session: Session, person: ParticipantRow, lifting: Lifting
) -> Mapping[str, Any] | None:  # fmt: skip
    """Free somebody's present address of all for which letters are held: why it was suppressed, and how many `letters`
    are planned again. None where nothing holds them."""
    index = suppressions.index_of(toolbox.vault, participants.address(person, toolbox.vault))
    rows = [one for one in suppressions.of_index(session, index, toolbox.clock.now())
            if one.reason not in ONLY_REMINDERS]  # fmt: skip
    if not rows:
        return None
    number = sum(lift(toolbox, session, one, lifting) for one in rows)
    return {"was": sorted({one.reason for one in rows}), "letters": number}


def _is_to(toolbox: Toolbox, session: Session, letter: LetterRow, index: bytes) -> bool:
    """Whether a letter goes to this address. One that cannot be opened is not known to be: it stays held."""
    try:
        return suppressions.index_of(toolbox.vault, addresses.of_letter(session, toolbox.vault, letter)) == index
    except VaultError:
        log.warning("a held letter's address cannot be opened", letter=letter.id, participant=letter.participant_id)
        return False


def _suppress(session: Session, letter: LetterRow, notice: Notice, reported: Reported, now: datetime) -> None:
    rows = bounces.of_address(session, reported.address_index)
    past = [Past(row.letter_id, cast("Class", row.bounce_class), row.at) for row in rows]
    reason = cause(notice.what, past)
    if reason is None:
        return
    if reason in ONLY_REMINDERS and letter.address_version is None:  # whoever has a former address speaks for nobody
        participants.mute(session, letter.participant_id, now)
    new = suppressions.suppress(
        session, reported.address_index, reason=reason, source=reported.source, code=reported.code,
        letter_id=letter.id, now=now, until=now + HOLDS[reason],
    )  # fmt: skip
    if new:
        log.warning("an address is suppressed", letter=letter.id, participant=letter.participant_id, reason=reason,
                    source=reported.source)  # fmt: skip
