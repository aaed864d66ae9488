"""What an admin does for one participant: each deed in one transaction, audited in it, and safe to be done twice.

For the command line, and for the web part, to which it is handed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from adapters.database import audits, letters, participants, registrants, registrations
from adapters.database.programmes import InForce
from adapters.database.suppressions import Lifting
from adapters.database.tables import LetterRow, ParticipantRow
from adapters.toolbox import Toolbox
from domain.registration import Refused
from schemas.deed import Done
from schemas.registration import PreferencesData, WithdrawalData
from workers import registration, suppression
from workers.app import DELIVER, OBTAIN_LINKS, enqueue
from workers.conferencing import asking
from workers.links import JoinChange, change_join_addresses, renew_calendar_address, renew_page_address
from workers.readdressing import NotReaddressed, readdress
from workers.resending import DONE, resend

log = structlog.get_logger(__name__)

NOBODY = Done("nobody")


@dataclass(frozen=True, slots=True)
class _Desk:
    """A participant, locked, with all that is needed to do something for them, in one transaction."""

    toolbox: Toolbox
    session: Session
    in_force: InForce
    person: ParticipantRow

    def noted(
        self, who: str, action: str, reason: str, about: str | None = None, details: Mapping[str, Any] | None = None
    ) -> Done:
        """What was done, once it is audited."""
        clock = self.toolbox.clock
        audit = audits.note(
            self.session, self.toolbox.vault, who=who, action=action, conference=self.person.conference,
            about=about or self.person.id, reason=reason or None, details=details, now=clock.now(),
            machine_now=clock.machine_now(),
        )  # fmt: skip
        log.info("done by hand for a participant", name=action, participant=self.person.id)
        return Done(action, audit, details or {})


class Attendant:
    """Does it. `who` as audits name people; `reason` as they have typed it, for the record alone."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def resend(self, letter: str, who: str, reason: str = "") -> Done:
        """Send a letter again, as things stand now."""
        with self._toolbox.database.read() as session:
            known = session.get(LetterRow, letter)
        if known is None:
            return NOBODY
        with self._desk(known.participant_id) as desk:
            if desk is None:
                return NOBODY
            became = resend(desk.toolbox, desk.session, desk.in_force, desk.person, letter)
            if became not in DONE:
                return Done(became or "nobody")
            done = desk.noted(who, "letter-resent", reason, letter, {"kind": known.kind, "became": became})
        enqueue(DELIVER)
        return done

    def hold(self, participant: str, who: str, reason: str) -> Done:
        """Hold all mail to somebody, until it is released."""
        with self._desk(participant) as desk:
            if desk is None or desk.person.mail_held_at is not None:
                return NOBODY if desk is None else Done("held-already")
            desk.person.mail_held_at = self._toolbox.clock.now()
            return desk.noted(who, "mail-held", reason, details={"was": "going", "became": "held"})

    def release(self, participant: str, who: str, reason: str = "") -> Done:
        """Let mail to somebody go, with what was held meanwhile and is still of use."""
        with self._desk(participant) as desk:
            if desk is None or desk.person.mail_held_at is None:
                return NOBODY if desk is None else Done("not-held")
            desk.person.mail_held_at = None
            clock = self._toolbox.clock
            number = letters.release_all(desk.session, participant, clock.now(), clock.machine_now())
            done = desk.noted(
                who, "mail-released", reason, details={"was": "held", "became": "going", "letters": number}
            )
        enqueue(DELIVER)
        return done

    def lift(self, participant: str, who: str, reason: str) -> Done:
        """Write to somebody's address again, with what was held for it and is still of use. That they want no
        reminders is their own wish, and stays."""
        with self._desk(participant) as desk:
            if desk is None:
                return NOBODY
            lifted = suppression.lift_of(self._toolbox, desk.session, desk.person, Lifting(who, reason))
            if lifted is None:
                return Done("not-suppressed")
            done = desk.noted(who, "suppression-lifted", reason, details=lifted)
        enqueue(DELIVER)
        return done

    def ask_zoom(self, participant: str, who: str, reason: str = "") -> Done:
        """Have Zoom asked again at once for all of somebody's registrations that it does not have as they are."""
        with self._desk(participant) as desk:
            if desk is None:
                return NOBODY
            places = registrations.of_participant(desk.session, participant).values()
            asked = asking.free(desk.session, registrants.waiting_of(desk.session, [one.id for one in places]))
            if not asked.number:
                return Done("nothing-at-zoom")
            done = desk.noted(who, "zoom-asked", reason, details={"sessions": asked.sessions, "was": asked.reasons})
        asking.go(self._toolbox, asked)
        return done

    def correct_address(self, participant: str, typed: str, who: str, reason: str) -> Done:
        """Give somebody another address; see `workers.readdressing`."""
        with self._desk(participant) as desk:
            if desk is None:
                return NOBODY
            try:
                done = readdress(self._toolbox, desk.session, desk.in_force, desk.person, typed)
            except NotReaddressed as refused:
                return Done(refused.code)
            details = {"version_before": done.before, "letters": done.letters, "calendars": done.calendars,
                       "suppressed": done.suppressed}  # fmt: skip
            noted = desk.noted(who, "address-corrected", reason, details=details)
        self._go_on(participant)
        return noted

    def withdraw(self, participant: str, sessions: Sequence[str], who: str, reason: str) -> Done:
        """Withdraw somebody from sessions; none named: from all."""
        return self._decided(participant, who, "withdrawn-by-hand", reason, partial(_withdraw, sessions))

    def prefer_language(self, participant: str, language: str, who: str, reason: str = "") -> Done:
        """Write to somebody in another language (ISO 639) from now on."""
        return self._decided(participant, who, "language-changed", reason, partial(_prefer, language))

    def renew_page(self, participant: str, who: str, reason: str = "") -> Done:
        """Give somebody's own page another address, which a letter tells."""
        with self._desk(participant) as desk:
            if desk is None:
                return NOBODY
            try:
                audit = renew_page_address(self._toolbox, desk.session, desk.in_force, desk.person, who=who,
                                           reason=reason or None)  # fmt: skip
            except Refused:
                return Done("nothing-to-come")
        enqueue(DELIVER)
        return Done("page-address-renewed", audit)

    def renew_calendar(self, participant: str, who: str, reason: str = "") -> Done:
        """Give somebody's calendar feed another address, which stands on their own page."""
        with self._desk(participant) as desk:
            if desk is None:
                return NOBODY
            audit = renew_calendar_address(self._toolbox, desk.session, desk.person, who=who, reason=reason or None)
        return Done("calendar-address-renewed", audit)

    def renew_joining(self, whose: str, who: str, reason: str = "") -> Done:
        """Give join pages other addresses, which letters tell: a registration's, or all of a participant's."""
        return self._joining(whose, "renewed", who, reason)

    def revoke_joining(self, whose: str, who: str, reason: str) -> Done:
        """Let the addresses of join pages lead nowhere, and tell nobody."""
        return self._joining(whose, "revoked", who, reason)

    def _joining(self, whose: str, change: JoinChange, who: str, reason: str) -> Done:
        with self._toolbox.database.write() as session:
            done = change_join_addresses(self._toolbox, session, [whose], change, who=who, reason=reason or None)
        for one in done:
            self._go_on(one.participant)
            return Done(f"join-address-{change}", one.audit, {"sessions": list(one.sessions)})
        return NOBODY

    def _decided(
        self, participant: str, who: str, action: str, reason: str, deed: Callable[[_Desk], Mapping[str, Any] | None]
    ) -> Done:
        """What is decided as if the participant had said it. Nothing is noted where nothing was changed."""
        with self._desk(participant) as desk:
            if desk is None:
                return NOBODY
            try:
                details = deed(desk)
            except Refused:
                details = None
            if details is None:
                return Done("so-already")
            done = desk.noted(who, action, reason, details=details)
        self._go_on(participant)
        return done

    def _go_on(self, participant: str) -> None:
        """What is to be told goes its usual way: to Zoom, then into letters."""
        enqueue(OBTAIN_LINKS, participant)

    @contextmanager
    def _desk(self, participant: str) -> Iterator[_Desk | None]:
        with self._toolbox.database.write() as session:
            # The programme before its participants, as whoever puts another in force locks them.
            known = session.get(ParticipantRow, participant)
            in_force = self._toolbox.shelf.get(session, known.conference, hold=True) if known else None
            if known is None or in_force is None:
                yield None
                return
            session.refresh(known, with_for_update=True)
            yield _Desk(self._toolbox, session, in_force, known)


def _withdraw(sessions: Sequence[str], desk: _Desk) -> Mapping[str, Any] | None:
    rows = registrations.of_participant(desk.session, desk.person.id, lock=True)
    before = {row.session: row.state for row in rows.values()}
    address = participants.address(desk.person, desk.toolbox.vault)
    leaving = WithdrawalData.model_validate({"email": address, "sessions": list(sessions) or "all"})
    registration.withdraw(desk.toolbox, desk.session, desk.in_force, leaving, desk.toolbox.clock.machine_now())
    left = [row.session for row in rows.values() if row.state == "withdrawn" != before[row.session]]
    return {"sessions": left} if left else None


def _prefer(language: str, desk: _Desk) -> Mapping[str, Any] | None:
    before = desk.person.language
    if language == (before or desk.in_force.conference.language):
        return None
    address = participants.address(desk.person, desk.toolbox.vault)
    wanted = PreferencesData.model_validate({"email": address, "language": language})
    registration.prefer(desk.toolbox, desk.session, desk.in_force, desk.person, wanted,
                        desk.toolbox.clock.machine_now())  # fmt: skip
    return {"was": before, "became": language}
