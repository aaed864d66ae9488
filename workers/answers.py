"""What calendars answer, noted for people to see. Nothing follows from it but one letter.

Anybody can forge an answer, and calendar programs decline by themselves: a registration is never withdrawn for one, and
reminders go on. Whoever has declined is asked, by letter, whether that is meant.
"""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog
from sqlalchemy.orm import Session

from adapters.database import answers, envelopes, letters, participants, programmes, registrations
from adapters.database.answers import Given
from adapters.database.programmes import InForce
from adapters.database.tables import AnswerRow, EnvelopeRow, ParticipantRow, RegistrationRow
from adapters.ids import entry_uid
from adapters.toolbox import Toolbox
from domain.answers.reading import read
from domain.answers.said import Answer, NotAnAnswer, Remark
from domain.registration import is_over
from schemas.draft import Draft

log = structlog.get_logger(__name__)

_KIND: Final = "notice"
_USEFUL_FOR: Final = timedelta(days=1)
_APART: Final = timedelta(days=1)

Known = dict[str, tuple[InForce, str]]
"""Conferences' programmes and sessions by the UIDs of their entries, in small letters."""


class _Came(NamedTuple):
    """When an answer came: by whichever clock is ahead, and by the machine's."""

    latest: datetime
    machine: datetime


def known_entries(toolbox: Toolbox, session: Session) -> Known:
    """All entries that calendars may have of us."""
    shelved = (toolbox.shelf.get(session, one) for one in programmes.ids(session))
    return {
        _uid(toolbox, in_force, one.id): (in_force, one.id)
        for in_force in shelved if in_force is not None for one in in_force.conference.sessions
    }  # fmt: skip


def _uid(toolbox: Toolbox, in_force: InForce, session_id: str) -> str:
    return entry_uid(toolbox.vault, in_force.conference.id, session_id, in_force.calendar_domain).casefold()


def take(toolbox: Toolbox, session: Session, envelope: EnvelopeRow) -> None:
    """Note what an answer says.

    Raises:
        NotAnAnswer: where it is none, or nobody is registered under the address of any attendee in it.
    """
    said = read(envelopes.opened(envelope, toolbox.vault).body)
    known = known_entries(toolbox, session)
    came = _Came(max(envelope.received_at, envelope.machine_received), envelope.machine_received)
    # In one order: who locks several participants must not wait for somebody who does so the other way round.
    ours = sorted((one for one in said if one.uid.casefold() in known), key=lambda one: one.addresses[0].casefold())
    taken = [_taken(toolbox, session, *known[one.uid.casefold()], one, came) for one in ours]
    if not any(taken):
        raise NotAnAnswer("not-of-a-registration", "Nobody is registered for such an entry under such an address.")


def _taken(toolbox: Toolbox, session: Session, in_force: InForce, session_id: str, answer: Answer, came: _Came) -> bool:
    """Whether it is somebody's who is known."""
    found = (participants.locked(session, toolbox.vault, in_force.conference.id, one) for one in answer.addresses)
    person = next(filter(None, found), None)
    place = registrations.of_participant(session, person.id).get(session_id) if person is not None else None
    if person is None or place is None:
        return False
    given = _given(answer, place, came.latest)
    if _has_no_say(given, answers.latest(session, [place.id]).get(place.id)):
        log.info("an answer that is older or known has no say", registration=place.id, state=given.partstat)
        return True
    answers.note(session, toolbox.vault, place.id, given, toolbox.clock.now(), came.machine)
    log.info("answered", registration=place.id, conference=place.conference, session=place.session,
             state=given.partstat)  # fmt: skip
    if place.id in answers.declined(session, [place.id]) and not answer.automatic:
        _ask(toolbox, session, in_force, person, place)
    return True


def _given(answer: Answer, place: RegistrationRow, came: datetime) -> Given:
    """Nobody can have answered an entry that was never sent, nor later than the answer came: whoever says so must not
    have the say for ever."""
    remark = None if answer.remark == Remark() else json.dumps(asdict(answer.remark), ensure_ascii=False)
    return Given(answer.partstat, min(answer.sequence, place.sequence), min(answer.dtstamp or came, came), remark)


def _has_no_say(given: Given, last: AnswerRow | None) -> bool:
    """By SEQUENCE, then by DTSTAMP (RFC 5546, 2.1.5); within one second the one that came later holds."""
    if last is None:
        return False
    this, before = (given.sequence, given.dtstamp), (last.sequence, last.dtstamp)
    return this < before or (this == before and given.partstat == last.partstat)


def _ask(toolbox: Toolbox, session: Session, in_force: InForce, person: ParticipantRow, place: RegistrationRow) -> None:
    """Write to somebody whose calendar has declined what they are registered for; once a day for each session."""
    now, conference = toolbox.clock.now(), in_force.conference
    planned = conference.session(place.session)
    if place.state != "registered" or planned is None or planned.cancelled or is_over(planned, conference, now):
        return
    about = f"declined:{place.id}"
    # No other worker can write one meanwhile: the participant is locked.
    before = [one for one in letters.of_participant(session, person.id, [_KIND]) if one.about == about]
    if before and now - before[-1].created_at < _APART:
        return
    draft = Draft(
        kind=_KIND, about=about, revision=before[-1].revision + 1 if before else 1, sessions=(place.session,),
        due_at=now, not_after=now + _USEFUL_FOR,
    )  # fmt: skip
    letters.add(session, person.id, conference.id, in_force.calendar_domain, draft, now, toolbox.clock.machine_now())
