"""Zoom's event notifications: what somebody did at Zoom is done here too.

In the transaction that settles the envelope. Each may come twice, late, out of order, or not at all (see
`conferencing.reconciliation`), and our own additions come back as notifications: so each is compared with what is
here, and an older one has no say against a newer.
"""

import structlog
from sqlalchemy.orm import Session

from adapters.database import envelopes, participants, registrants, registrations, zoom_events
from adapters.database.programmes import InForce
from adapters.database.tables import EnvelopeRow, ParticipantRow, RegistrantRow, RegistrationRow, ZoomEventRow
from adapters.toolbox import Toolbox
from domain.conferencing.notifications import (
    AttendanceNotification,
    Deauthorized,
    EventChanged,
    EventDeleted,
    EventEnded,
    EventStarted,
    Notification,
    RegistrantNotification,
    read,
    registration_data,
)
from workers import registration

log = structlog.get_logger(__name__)


def take(toolbox: Toolbox, session: Session, envelope: EnvelopeRow) -> str | None:
    """Do what a notification says; the id of the participant who has something new to be told.

    What is no business of any session of ours is not kept: it may be about strangers.

    Raises:
        NotUnderstood: where it cannot be read.
        Refused: where somebody registered at Zoom for what cannot be registered for.
    """
    said = read(envelopes.opened(envelope, toolbox.vault).body)
    account = envelope.conference
    if isinstance(said, Deauthorized):
        _deauthorized(session, account)
        return None
    number = getattr(said, "number", None)
    rows = [] if number is None else zoom_events.of_number(session, account, number)
    if not rows:
        if isinstance(said, EventChanged):
            _look_again(session, account)  # it may be the one that was not to be found
        envelope.sealed_body = b""
        return None
    told = [_of_event(toolbox, session, envelope, said, row) for row in rows]
    return next((one for one in told if one is not None), None)


def _of_event(
    toolbox: Toolbox, session: Session, envelope: EnvelopeRow, said: Notification, row: ZoomEventRow
) -> str | None:
    in_force = toolbox.shelf.get(session, row.conference, hold=True)
    if in_force is None:
        return None
    match said:
        case RegistrantNotification():
            return _Registrant(toolbox, session, envelope, said, row, in_force).take()
        case AttendanceNotification():
            _attended(session, said, row, in_force)
        case EventStarted(practice=False):
            row.started_at = said.at
        case EventEnded(practice=False):
            row.ended_at = said.at
        case EventDeleted() | EventChanged():
            # Deleted may be one date of a series. Reading it again tells; so it does what has changed.
            row.checked_at, row.machine_try_after = None, None
        case _:
            pass
    return None


class _Registrant:
    """Somebody was registered, approved, refused or cancelled at Zoom."""

    def __init__(
        self, toolbox: Toolbox, session: Session, envelope: EnvelopeRow, said: RegistrantNotification,
        event: ZoomEventRow, in_force: InForce,
    ) -> None:  # fmt: skip
        self._toolbox, self._session, self._envelope = toolbox, session, envelope
        self._said, self._event, self._in_force = said, event, in_force

    def take(self) -> str | None:
        """The participant who has something new to be told, or None."""
        self._lock()
        row = registrants.named_by_zoom(
            self._session, self._toolbox.vault, self._event.id, self._said.registrant, self._toolbox.clock.now()
        )
        if row.said_at is not None and self._said.at < row.said_at:
            return None
        row.said_at = self._said.at
        if self._said.registrant.status == "approved":
            return self._approved(row)
        if self._said.registrant.status == "denied":
            return self._denied(row)
        if row.status != "approved":
            row.status = "pending"  # where they are ours, the next list tells more
        return None

    def _lock(self) -> None:
        """The participant first, as everybody does who changes registrations: so that nobody waits for each other."""
        vault, said = self._toolbox.vault, self._said.registrant
        row = registrants.found(self._session, vault, self._event.id, said)
        if row is not None and row.registration_id is not None:
            place = self._session.get(RegistrationRow, row.registration_id)
            if place is not None:
                self._session.get(ParticipantRow, place.participant_id, with_for_update=True)
                registrations.of_participant(self._session, place.participant_id, lock=True)
        else:
            participants.locked(self._session, vault, self._in_force.conference.id, said.email)

    def _approved(self, row: RegistrantRow) -> str | None:
        if row.registration_id is None:
            data = registration_data(self._said, self._event.session)
            registration.register(self._toolbox, self._session, self._in_force, data, self._envelope.machine_received)
            self._session.flush()
        if row.registration_id is None:
            row.status, row.desired = "approved", "none"  # here under another address, an alias of theirs
            return None
        known = row.status == "approved"
        registrants.note(
            self._session, self._toolbox.vault, row, self._said.registrant, self._toolbox.clock.now(),
            in_letters=_in_letters(self._in_force, self._event),
        )  # fmt: skip
        place = self._session.get(RegistrationRow, row.registration_id)
        return None if known or place is None else place.participant_id  # what comes back to us is news to nobody

    def _denied(self, row: RegistrantRow) -> str | None:
        own = row.desired == "cancelled"
        registrants.denied(row, "here" if own else "host" if self._said.what == "denied" else "zoom")
        place = self._session.get(RegistrationRow, row.registration_id) if row.registration_id else None
        if place is None or own or place.state != "registered":
            return None
        registration.withdraw_place(
            self._toolbox, self._session, self._in_force, place, self._envelope.machine_received
        )
        return place.participant_id


def _attended(session: Session, said: AttendanceNotification, event: ZoomEventRow, in_force: InForce) -> None:
    """By the registrant's id only, and only where the programme says that attendance is kept."""
    planned = in_force.conference.session(event.session)
    wanted = planned is not None and planned.zoom is not None and planned.zoom.record_attendance
    if not wanted or said.registrant_id is None:
        return
    row = registrants.of_zoom_id(session, event.id, said.registrant_id)
    if row is not None:
        (registrants.joined if said.what == "joined" else registrants.left)(session, row, said.at)


def _look_again(session: Session, account: str) -> None:
    for row in zoom_events.of_account(session, account):
        if row.number is None:
            row.checked_at, row.machine_try_after = None, None


def _deauthorized(session: Session, account: str) -> None:
    for row in zoom_events.of_account(session, account):
        row.state, row.reason, row.checked_at = "stopped", "zoom-app-deauthorized", None
    log.error("Zoom says that our app is no longer allowed", account=account)


def _in_letters(in_force: InForce, event: ZoomEventRow) -> bool:
    planned = in_force.conference.session(event.session)
    return planned is not None and (planned.link_in_letters or in_force.conference.link_in_letters) == "zoom"
