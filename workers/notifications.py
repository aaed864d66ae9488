"""Zoom's event notifications: what somebody did at Zoom is done here too.

In the transaction that settles the envelope. Each may come twice, late, out of order, or not at all (see
`conferencing.reconciliation`), and our own additions come back as notifications: so each is compared with what is
here, and an older one has no say against a newer.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from adapters.database import envelopes, participants, registrants, registrations, zoom_events
from adapters.database.programmes import InForce
from adapters.database.tables import EnvelopeRow, ParticipantRow, RegistrantRow, RegistrationRow, ZoomEventRow
from adapters.toolbox import Toolbox
from domain.conferencing.matching import leads_to_zoom
from domain.conferencing.notifications import (
    AttendanceNotification,
    Deauthorized,
    EventChanged,
    EventDeleted,
    EventEnded,
    EventStarted,
    Notification,
    OfEvent,
    RegistrantNotification,
    read,
    registration_data,
)
from domain.programme import has_zoom_link
from domain.registration import Refused
from schemas.registration import Reason
from schemas.zoom import ZoomRegistrant
from workers import registration
from workers.admission import hold, is_limited
from workers.approval import approve_locked
from workers.conferencing.events import is_doubtful
from workers.decided import Whose

log = structlog.get_logger(__name__)


BY_HOST: Final = 1
"""Zoom's approval_type of events whose registrants a host approves."""

LATE: Final = timedelta(hours=2)
"""Zoom gives a notification up after 85 minutes."""


def take(toolbox: Toolbox, session: Session, envelope: EnvelopeRow) -> str | None:
    """Do what a notification says; the id of the participant who has something new to be told.

    What it said is not kept: it may be about strangers, and what was of use is in our rows.

    Raises:
        NotUnderstood: where it cannot be read.
        Refused: where somebody registered at Zoom for what cannot be registered for. Nothing of it is done.
    """
    said = read(envelopes.opened(envelope, toolbox.vault).body)
    told = _done(toolbox, session, envelope, said)
    envelope.sealed_body = b""
    return told


