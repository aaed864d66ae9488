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
from adapters.zoom.client import STATUSES, ZoomClient, ZoomRefused
from domain.conferencing.naming import AddressTooLong, new_registrant
from schemas.zoom import NewRegistrant, RegistrantStatus, StatusAction, ZoomRegistrant
from workers.conferencing import events, troubles
from workers.conferencing.events import Event

log = structlog.get_logger(__name__)

MOST: Final = 30
"""As many as Zoom takes in one call (batch_registrants, registrants/status)."""
BATCH_FROM: Final = 5
"""Fewer are added one by one, with their language; a batch takes names and addresses only."""
SCHEDULED: Final = {"webinar": 5, "meeting": 2}
"""The types of event that Zoom takes batches for."""

BELIEVED: Final = timedelta(seconds=10)
AT_ONCE: Final = 0
"""Zoom's approval_type of events whose registrants need no approval."""
NAMELESS: Final = "Participant"

Person = tuple[RegistrationRow, ParticipantRow]
Found = tuple[RegistrantRow, ZoomRegistrant]


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


def settle(toolbox: Toolbox, client: ZoomClient, event: Event, told: list[str], roll: Roll) -> bool:
    """One round; whether there was anything to do. Ids of participants who have something new to be told are put into
    `told`, also where the round ends early.

    Raises:
        ZoomRefused: where the event as a whole cannot be spoken about now. What was done before is kept.
    """
    clock = toolbox.clock
    with toolbox.database.read() as session:
        rows = registrants.claimed(session, event.id, clock.now(), clock.machine_now(), MOST)
        people = registrants.people(session, rows)
    if not rows:
        return False
    try:
        _Round(toolbox, client, event, people, told, roll).run(rows)
    except ZoomRefused:
        roll.forget()
        raise
    return True


