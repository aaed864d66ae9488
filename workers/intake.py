"""Intake: a recorded envelope is opened, read by its source's reader, and accepted or rejected with reasons.

What cannot be accepted is kept, sealed, with its reasons, and can be replayed. One bad envelope never stops its
neighbours.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import structlog
from celery import Task
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy.orm import Session

from adapters import causes
from adapters.database import envelopes
from adapters.database.engine import DatabaseUnavailable
from adapters.database.envelopes import MAIL_SOURCES
from adapters.database.programmes import InForce
from adapters.database.tables import EnvelopeRow
from adapters.toolbox import Toolbox
from domain.answers.said import NotAnAnswer
from domain.bounces.said import NotAReport
from domain.registration import Refused
from domain.sources import NotUnderstood, reader
from domain.sources.understanding import Submission
from schemas.programme import Conference
from schemas.registration import (
    LinksRequested,
    OfferAccepted,
    OfferDeclined,
    Reason,
    RegistrationPreferences,
    RegistrationSubmitted,
    RegistrationWithdrawn,
)
from workers import answers, bounces, links, misunderstood, notifications, offers, preferences, registration
from workers.admission import hold
from workers.app import OBTAIN_LINKS, OPEN_ENVELOPE, app, enqueue, enqueue_all, paused, tools
from workers.conferencing import stage

log = structlog.get_logger(__name__)

LATEST = timedelta(days=7)
"""Longer than any provider goes on repeating."""

MOST_OLDER = 50
"""So many are opened for the sake of a younger one that must wait for them."""

MOST_TURNS = 4
"""So often an envelope is tried that must wait for older ones, before it is left to the sweep."""

MOST_ATTEMPTS = 5
"""After so many errors of ours an envelope is set aside as failed, for a person to look at and replay."""


@app.task(name=OPEN_ENVELOPE, bind=True)
def open_envelope(self: "Task[..., None]", *envelope_ids: str) -> None:
    """Open envelopes, each by itself. May run twice: the second finds them settled."""
    toolbox = tools()
    if (self.request.delivery_info or {}).get("redelivered"):
        # The child process that had it died. Perhaps of an envelope: that too is counted, and not for ever.
        if len(envelope_ids) > 1:
            enqueue_all(OPEN_ENVELOPE, [(one,) for one in envelope_ids])  # apart, to find out of which
            return
        _count(toolbox, envelope_ids[0])
    for envelope_id in envelope_ids:
        open_in_turn(toolbox, envelope_id, alone=len(envelope_ids) == 1)


def open_in_turn(toolbox: Toolbox, envelope_id: str, *, alone: bool = True) -> None:
    """Open one envelope, and before it those that it must wait for. `alone`: all the time is for this one."""
    for _ in range(MOST_TURNS):
        if _opened(toolbox, envelope_id, alone=alone):
            break
        _open_older(toolbox, envelope_id)


def _open_older(toolbox: Toolbox, envelope_id: str) -> None:
    """Left to the sweep, a row of withdrawals would move on by one with each. What another worker has at hand is waited
    for: it may be about the same places."""
    with toolbox.database.read() as session:
        older = envelopes.older_waiting(session, envelope_id, MOST_OLDER)
    for one in older:
        _opened(toolbox, one, wait=True)


def _opened(toolbox: Toolbox, envelope_id: str, *, alone: bool = False, wait: bool = False) -> bool:
    """Whether it could be opened now; False where older ones must be first. `alone`: all the time was for this one.
    `wait`: for another worker, who may have it at hand."""
    with causes.going_back_to(envelope_id):
        return _judged(toolbox, envelope_id, alone=alone, wait=wait)


def _judged(toolbox: Toolbox, envelope_id: str, *, alone: bool, wait: bool) -> bool:
    try:
        participant_id = _judge(toolbox, envelope_id, wait=wait)
    except _OlderWait:
        return False
    except DatabaseUnavailable:
        raise  # nothing is known to be wrong with the envelope; the sweep hands it over again
    except SoftTimeLimitExceeded:
        # The others had their part of the time. The sweep hands each over alone; then it is known which takes too long.
        if alone:
            _count(toolbox, envelope_id)
        raise
    except Exception:
        log.exception("an envelope could not be judged", envelope=envelope_id)
        _count(toolbox, envelope_id)
        return True
    if participant_id is None:
        return True
    if alone and "conferencing" not in paused(toolbox):
        stage.obtain(toolbox, participant_id)
    else:
        enqueue(OBTAIN_LINKS, participant_id)
    return True


def _count(toolbox: Toolbox, envelope_id: str) -> None:
    with toolbox.database.write() as session:
        state = envelopes.count_attempt(session, envelope_id, MOST_ATTEMPTS, toolbox.clock.now())
    log.warning("an envelope was tried in vain", envelope=envelope_id, state=state)


def judge(toolbox: Toolbox, envelope_id: str) -> str | None:
    """Accept or reject one envelope in one transaction; the participant's id where there is something to tell. One that
    must wait for an older one is left as it is."""
    try:
        return _judge(toolbox, envelope_id)
    except _OlderWait:
        return None


def _judge(toolbox: Toolbox, envelope_id: str, *, wait: bool = False) -> str | None:
    with toolbox.database.write() as session:
        row = envelopes.take(session, envelope_id, wait=wait)
        if row is None:
            return None
        try:
            with session.begin_nested():  # what is refused in the end leaves nothing behind
                participant_id = _accept(toolbox, session, row)
        except (NotUnderstood, Refused, NotAReport, NotAnAnswer) as refusal:
            return _reject(toolbox, session, row, refusal.reasons)
        envelopes.settle(row, "accepted", toolbox.clock.now(), participant_id=participant_id)
        log.info("accepted", envelope=row.id, participant=participant_id, source=row.source)
        return participant_id


class _OlderWait(Exception):
    """Envelopes that came before this one must be judged first."""


def _accept(toolbox: Toolbox, session: Session, row: EnvelopeRow) -> str | None:
    """The id of the participant who has something to be told, if anybody has."""
    if row.source in misunderstood.FROM_ZOOM:
        return notifications.take(toolbox, session, row)
    if row.source in MAIL_SOURCES:
        (answers if row.source == "answer" else bounces).take(toolbox, session, row)
        return None
    in_force = toolbox.shelf.get(session, row.conference, hold=True)
    if in_force is None:
        raise Refused(Reason(field="conference", code="unknown-conference", message="There is no such conference."))
    envelope = envelopes.opened(row, toolbox.vault)
    said = reader(row.source).read(envelope.body, envelope.content_type, in_force.conference)
    _await_turn(session, row, in_force.conference, said)
    return _done(toolbox, session, in_force, row, said)


def _await_turn(session: Session, row: EnvelopeRow, conference: Conference, said: Submission) -> None:
    """What is withdrawn from may be in an older envelope; and places that are counted are given in the order in which
    they were asked for, whichever worker has which. They stay locked until the transaction ends.

    Raises:
        _OlderWait: where older ones wait to be judged.
    """
    asked: Iterable[str] | Literal["all"] = ()
    if isinstance(said, RegistrationSubmitted):
        asked = said.data.sessions
    elif isinstance(said, RegistrationPreferences):
        asked = [one.session for one in said.data.places]
    has_order = hold(session, conference, asked) or isinstance(said, RegistrationWithdrawn)
    if has_order and envelopes.older_waiting(session, row.id, 1):
        raise _OlderWait


def _done(toolbox: Toolbox, session: Session, in_force: InForce, row: EnvelopeRow, said: Submission) -> str | None:
    """The id of the participant who has something to be told, if anybody has."""
    match said:
        case RegistrationWithdrawn():
            return registration.withdraw(toolbox, session, in_force, said.data, row.machine_received)
        case LinksRequested():
            return links.send_again(toolbox, session, in_force, said.data)
        case RegistrationPreferences():
            return preferences.change(toolbox, session, in_force, said.data, row.machine_received)
        case OfferAccepted():
            return offers.accept(toolbox, session, in_force, said.data)
        case OfferDeclined():
            return offers.decline(toolbox, session, in_force, said.data)
        case RegistrationSubmitted():
            return registration.register(toolbox, session, in_force, said.data, _said_at(row, said))


def _said_at(row: EnvelopeRow, said: RegistrationSubmitted) -> datetime:
    """When a form was filled in, by its provider's word, or else when it came: providers repeat for hours what they
    could not deliver, and an older answer must not undo a newer one."""
    came, given = row.machine_received, said.submitted_at
    return given if given is not None and came - LATEST <= given <= came else came


def _reject(toolbox: Toolbox, session: Session, row: EnvelopeRow, reasons: tuple[Reason, ...]) -> str | None:
    """The id of the participant who has something to be told all the same, if anybody has."""
    envelopes.settle(row, "rejected", toolbox.clock.now(), reasons=reasons)
    outcome = misunderstood.tell(toolbox, session, row, reasons)
    log.info("rejected", envelope=row.id, source=row.source, reason=",".join(sorted({one.code for one in reasons})))
    return outcome.to_tell
