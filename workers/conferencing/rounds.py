"""A round at one Zoom event: up to thirty people are brought in line with what is wanted.

The list comes first, always. Whoever is on it is not added, whatever became of an earlier answer: that is what keeps
people from being added twice, and from being left without a link when Zoom added them and its answer was lost.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.database import participants, registrants
from adapters.database.tables import ParticipantRow, RegistrantRow, RegistrationRow, ZoomEventRow
from adapters.toolbox import Toolbox
from adapters.vault import VaultError
from adapters.zoom.client import BATCH, STATUSES, ZoomClient, ZoomRefused
from domain.conferencing.naming import AddressTooLong, new_registrant
from domain.conferencing.steps import Step, step
from schemas.zoom import NewRegistrant, RegistrantStatus, StatusAction, ZoomRegistrant
from workers.conferencing import events, troubles
from workers.conferencing.events import Event

log = structlog.get_logger(__name__)

BATCH_FROM: Final = 5
"""Fewer are added one by one, with their language; a batch takes names and addresses only."""
SCHEDULED: Final = {"webinar": 5, "meeting": 2}
"""The types of event that Zoom takes batches for."""
AT_ONCE: Final = 0
"""Zoom's approval_type of events whose registrants need no approval."""
BELIEVED: Final = timedelta(seconds=10)
FEW: Final = 5
"""So many links are asked for singly; for more the list is read."""
MOST_UNANSWERED: Final = 2
"""After so many calls without an answer, one after the other, the event is left alone for a while."""
NAMELESS: Final = "Participant"

Person = tuple[RegistrationRow, ParticipantRow]
Found = tuple[RegistrantRow, ZoomRegistrant]
Newcomer = tuple[RegistrantRow, NewRegistrant]


@dataclass(slots=True)
class Roll:
    """Who is at the event, as Zoom listed it a moment ago in this turn. Meanwhile we alone add people, but for those
    who come by Zoom's own page; so it is believed for seconds only, and not after anything went wrong."""

    people: dict[str, ZoomRegistrant] = field(default_factory=dict)
    statuses: frozenset[RegistrantStatus] = frozenset()
    read_at: datetime | None = None

    def holds(self, statuses: Collection[RegistrantStatus], machine_now: datetime) -> bool:
        """Whether it is new enough, and has everybody of these statuses."""
        fresh = self.read_at is not None and abs(machine_now - self.read_at) < BELIEVED
        return fresh and self.statuses.issuperset(statuses)

    def forget(self) -> None:
        """Read anew, next time."""
        self.read_at = None


@dataclass(slots=True)
class Turn:
    """What the rounds of one turn share. `until`: when it ends, in the machine's time. `told`: ids of participants who
    have something new to be told; `tried`: of those whose link was asked for in vain."""

    toolbox: Toolbox
    client: ZoomClient
    event: Event
    until: datetime
    told: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    roll: Roll = field(default_factory=Roll)

    @property
    def machine_now(self) -> datetime:
        """The machine's time."""
        return self.toolbox.clock.machine_now()

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.machine_now >= self.until


def settle(turn: Turn) -> bool:
    """One round; whether there was anything to do.

    Raises:
        ZoomRefused: where the event as a whole cannot be spoken about now. What was done before is kept.
    """
    clock = turn.toolbox.clock
    with turn.toolbox.database.read() as session:
        rows = registrants.claimed(session, turn.event.id, clock.now(), clock.machine_now(), BATCH)
        people = registrants.people(session, rows)
    if not rows:
        return False
    turn.tried += [person.id for _, person in people.values()]
    try:
        _Round(turn, people).run(rows)
    except ZoomRefused:
        turn.roll.forget()
        raise
    return True