class _Round:
    """What one round knows. Nothing of it outlives the round."""

    def __init__(
        self, toolbox: Toolbox, client: ZoomClient, event: Event, people: Mapping[str, Person], told: list[str],
        roll: Roll,
    ) -> None:  # fmt: skip
        assert event.number is not None  # noqa: S101 - an event that is ready has its number
        self._toolbox, self._client, self._event, self._people = toolbox, client, event, people
        self._kind, self._number = event.kind, event.number
        self._told, self._roll = told, roll

    def run(self, rows: Sequence[RegistrantRow]) -> None:
        """Everybody who is on the list is brought in line; then those are added who are not on it."""
        statuses = self._statuses(rows)
        there = self._roll.people if self._roll.holds(statuses, self._machine_now) else self._list(statuses)
        missing: list[RegistrantRow] = []
        to_approve: list[Found] = []
        to_cancel: list[Found] = []
        for row in rows:
            found = there.get(self._address(row).casefold())
            if row.desired == "cancelled":
                if found is None or found.status == "denied" or self._is_wanted_elsewhere(row):
                    self._cancelled(row, gone=found is None)
                else:
                    to_cancel.append((row, found))
            elif found is None:
                missing.append(row)
            elif found.status == "approved" and found.join_url is not None:
                self._write(row, found)
            elif found.status == "denied" and row.denied_by not in {"here", "zoom"}:
                # Zoom does not tell who was refused by its host from who cancelled; the latter may come back.
                self._hold(row, "zoom-denied-there", found)
            else:
                to_approve.append((row, found))
        self._cancel(to_cancel)
        self._approve(to_approve)
        self._add(missing)

    def _list(self, statuses: Collection[RegistrantStatus] = STATUSES) -> dict[str, ZoomRegistrant]:
        found = self._client.registrants(self._kind, self._number, statuses)
        self._roll.people = {one.email.strip().casefold(): one for one in found}
        self._roll.statuses, self._roll.read_at = frozenset(statuses), self._machine_now
        return self._roll.people

    @property
    def _machine_now(self) -> datetime:
        return self._toolbox.clock.machine_now()

    def _statuses(self, rows: Sequence[RegistrantRow]) -> Collection[RegistrantStatus]:
        """Which lists are needed. Where nobody has been asked for before, and Zoom approves at once, whoever is there
        is approved: each list is a call of which Zoom allows few. Somebody who was refused there without our knowing
        is refused again, and is looked for everywhere the next time."""
        new = all(row.status == "unasked" and not row.tries and row.desired == "approved" for row in rows)
        return ("approved",) if new and self._event.approval_type == AT_ONCE else STATUSES

    def _set_status(self, action: StatusAction, those: Sequence[Found]) -> list[Found]:
        """Those whose status Zoom has set. Where one of them keeps the others from it, each is asked for alone."""
        self._roll.forget()
        try:
            self._client.set_status(self._kind, self._number, action, [(said.id, said.email) for _, said in those])
        except ZoomRefused as refused:
            if len(those) > 1 and refused.refusal.limits_one:
                return [one for each in those for one in self._set_status(action, [each])]
            self._met([row for row, _ in those], refused)
            return []
        return list(those)

    def _approve(self, those: Sequence[Found]) -> None:
        done = self._set_status("approve", those) if those else []
        there = self._list() if done else {}
        for row, said in done:
            found = there.get(said.email.strip().casefold())
            if found is not None and found.status == "approved" and found.join_url is not None:
                self._write(row, found)
            else:
                self._again(row)

    def _cancel(self, those: Sequence[Found]) -> None:
        for row, _ in self._set_status("cancel", those) if those else []:
            self._cancelled(row, gone=False)

    def _add(self, rows: Sequence[RegistrantRow]) -> None:
        newcomers: list[tuple[RegistrantRow, NewRegistrant]] = []
        for row in rows:
            try:
                newcomers.append((row, self._newcomer(row)))
            except AddressTooLong:
                self._hold(row, "address-too-long-for-zoom", None)
        if len(newcomers) >= BATCH_FROM and self._takes_batches():
            newcomers = self._add_together(newcomers)
        for row, who in newcomers:
            try:
                said = self._client.add(self._kind, self._number, who, self._counted_as(row))
            except ZoomRefused as refused:
                self._met([row], refused)
                continue
            self._write(row, said)
            self._roll.people[who.email.casefold()] = said

    def _add_together(
        self, newcomers: list[tuple[RegistrantRow, NewRegistrant]]
    ) -> list[tuple[RegistrantRow, NewRegistrant]]:
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

    def _newcomer(self, row: RegistrantRow) -> NewRegistrant:
        _, person = self._people[row.id]
        opened = participants.opened(person, self._toolbox.vault)
        address = self._address(row)
        under_alias = participants.address_index(self._toolbox.vault, address) != person.address_index
        name = (opened.profile.alias or NAMELESS) if under_alias else opened.profile.full_name
        return new_registrant(name, address, opened.language)

    def _counted_as(self, row: RegistrantRow) -> str:
        """By which name additions of this person are counted: across all events of the account, as was observed. Where
        that would keep somebody out of a session that begins today, for this event alone, as Zoom documents it."""
        person = row.address_index.hex()
        account = self._toolbox.zoom.account(self._event.account or "")
        by_event = account is not None and account.person_limit == "event"
        alone = by_event or events.begins_today(self._toolbox, self._event)
        return f"{person}/{self._number}" if alone else person

    def _takes_batches(self) -> bool:
        return self._event.type in {0, SCHEDULED[self._kind]}

    def _address(self, row: RegistrantRow) -> str:
        return registrants.address(row, self._toolbox.vault)

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
            self._told.append(self._people[row.id][1].id)

    def _cancelled(self, row: RegistrantRow, *, gone: bool) -> None:
        with self._toolbox.database.write() as session:
            known = session.get(RegistrantRow, row.id, with_for_update=True)
            if known is not None:
                registrants.denied(known, "here", gone=gone)

    def _again(self, row: RegistrantRow) -> None:
        troubles.again(self._toolbox, row.id, "zoom-not-approved-yet")

    def _hold(self, row: RegistrantRow, reason: str, found: ZoomRegistrant | None) -> None:
        troubles.hold(self._toolbox, row.id, reason, zoom_id=found.id if found else None)

    def _met(self, rows: Sequence[RegistrantRow], refused: ZoomRefused) -> None:
        """A refusal that is about these people is theirs; one about the event or the account ends the turn."""
        self._roll.forget()
        if troubles.is_of_all(refused.refusal, self._toolbox.clock.now()):
            raise refused
        for row in rows:
            troubles.of_person(self._toolbox, row.id, refused.refusal)
