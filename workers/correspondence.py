"""From rows to what the writing desk needs: who is written to, about which sessions, with which calendar part.

Reads for a whole batch at once. Whether a letter still has anything to say is judged here, at the last moment: a
session that was withdrawn from, a time that has passed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypedDict, cast

from sqlalchemy.orm import Session

from adapters.database import addresses, answers, envelopes, participants, registrations
from adapters.database.letters import HELD_BY_HAND
from adapters.database.participants import Participant
from adapters.database.programmes import InForce
from adapters.database.tables import EnvelopeRow, FormerAddressRow, LetterRow, ParticipantRow, RegistrationRow
from adapters.ids import entry_uid
from adapters.tokens import JoinTokens, MuteTokens, PageTokens
from adapters.toolbox import Toolbox
from domain import programme, reminders
from domain.bounces.suppression import ONLY_REMINDERS
from domain.letters.model import CalendarPart, Change, LetterKind, LinkState, Offer, Order, Person, Sender, Visit
from domain.letters.told import Told
from domain.places import State, Why
from domain.telling import WAITING
from schemas.programme import Conference, LinkInLetters
from schemas.programme import Session as ProgrammeSession
from schemas.registration import Visibility
from workers import subjects
from workers.reminders import has_moved, why_not_now
from workers.subjects import DIGESTS
from workers.suppression import holding, suppressed

_OLD_AND_NEW = frozenset({"update", *WAITING.values()})
_LINKS: dict[str, LinkState] = {"present": "present", "wanted": "follows", "none": "none"}


class NothingToSay(Exception):
    """The letter must not go: `state` it ends in, and the reason's code."""

    def __init__(self, state: Literal["skipped", "expired", "held"], code: str) -> None:
        super().__init__(code)
        self.state = state
        self.code = code


class _Begun(TypedDict):
    """Of an Order, what every letter has."""

    kind: LetterKind
    conference: Conference
    person: Person
    message_id: str
    date: datetime
    sender: Sender
    contact: str