class _Round:
    """What one round knows. Nothing of it outlives the round."""

    def __init__(self, turn: Turn, people: Mapping[str, Person]) -> None:
        assert turn.event.number is not None  # noqa: S101 - an event that is ready has its number
        self._turn, self._people = turn, people
        self._toolbox, self._client, self._event = turn.toolbox, turn.client, turn.event
        self._kind, self._number = turn.event.kind, turn.event.number
        self._unanswered = 0

    def run(self, rows: Sequence[RegistrantRow]) -> None:
        """Everybody who is on the list is brought in line; then those are added who are not on it."""
        statuses = self._statuses(rows)
        there = (
            self._turn.roll.people if self._turn.roll.holds(statuses, self._turn.machine_now) else self._list(statuses)
        )
        to_do: dict[Step, list[tuple[RegistrantRow, ZoomRegistrant | None]]] = {}
        for row in rows:
            try:
                found = there.get(registrants.address(row, self._toolbox.vault).strip().casefold())
            except VaultError:
                self._hold(row, "cannot-be-opened", None)
                continue
            elsewhere = row.desired == "cancelled" and self._is_wanted_elsewhere(row)
            to_do.setdefault(
                step(row.desired, found, denied_by=_denied_by(row), wanted_elsewhere=elsewhere), []
            ).append((row, found))
        for row, found in to_do.get("forget", ()):
            self._forget(row, found)
        for row, found in to_do.get("hold", ()):
            self._hold(row, "zoom-denied-there", found)
        for row, _ in to_do.get("again", ()):
            self._again(row)
        for row, found in _who_are_there(to_do.get("keep", ())):
            self._write(row, found)
        self._cancel(_who_are_there(to_do.get("cancel", ())))
        self._approve(_who_are_there(to_do.get("approve", ())))
        self._add([row for row, _ in to_do.get("add", ())])

    def _list(self, statuses: Collection[RegistrantStatus] = STATUSES) -> dict[str, ZoomRegistrant]:
        found = self._client.registrants(self._kind, self._number, statuses)
        roll = self._turn.roll
        roll.people = {one.email.strip().casefold(): one for one in found}
        roll.statuses, roll.read_at = frozenset(statuses), self._turn.machine_now
        return roll.people

    def _statuses(self, rows: Sequence[RegistrantRow]) -> Collection[RegistrantStatus]:
        """Which lists are needed: each is a call of which Zoom allows few. Of whom nobody has asked for before, none is
        denied; where Zoom approves at once, none is pending. Somebody who was refused there without our knowing is
        refused again, and is looked for everywhere the next time."""
        new = all(row.status == "unasked" and not row.tries and row.desired == "approved" for row in rows)
        if not new:
            return STATUSES
        wanted: tuple[RegistrantStatus, ...] = ("approved", "pending")
        return wanted[:1] if self._event.approval_type == AT_ONCE else wanted

    def _set_status(self, action: StatusAction, those: Sequence[Found]) -> list[Found]:
        """Those whose status Zoom has set. Where they are refused together, each is asked for alone."""
        if not those:
            return []
        self._turn.roll.forget()
        try:
            self._client.set_status(self._kind, self._number, action, [(said.id, said.email) for _, said in those])
        except ZoomRefused as refused:
            if len(those) > 1 and not troubles.is_of_all(refused.refusal, self._toolbox.clock.now()):
                return [one for each in those for one in self._set_status(action, [each])]
            self._met([row for row, _ in those], refused)
            return []
        return list(those)

    def _cancel(self, those: Sequence[Found]) -> None:
        """Noted before it is asked for: of whom the answer is lost, we know that it was we who cancelled."""
        with self._toolbox.database.write() as session:
            registrants.cancelling(session, [row.id for row, _ in those])
        for row, found in self._set_status("cancel", those):
            self._cancelled(row, found)

    def _approve(self, those: Sequence[Found]) -> None:
        done = self._set_status("approve", those)
        there = self._links(done) if done else {}
        for row, said in done:
            found = there.get(said.id)
            if found is not None and found.status == "approved" and found.join_url is not None:
                self._write(row, found)
            else:
                self._again(row)

    def _links(self, those: Sequence[Found]) -> dict[str, ZoomRegistrant]:
        """As they are after an approval, by Zoom's ids."""
        if len(those) > FEW:
            return {one.id: one for one in self._list().values()}
        return {
            said.id: self._client.registrant(self._kind, self._number, said.id) for _, said in those
        }  # fmt: skip

    def _add(self, rows: Sequence[RegistrantRow]) -> None:
        newcomers = [one for row in rows if (one := self._newcomer(row)) is not None]
        if len(newcomers) >= BATCH_FROM and self._event.type in {0, SCHEDULED[self._kind]} and not self._turn.over:
            newcomers = self._add_together(newcomers)
        pending: list[Found] = []
        for row, who in newcomers:
            if self._turn.over:
                break
            try:
                said = self._client.add(self._kind, self._number, who, self._counted_as(row))
            except ZoomRefused as refused:
                self._met([row], refused)
                continue
            self._unanswered = 0
            said = said.model_copy(update={"email": who.email})
            self._write(row, said)
            self._turn.roll.people[who.email.casefold()] = said
            if said.join_url is None:
                pending.append((row, said))
        self._approve(pending)

    def _add_together(self, newcomers: list[Newcomer]) -> list[Newcomer]:
        """Those whom the batch did not bring in. They are added one by one, so that each has an answer of their own;
        but only after the list has been read again, because a batch can fail in its middle."""
        batch = [(who, self._counted_as(row)) for row, who in newcomers]
        try:
            answered = self._client.add_batch(self._kind, self._number, batch)
        except ZoomRefused as refused:
            log.warning("a batch was not taken as a whole; its people are looked for, then added singly",
                        session=self._event.planned.id if self._event.planned else None, count=len(batch),
                        code=refused.refusal.code, status=refused.refusal.status)  # fmt: skip
            if troubles.is_of_all(refused.refusal, self._toolbox.clock.now()):
                raise
            answered = []
        there = {one.email.strip().casefold(): one for one in answered}
        if len(there) < len(newcomers):
            there |= self._list()
        left = []
        for row, who in newcomers:
            found = there.get(who.email.strip().casefold())
            if found is None:
                left.append((row, who))
            else:
                self._write(row, found)
        return left

    def _newcomer(self, row: RegistrantRow) -> Newcomer | None:
        """As whom somebody is added; None where a person must look first."""
        _, person = self._people[row.id]
        vault = self._toolbox.vault
        try:
            opened, address = participants.opened(person, vault), registrants.address(row, vault)
            under_alias = participants.address_index(vault, address) != person.address_index
            if under_alias and self._event.planned is not None and not self._event.planned.aliases:
                self._hold(row, "alias-not-allowed", None)
                return None
            name = (opened.profile.alias or NAMELESS) if under_alias else opened.profile.full_name
            return row, new_registrant(name, address, opened.language)
        except AddressTooLong:
            self._hold(row, "address-too-long-for-zoom", None)
        except VaultError:
            self._hold(row, "cannot-be-opened", None)
        return None

    def _counted_as(self, row: RegistrantRow) -> str:
        """By which name additions of this person are counted: across all events of the account, as was observed. Where
        that would keep somebody out of a session that begins today, for this event alone, as Zoom documents it."""
        person = row.address_index.hex()
        account = self._toolbox.zoom.account(self._event.account or "")
        by_event = account is not None and account.person_limit == "event"
        alone = by_event or events.begins_today(self._toolbox, self._event)
        return f"{person}/{self._number}" if alone else person

    def _is_wanted_elsewhere(self, row: RegistrantRow) -> bool:
        with self._toolbox.database.read() as session:
            event = session.get(ZoomEventRow, self._event.id)
            return event is not None and registrants.elsewhere(session, row, event)

    def _write(self, row: RegistrantRow, said: ZoomRegistrant) -> None:
        with self._toolbox.database.write() as session:
            # The registration before the registrant, as whoever changes registrations locks them.
            session.get(RegistrationRow, row.registration_id, with_for_update=True)
            known = session.get(RegistrantRow, row.id, with_for_update=True)
            if known is not None:
                registrants.note(session, self._toolbox.vault, known, said, self._toolbox.clock.now(),
                                 in_letters=self._event.in_letters)  # fmt: skip
        if said.join_url is not None and row.id in self._people:
            self._turn.told.append(self._people[row.id][1].id)

    def _cancelled(self, row: RegistrantRow, found: ZoomRegistrant) -> None:
        with self._toolbox.database.write() as session:
            known = session.get(RegistrantRow, row.id, with_for_update=True)
            if known is not None:
                known.zoom_id = found.id
                registrants.denied(known, "here")

    def _forget(self, row: RegistrantRow, found: ZoomRegistrant | None) -> None:
        """Nobody is there, or somebody who is denied: by us, if we have asked for it before without an answer."""
        with self._toolbox.database.write() as session:
            known = session.get(RegistrantRow, row.id, with_for_update=True)
            if known is not None:
                known.zoom_id = found.id if found else known.zoom_id
                by_us = known.was_cancelled and known.denied_by is None
                registrants.denied(known, "here" if by_us else None, gone=found is None or found.status != "denied")

    def _again(self, row: RegistrantRow) -> None:
        troubles.again(self._toolbox, row.id, "zoom-not-approved-yet")

    def _hold(self, row: RegistrantRow, reason: str, found: ZoomRegistrant | None) -> None:
        troubles.hold(self._toolbox, row.id, reason, zoom_id=found.id if found else None)

    def _met(self, rows: Sequence[RegistrantRow], refused: ZoomRefused) -> None:
        """A refusal that is about these people is theirs; one about the event or the account ends the turn, and so does
        Zoom's silence, if it lasts."""
        self._turn.roll.forget()
        if troubles.is_of_all(refused.refusal, self._toolbox.clock.now()):
            raise refused
        for row in rows:
            troubles.of_person(self._toolbox, row.id, refused.refusal)
        silent = refused.refusal.code is None and not refused.refusal.ours
        self._unanswered = self._unanswered + 1 if silent else 0
        if self._unanswered >= MOST_UNANSWERED:
            raise refused


def _denied_by(row: RegistrantRow) -> str | None:
    return row.denied_by or ("here" if row.was_cancelled else None)


def _who_are_there(those: Collection[tuple[RegistrantRow, ZoomRegistrant | None]]) -> list[Found]:
    return [(row, found) for row, found in those if found is not None]
