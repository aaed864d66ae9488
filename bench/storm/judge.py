"""The count after a storm: what was accepted at the door against what the mail server took.

Whom a letter is for, and what it says, is read from the letter itself; of the database is asked what it believes.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from icalendar import Calendar
from sqlalchemy import select

from adapters.database import participants
from adapters.database.tables import EnvelopeRow, LetterRow, ParticipantRow, RegistrationRow
from adapters.tokens import JoinTokens
from adapters.toolbox import Toolbox
from bench.storm.people import Person
from bench.storm.post_office import Taken

_NAME = re.compile(r"Guest [A-Z][a-z]{3}\b")
_JOIN = re.compile(r"/j/([\w.\-]+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """The calendar part of a letter."""

    method: str
    uid: str
    version: tuple[int, datetime]
    attendee: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as its reader has it."""

    message_id: str
    recipient: str
    to: tuple[str, str]
    names: frozenset[str]
    joins: frozenset[str]
    entry: Entry | None
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class Verdict:
    """`faults` must all be 0. `figures` tell how much there was to go wrong; `details` some of the faults."""

    figures: dict[str, int]
    faults: dict[str, int]
    details: list[str]

    @property
    def stood(self) -> bool:
        """Whether the promise was kept."""
        return not any(self.faults.values())