@dataclass(slots=True)
class Correspondence:
    """What a batch of letters needs, read in one transaction."""

    toolbox: Toolbox
    programmes: dict[str, InForce]
    people: dict[str, ParticipantRow]
    places: dict[str, dict[str, RegistrationRow]]
    envelopes: dict[str, EnvelopeRow]
    sender: Sender
    joining: JoinTokens
    muting: MuteTokens
    own_pages: PageTokens
    suppressed: dict[str, set[str]]
    declined: frozenset[str]
    formers: dict[addresses.Which, FormerAddressRow] = field(default_factory=dict)
    uids: dict[tuple[str, str], str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, toolbox: Toolbox, session: Session, batch: Sequence[LetterRow]) -> "Correspondence":
        """Read all that these letters need."""
        ids = {letter.participant_id for letter in batch}
        people = participants.of_ids(session, ids)
        shelved = {one: toolbox.shelf.get(session, one) for one in {letter.conference for letter in batch}}
        return cls(
            toolbox,
            {name: in_force for name, in_force in shelved.items() if in_force is not None},
            people,
            registrations.of_participants(session, ids),
            envelopes.of_ids(session, [letter.about for letter in batch if letter.kind == "not-understood"]),
            Sender(*toolbox.settings.sender, toolbox.settings.reply_to),
            JoinTokens(toolbox.vault),
            MuteTokens(toolbox.vault),
            PageTokens(toolbox.vault),
            suppressed(toolbox, session, people.values()),
            answers.declined(session, filter(None, map(_declined, batch))),
            addresses.formers_of_letters(session, batch),
        )

    def language(self, letter: LetterRow) -> str:
        """In which a letter is written; empty where that cannot be known, as nothing can be written then."""
        person, in_force = self.people.get(letter.participant_id), self.programmes.get(letter.conference)
        return (person and person.language) or (in_force.conference.language if in_force else "")

    def order(self, letter: LetterRow, now: datetime) -> Order:
        """What the desk is to write.

        Raises:
            NothingToSay: where the letter has come too late, or what it is about no longer holds.
            LetterError: for a kind of which nothing says yet when it is true.
            VaultError: where the participant's fields cannot be opened.
        """
        in_force = self.programmes[letter.conference]
        conference = in_force.conference
        if letter.kind in reminders.KINDS:
            self._check_wanted(letter, in_force)
        if now > letter.not_after:
            raise NothingToSay("skipped" if letter.kind in reminders.KINDS else "expired", "too-late")
        if self.people[letter.participant_id].mail_held_at is not None:
            raise NothingToSay("held", HELD_BY_HAND)
        person = participants.opened(self.people[letter.participant_id], self.toolbox.vault)
        if letter.address_version is not None:
            return self._to_former_address(letter, in_force, person, now)
        reason = holding(self.suppressed.get(letter.participant_id, ()))
        if reason is not None and not letter.replayed:
            raise NothingToSay("held", reason)
        if letter.kind == "not-understood":
            return self._not_understood(letter, conference, person, now)
        places = self.places.get(letter.participant_id, {})
        sessions = subjects.of(letter, in_force, places, now)
        if not (sessions or _is_about_links(letter)) or not self._still_holds(letter):
            raise NothingToSay("skipped", "not-attending")
        start = subjects.start(sessions[0], conference.time_zone) if letter.kind in reminders.KINDS else None
        if start is not None and (reason := why_not_now(letter, start, conference.reminders, now)):
            raise NothingToSay("skipped", reason)
        visits = tuple(
            self._visit(one, places[one.id], programme.leads_to(one, conference, person.visibility)) for one in sessions
        )
        return Order(
            **self._begun(letter, conference, person, now, _kind(letter, visits)),
            visits=visits,
            overlaps=_overlaps(visits, conference.time_zone) if letter.kind in DIGESTS | {"confirmation"} else (),
            calendar=self._calendar(letter, in_force),
            changes=_changes(letter.changes) if letter.kind in {"invitation", "update"} else (),
            before=_before(letter, visits[0], conference, person.visibility) if letter.kind in _OLD_AND_NEW else None,
            page=self._page_address(letter.participant_id),
            mute=self._mute_address(letter.participant_id) if letter.kind in reminders.KINDS else None,
            offer=self._offer(letter.participant_id, places[sessions[0].id]) if letter.kind == "offer" else None,
            under_way=start is not None and letter.kind in reminders.BEFOREHAND and now >= start,
        )

    def _begun(
        self, letter: LetterRow, conference: Conference, person: Participant, now: datetime, kind: str
    ) -> _Begun:
        """A letter of this kind to this person, with nothing said yet."""
        return {
            "kind": cast("LetterKind", kind),
            "conference": conference,
            "person": _person(person, conference.language, conference.time_zone),
            "message_id": letter.message_id,
            "date": now,
            "sender": self.sender,
            "contact": conference.contact or self.toolbox.settings.reply_to,
        }

    def _check_wanted(self, letter: LetterRow, in_force: InForce) -> None:
        participant = self.people[letter.participant_id]
        wishes = self.suppressed.get(participant.id, set()) & ONLY_REMINDERS
        if wishes or participant.muted_at is not None:
            raise NothingToSay("skipped", "muted")
        if not reminders.is_on(letter.kind, in_force.conference.reminders):
            raise NothingToSay("skipped", "switched-off")
        if has_moved(letter, participant, in_force):
            raise NothingToSay("skipped", "moved")

    def _not_understood(self, letter: LetterRow, conference: Conference, person: Participant, now: datetime) -> Order:
        """Says what was wrong with one submission, and nothing of anything else that is known of this address: not even
        by what name. A discreet letter names no conference, and so gives no address of its registration either."""
        envelope = self.envelopes.get(letter.about)
        since = self.places.get(letter.participant_id, {}).values()
        dealt_with = envelope is None or envelope.state != "rejected" or envelope.set_aside_at is not None
        if envelope is None or dealt_with or _has_spoken_since(since, envelope):
            raise NothingToSay("skipped", "resolved")
        begun = self._begun(letter, conference, person, now, letter.kind)
        begun["person"] = replace(begun["person"], full_name="", title=None)
        return Order(
            **begun,
            visits=(),
            problems=tuple(dict.fromkeys(reason["code"] for reason in envelope.reasons)),
            registering=None if person.visibility == "discreet" else self._own_address("register", conference.id),
        )

    def _to_former_address(self, letter: LetterRow, in_force: InForce, person: Participant, now: datetime) -> Order:
        """Takes an entry out of the calendar that the address of before may have. Nobody knows who reads there: it says
        no name, and leads to no page."""
        planned = in_force.conference.session(letter.sessions[0])
        former = self.formers.get((letter.participant_id, letter.address_version or 0))
        if planned is None or former is None:
            raise NothingToSay("skipped", "not-attending")
        begun = self._begun(letter, in_force.conference, person, now, "withdrawal")
        address = addresses.former(former, self.toolbox.vault)
        begun["person"] = replace(begun["person"], address=address, full_name="", title=None)
        visit = Visit(session=planned, attendance="online", interpretation=None, join_link=None, link="none",
                      state="withdrawn")  # fmt: skip
        return Order(**begun, visits=(visit,), calendar=self._calendar(letter, in_force))

    def _visit(self, planned: ProgrammeSession, place: RegistrationRow, leads_to: LinkInLetters) -> Visit:
        """With a link only for who is registered."""
        link = _LINKS[place.link] if place.state == "registered" else "none"
        return Visit(
            session=planned,
            attendance=place.attendance,
            interpretation=place.interpretation,
            join_link=self._join_address(place, leads_to) if link == "present" else None,
            link=link,
            leads_to=leads_to,
            state=cast("State", place.state),
            why=cast("Why | None", place.reason),
        )

    def _offer(self, participant_id: str, place: RegistrationRow) -> Offer:
        """It is answered on the participant's own page."""
        assert place.offered_until is not None  # noqa: S101 - a constraint of the table says so
        return Offer(place.offered_until, self._page_address(participant_id))

    def _join_address(self, place: RegistrationRow, leads_to: LinkInLetters) -> str | None:
        """The same at each try: it follows from the registration and the version of its address."""
        if leads_to == "zoom":
            return registrations.join_link(place, self.toolbox.vault)
        return self._own_address("j", self.joining.of(place.id, place.join_version))

    def _mute_address(self, participant_id: str) -> str:
        return self._own_address("u", self.muting.of(participant_id))

    def _page_address(self, participant_id: str) -> str:
        """Worked out once for all letters of one person."""
        known = self.pages.get(participant_id)
        if known is None:
            token = self.own_pages.of(participant_id, self.people[participant_id].page_version)
            known = self.pages[participant_id] = self._own_address("r", token)
        return known

    def _still_holds(self, notice: LetterRow) -> bool:
        """Whether the calendar has said nothing else since, nor its owner."""
        registration = _declined(notice)
        return registration is None or registration in self.declined

    def _own_address(self, door: str, token: str) -> str:
        return f"{self.toolbox.settings.public_url.rstrip('/')}/{door}/{token}"

    def _calendar(self, letter: LetterRow, in_force: InForce) -> CalendarPart | None:
        if letter.method is None or letter.sequence is None or letter.dtstamp is None:
            return None
        return CalendarPart(
            method="CANCEL" if letter.method == "CANCEL" else "REQUEST",
            uid=self._uid(letter.conference, letter.sessions[0], in_force.calendar_domain),
            sequence=letter.sequence, dtstamp=letter.dtstamp,
        )  # fmt: skip

    def _uid(self, conference: str, session: str, domain: str) -> str:
        """Worked out once for all letters about one session."""
        known = self.uids.get((conference, session))
        if known is None:
            known = self.uids[conference, session] = entry_uid(self.toolbox.vault, conference, session, domain)
        return known


