"""Another address for somebody: what it changes of their letters, calendars, links, and of what Zoom knows.

Whoever reads at the address of before need not be the participant: the links that went there lead nowhere any more,
and an entry that may stand in a calendar there is taken out (CANCEL to the old address, REQUEST to the new one, RFC
5546 3.2.5). At the new address everything is told as if for the first time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError
from sqlalchemy.orm import Session

from adapters.database import addresses, letters, participants, registrants, registrations, suppressions
from adapters.database.programmes import InForce
from adapters.database.tables import LETTER_KINDS, LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.places import STANDING
from domain.registration import is_over
from domain.times import session_period
from schemas.draft import Draft
from schemas.programme import Session as Planned
from schemas.registration import LinksData
from workers.decided import Whose, confirm
from workers.resending import resend
from workers.suppression import holding
from workers.wishes import wish

USEFUL_FOR: Final = timedelta(days=1)
A_SECOND: Final = timedelta(seconds=1)


class NotReaddressed(Exception):
    """Nothing was changed: `code` says why. `not-an-address`, `same`, `taken` (by another participant of the
    conference), `on-its-way` (a letter is being handed over this moment; trying again helps)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Readdressed:
    """What became of it: the version of the address before; how many letters are written or tried again; from how many
    calendars entries are taken out; why the new address is not written to, or None."""

    before: int
    letters: int
    calendars: int
    suppressed: str | None


def readdress(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, typed: str
) -> Readdressed:
    """Give a participant, who is locked, another address. Their letters are to be written afterwards, as after every
    change of their registrations.

    Raises:
        NotReaddressed: where it cannot be done; then nothing is changed.
    """
    address = _checked(toolbox, session, participant, typed)
    rows = registrations.of_participant(session, participant.id, lock=True)
    known = letters.of_participant(session, participant.id, LETTER_KINDS, lock=True)
    if any(one.state == "claimed" for one in known):
        raise NotReaddressed("on-its-way")
    old, now = participants.address(participant, toolbox.vault), toolbox.clock.now()
    reads = _why_suppressed(toolbox, session, old) is None
    before = addresses.correct(session, toolbox.vault, participant, address, now)
    again = _try_again(toolbox, session, in_force, participant, known)
    letters.went_to(session, participant.id, before)
    participant.page_version += 1
    participant.calendar_version += 1
    moving = _Moving(toolbox, session, in_force, participant, old, before)
    moved = [moving.move(row, known, takes_out=reads) for row in rows.values()]
    participant.submissions += 1
    again += confirm(toolbox, session, Whose(in_force, participant, rows))
    return Readdressed(before, again + sum(told for told, _ in moved), sum(taken for _, taken in moved),
                       _why_suppressed(toolbox, session, address))  # fmt: skip


def _checked(toolbox: Toolbox, session: Session, participant: ParticipantRow, typed: str) -> str:
    try:
        address = LinksData(email=typed).email
    except ValidationError:
        raise NotReaddressed("not-an-address") from None
    if participants.address_index(toolbox.vault, address) == participant.address_index:
        raise NotReaddressed("same")
    if participants.of_address(session, toolbox.vault, participant.conference, address) is not None:
        raise NotReaddressed("taken")
    return address


def _why_suppressed(toolbox: Toolbox, session: Session, address: str) -> str | None:
    index = suppressions.index_of(toolbox.vault, address)
    return holding(suppressions.reasons(session, {index}, toolbox.clock.now()).get(index, ()))


def _try_again(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, known: Sequence[LetterRow]
) -> int:
    """What was not delivered and is of no session goes to the new address, where it is still of use; how many. Of
    sessions new letters are written."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    done = 0
    for one in known:
        of_session = one.kind in letters.SESSION_KINDS
        if one.state in {"failed", "held"}:
            again = letters.replay_all(session, [one.id], now, machine_now, anyway=False, reason=letters.READDRESSED)
            done += bool(again) and not of_session
        elif one.bounced is not None and one.address_version is None and one.not_after > now and not of_session:
            done += one.kind != "confirmation" and resend(toolbox, session, in_force, participant, one.id) == "written"
    return done


@dataclass(frozen=True, slots=True)
class _Moving:
    """Moves registrations, one after the other."""

    toolbox: Toolbox
    session: Session
    in_force: InForce
    participant: ParticipantRow
    old: str
    before: int

    def move(self, row: RegistrationRow, known: Sequence[LetterRow], *, takes_out: bool) -> tuple[bool, bool]:
        """Renew a registration's links, at Zoom too, and let it be told anew: whether there is anything to tell, and
        whether an entry is taken out of a calendar where one may stand, if that is to be."""
        machine_now = self.toolbox.clock.machine_now()
        row.join_version += 1
        if (
            registrants.let_go(self.session, self.toolbox.vault, row.id, self.old, machine_now)
            and row.link == "present"
        ):
            row.link, row.sealed_join_link = "wanted", None
        planned, now = self.in_force.conference.session(row.session), self.toolbox.clock.now()
        if row.state not in STANDING or planned is None or is_over(planned, self.in_force.conference, now):
            return False, False
        about = [one for one in known if one.kind in letters.SESSION_KINDS and one.about == row.session]
        for one in about:
            letters.withhold(self.session, one.id, "superseded", now, machine_now)
        had_entry = row.entry == "requested"
        registrations.bump(row, [], now, raise_sequence=True)
        row.entry, row.told, row.machine_queued = "none", None, machine_now
        wish(self.toolbox, self.session, self.in_force, self.participant, row)
        arrived = [one for one in about if one.state == "sent" and one.bounced is None and one.method is not None]
        taken = takes_out and had_entry and bool(arrived) and self._take_out(row, planned, arrived, now)
        return not planned.cancelled, taken

    def _take_out(self, row: RegistrationRow, planned: Planned, arrived: Sequence[LetterRow], now: datetime) -> bool:
        zone = self.in_force.conference.time_zone
        ends = now if planned.unconfirmed is not None else session_period(planned, zone).end
        draft = Draft(
            kind="notice", about=f"former:{row.id}", revision=self.before, sessions=(row.session,), due_at=now,
            not_after=max(ends, now + USEFUL_FOR), method="CANCEL", sequence=row.sequence,
            dtstamp=max([now.replace(microsecond=0), *(one.dtstamp + A_SECOND for one in arrived if one.dtstamp)]),
        )  # fmt: skip
        return letters.add(self.session, self.participant.id, row.conference, self.in_force.calendar_domain, draft, now,
                           self.toolbox.clock.machine_now(), address_version=self.before)  # fmt: skip