@dataclass(slots=True)
class Judge:
    """What happened, from both sides."""

    people: Sequence[Person]
    receipts: Mapping[str, str]
    taken: Sequence[Taken]
    toolbox: Toolbox
    shown: frozenset[str]
    """Letters that `convenor failures` lists."""
    allowed: int
    """Repetitions that are: one for each connection cut while a letter was on it."""
    details: list[str] = field(default_factory=list)

    def verdict(self) -> Verdict:
        """Count."""
        letters = [read(one) for one in self._in_order]
        first = list({one.message_id: one for one in reversed(letters)}.values())[::-1]
        with self.toolbox.database.read() as session:
            rows = {one.message_id: one for one in session.scalars(select(LetterRow))}
            envelopes = {one.id: one.state for one in session.scalars(select(EnvelopeRow))}
            owners = self._owners(session.scalars(select(ParticipantRow)), session.scalars(select(RegistrationRow)))
        repeated = len(letters) - len(first)
        arrived = {one.message_id for one in first}
        believed = {one for one, row in rows.items() if row.state == "sent"}
        faults = {
            "accepted at the door and not judged": self._noted(
                "not judged", [one for one in self.receipts.values() if envelopes.get(one) != "accepted"]
            ),
            "lost": self._lost(first, rows),
            "recorded as sent, never taken": self._noted("never taken", sorted(believed - arrived)),
            "taken, not recorded as sent": self._noted(
                "not recorded", [x.message_id for x in first if rows[x.message_id].state not in {"sent", "skipped"}]
            ),
            "repeated more often than allowed": max(0, repeated - self.allowed),
            "repeated without a reason": self._without_reason(letters),
            "repeated as another letter": self._differing(letters),
            "overtaken by an older": self._out_of_order(first),
            "an update before its invitation": self._uninvited(first, rows),
            "to the wrong person": self._wrong(letters, owners),
            "refused for good and not shown": self._hidden(rows),
        }  # fmt: skip
        figures = {
            "people": len(self.people), "submissions accepted": len(self.receipts), "letters taken": len(letters),
            "letters repeated": repeated, "repetitions allowed": self.allowed,
            "letters refused for good": len(self.shown),
        }  # fmt: skip
        return Verdict(figures, faults, self.details)

    @property
    def _in_order(self) -> list[Taken]:
        """As the texts came. A letter that was slow to be taken can stand in the book behind its own repetition, which
        a worker that was killed meanwhile had left to another."""
        return sorted(self.taken, key=lambda taken: taken.at)

    def _noted(self, what: str, found: Sequence[object]) -> int:
        self.details += [f"{what}: {one}" for one in found[:5]]
        return len(found)

    def _lost(self, first: Sequence[Letter], rows: Mapping[str, LetterRow]) -> int:
        """People who do not know how they stand with a session: the last word that reached them is another."""
        last: dict[tuple[str, str], str] = {}
        for one in first:
            row = rows[one.message_id]
            if row.kind in {"invitation", "update", "withdrawal"}:
                last[one.recipient, row.about] = row.kind
        wanted = {
            (person.address, session): stands
            for person in self.people if person.exists for session, stands in person.standing.items()
        }  # fmt: skip
        lost = [
            key for key, stands in wanted.items()
            if key not in last or (last[key] == "withdrawal") is stands
        ]  # fmt: skip
        return self._noted("lost", [(*one, last.get(one)) for one in lost])

    def _without_reason(self, letters: Sequence[Letter]) -> int:
        """Repeated, though more was sent over the connection of the first afterwards: so its answer had been read."""
        last = {taken.connection: place for place, taken in enumerate(self._in_order)}
        found = [
            letters[place].message_id
            for place, taken in enumerate(self._in_order)
            if last[taken.connection] != place
            and any(one.message_id == letters[place].message_id for one in letters[place + 1 :])
        ]
        return self._noted("without a reason", found)

    def _differing(self, letters: Sequence[Letter]) -> int:
        versions: defaultdict[str, set[Entry | None]] = defaultdict(set)
        for one in letters:
            versions[one.message_id].add(one.entry)
        return self._noted("differing", [one for one, known in versions.items() if len(known) > 1])

    def _out_of_order(self, first: Sequence[Letter]) -> int:
        """Entries that came after a later version of themselves."""
        known: dict[tuple[str, str], tuple[int, datetime]] = {}
        found = []
        for one in first:
            if one.entry is None:
                continue
            key = one.recipient, one.entry.uid
            if key in known and one.entry.version <= known[key]:
                found.append(one.message_id)
            known[key] = max(one.entry.version, known.get(key, one.entry.version))
        return self._noted("out of order", found)

    def _uninvited(self, first: Sequence[Letter], rows: Mapping[str, LetterRow]) -> int:
        """Updates to people whom no invitation to that session has reached."""
        invited: set[tuple[str, str]] = set()
        found = []
        for one in first:
            row = rows[one.message_id]
            if row.kind == "invitation":
                invited.add((one.recipient, row.about))
            elif row.kind == "update" and (one.recipient, row.about) not in invited:
                found.append((one.message_id, row.about, row.participant_id))
        return self._noted("uninvited", found)

    def _wrong(self, letters: Sequence[Letter], owners: Mapping[str, str]) -> int:
        """Letters that name, or lead to the place of, anybody but the one whom they were handed over for."""
        names = {person.address: person.name for person in self.people}
        joining = JoinTokens(self.toolbox.vault)
        found = []
        for one in letters:
            own = names[one.recipient]
            leads = {owners.get(which[0]) if (which := joining.registration(token)) else None for token in one.joins}
            right = one.to == (own, one.recipient) and one.names == {own} and leads <= {one.recipient}
            if not right or (one.entry is not None and one.entry.attendee != one.recipient):
                found.append(one.message_id)
        return self._noted("wrong person", found)

    def _hidden(self, rows: Mapping[str, LetterRow]) -> int:
        nobody = {person.address for person in self.people if not person.exists}
        failed = {one.id for one in rows.values() if one.state == "failed"}
        stray = [one.recipient for one in map(read, self.taken) if one.recipient in nobody]
        return self._noted("not shown", [*sorted(failed ^ self.shown), *stray])

    def _owners(self, people: Iterable[ParticipantRow], places: Iterable[RegistrationRow]) -> dict[str, str]:
        """Whose address each registration belongs to."""
        addresses = {row.id: participants.opened(row, self.toolbox.vault).address for row in people}
        return {place.id: addresses[place.participant_id] for place in places}


def read(taken: Taken) -> Letter:
    """A letter, read by the standard library and icalendar."""
    message = message_from_bytes(taken.text, policy=policy.default)
    assert isinstance(message, EmailMessage)
    texts = [part.get_content() for part in message.walk() if part.get_content_type() in {"text/plain", "text/html"}]
    entry = next((_entry(part) for part in message.walk() if part.get_content_type() == "text/calendar"), None)
    words = "\n".join(texts)
    return Letter(
        str(message["Message-ID"]), taken.recipient, parseaddr(str(message["To"])),
        frozenset(_NAME.findall(words)), frozenset(_JOIN.findall(words)), entry, taken.text,
    )  # fmt: skip


def _entry(part: EmailMessage) -> Entry:
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    attendee = str(event["ATTENDEE"]).removeprefix("mailto:")
    return Entry(str(calendar["METHOD"]), str(event["UID"]), (int(str(event["SEQUENCE"])), event.DTSTAMP), attendee)


def by_habit(habits: Counter[str]) -> str:
    """What the mail server did, in a line."""
    return ", ".join(f"{what} {number}" for what, number in sorted(habits.items()))