def _kind(letter: LetterRow, visits: Sequence[Visit]) -> str:
    """A letter's kind on the desk: some have several rooms there."""
    if letter.kind == "invitation" and visits[0].link == "follows":
        return "link-follows"
    return "declined" if _declined(letter) else letter.kind


def _is_about_links(letter: LetterRow) -> bool:
    """Whether somebody has asked for their links: that of the own page is one for whoever attends nothing."""
    return (letter.kind, letter.about) == ("notice", "links")


def _declined(letter: LetterRow) -> str | None:
    """The registration whose calendar has declined, where the letter is about that."""
    if letter.kind != "notice":
        return None
    what, _, registration = letter.about.partition(":")
    return registration if what == "declined" else None


def _person(person: Participant, language: str, time_zone: str) -> Person:
    return Person(
        participant_id=person.id,
        full_name=person.profile.full_name,
        address=person.address,
        title=person.profile.title,
        language=person.language or language,
        time_zone=person.time_zone or time_zone,
        visibility=person.visibility,
    )


def _before(letter: LetterRow, visit: Visit, conference: Conference, visibility: Visibility) -> Told | None:
    """What this person was last told of the one session."""
    if letter.before is None:
        return None
    before = Told.kept(letter.before)
    if visibility == "standard":
        return before
    return before.discreetly(Told.of(visit.session, conference, visit.attendance, visit.interpretation))


def _has_spoken_since(places: Iterable[RegistrationRow], envelope: EnvelopeRow) -> bool:
    """Whether something that came after the envelope was understood: a registration, or a withdrawal."""
    return any(one.machine_said > envelope.machine_received for one in places)


def _changes(noted: Sequence[str]) -> tuple[Change, ...]:
    """What an update has to explain: that the link is there, or has another address; whether anything else is different
    in the session; and what is in how its reader is written to, which is no news of the session. An address that
    changed before it was told is news only as the link that is there."""
    about_the_link: tuple[Change, ...] = ("link-arrived", "link-renewed")
    about_reader: tuple[Change, ...] = ("language", "time-zone", "visibility", "online-instead")
    link = tuple(one for one in about_the_link if one in noted)[:1]
    details: tuple[Change, ...] = ("details",) if set(noted) - {*about_the_link, *about_reader} else ()
    return (*link, *details, *(one for one in about_reader if one in noted))


def _overlaps(visits: Sequence[Visit], zone: str) -> tuple[tuple[Visit, Visit], ...]:
    """Of confirmed sessions alone: nothing is said of hours that may still change."""
    by_id = {visit.session.id: visit for visit in visits if programme.invitable(visit.session)}
    pairs = programme.overlaps([visit.session for visit in by_id.values()], zone)
    return tuple((by_id[pair.first.id], by_id[pair.second.id]) for pair in pairs if pair.certain)