def _done(toolbox: Toolbox, session: Session, envelope: EnvelopeRow, said: Notification) -> str | None:
    account = envelope.conference
    if isinstance(said, Deauthorized):
        _deauthorized(session, account)
        return None
    rows = zoom_events.of_number(session, account, said.number) if isinstance(said, OfEvent) else []
    if not rows and isinstance(said, EventChanged):
        _look_again(session, account)  # it may be the one that was not to be found
    told: list[str | None] = []
    refused: list[Refused] = []
    for row in rows:
        try:
            with session.begin_nested():
                told.append(_of_event(toolbox, session, envelope, said, row))
        except Refused as refusal:
            refused.append(refusal)
    # One Zoom event can serve several sessions, of which some are over.
    if refused and not told:
        raise refused[0]
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
            zoom_events.notified(row)
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
        if not self._is_seen and row.said_at is not None and self._said.at < row.said_at:
            return None
        row.said_at = self._said.at
        if self._said.registrant.status == "approved":
            return self._approved(row)
        if self._said.registrant.status == "denied":
            return self._denied(row)
        if row.status != "approved":
            row.status = "pending"  # where they are ours, the next list tells more
        return self._let_in(row) if row.registration_id is None and self._is_limited else None

    @property
    def _is_limited(self) -> bool:
        """Whether not everybody is let in: then whoever registered at Zoom is judged here too, before Zoom's host has
        approved them."""
        planned = self._in_force.conference.session(self._event.session)
        return planned is not None and is_limited(planned, self._in_force.conference)

    @property
    def _is_seen(self) -> bool:
        """Whether this was just seen on Zoom's list, rather than told."""
        return self._envelope.source != "zoom"

    @property
    def _rank(self) -> datetime:
        """When this was said, in the machine's time, to be weighed against what the person has said since: by Zoom's
        time where that can be meant, for a notification can be an hour late; else when it came."""
        came = self._envelope.machine_received
        return self._said.at if came - LATE <= self._said.at <= came else came

    def _lock(self) -> None:
        """Places first, then the participant, as everybody does who changes registrations: so that nobody waits for
        each other."""
        vault, said = self._toolbox.vault, self._said.registrant
        hold(self._session, self._in_force.conference, (self._event.session,))
        row = registrants.found(self._session, vault, self._event.id, said)
        if row is not None and row.registration_id is not None:
            place = self._session.get(RegistrationRow, row.registration_id)
            if place is not None:
                self._session.get(ParticipantRow, place.participant_id, with_for_update=True)
                registrations.of_participant(self._session, place.participant_id, lock=True)
        else:
            participants.locked(self._session, vault, self._in_force.conference.id, said.email)

    def _approved(self, row: RegistrantRow) -> str | None:
        participant = None
        if row.registration_id is None or self._is_let_in_again(row):
            participant = self._let_in(row)
        if participant is not None and self._has_no_place(participant):
            # Zoom has let them in before they have a place here: that is taken back until they have.
            row.status, row.desired = "approved", "cancelled"
            return participant
        if row.registration_id is None:
            row.status, row.desired = "approved", "none"  # here under another address, an alias of theirs
            return None
        known = row.status == "approved"
        registrants.note(
            self._session, self._toolbox.vault, row, self._trusted(), self._toolbox.clock.now(),
            in_letters=_in_letters(self._in_force, self._event),
        )  # fmt: skip
        place = self._session.get(RegistrationRow, row.registration_id)
        return None if known or place is None else place.participant_id  # what comes back to us is news to nobody

    def _is_let_in_again(self, row: RegistrantRow) -> bool:
        """Whether Zoom's side has taken back what Zoom's side had done. Who has withdrawn here is not brought back by a
        late echo of what was before."""
        place = self._session.get_one(RegistrationRow, row.registration_id)
        return place.state != "registered" and row.denied_by in {"host", "zoom"}

    def _has_no_place(self, participant: str) -> bool:
        """Whether somebody whom Zoom has approved is not registered here. Where Zoom approves by a host's hand, that is
        the approval that they have been waiting for."""
        places = registrations.of_participant(self._session, participant)
        place = places.get(self._event.session)
        planned = self._in_force.conference.session(self._event.session)
        if place is None or planned is None:
            return False
        if place.state == "pending" and self._event.approval_type == BY_HOST:
            person = self._session.get_one(ParticipantRow, participant)
            whose = Whose(self._in_force, person, places)
            approve_locked(self._toolbox, self._session, whose, place, planned, "zoom-host")
        return place.state != "registered"

    def _let_in(self, row: RegistrantRow) -> str:
        """Somebody who is registered at Zoom and not here: by Zoom's page, or by the host's hand. The participant."""
        if is_doubtful(self._event) and not self._is_seen:
            message = "The programme's number leads to another Zoom event than its registration address."
            raise Refused(Reason(field="event", code="zoom-event-in-doubt", message=message))
        if row.registration_id is not None:
            place = self._session.get_one(RegistrationRow, row.registration_id)
            registration.come_back(self._toolbox, self._session, self._in_force, place, self._rank)
            return place.participant_id
        data = registration_data(self._said, self._event.session)
        participant = registration.register(
            self._toolbox, self._session, self._in_force, data, self._rank, from_zoom=True
        )  # fmt: skip
        self._session.flush()
        return participant

    def _trusted(self) -> ZoomRegistrant:
        """With its link only where that leads to Zoom. Whoever knows the webhook's secret could name any other; then
        the link is fetched from Zoom itself."""
        said = self._said.registrant
        account = self._toolbox.zoom.account(self._envelope.conference)
        hosts = () if account is None else (account.api_url, account.oauth_url)
        if said.join_url is None or leads_to_zoom(said.join_url, hosts):
            return said
        log.warning("a notification of Zoom's had a link that does not lead there", account=self._envelope.conference)
        return said.model_copy(update={"join_url": None})

    def _denied(self, row: RegistrantRow) -> str | None:
        own = row.desired == "cancelled"
        if not own and row.was_cancelled and not self._is_seen:
            # Perhaps the late echo of our own cancellation of somebody who has come back: the list tells.
            self._event.reconcile_at = self._toolbox.clock.now()
            return None
        by: registrants.DeniedBy = "here" if own else "host" if self._said.what == "denied" else "zoom"
        place = self._session.get(RegistrationRow, row.registration_id) if row.registration_id else None
        if place is not None and not own and place.state == "registered":
            registration.withdraw_place(self._toolbox, self._session, self._in_force, place, self._rank)
        registrants.denied(row, None if own and row.denied_by else by)
        return None if place is None or own or place.state == "registered" else place.participant_id


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
            zoom_events.notified(row)


def _deauthorized(session: Session, account: str) -> None:
    for row in zoom_events.of_account(session, account):
        row.state, row.reason, row.checked_at = "stopped", "zoom-app-deauthorized", None
    log.error("Zoom says that our app is no longer allowed", account=account)


def _in_letters(in_force: InForce, event: ZoomEventRow) -> bool:
    planned = in_force.conference.session(event.session)
    return planned is not None and has_zoom_link(planned, in_force.conference)
