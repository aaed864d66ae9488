"""Looking after a Zoom event: which one it is, what it says, and that Zoom's own mails are off."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from adapters.database import registrants, zoom_events
from adapters.database.tables import ZoomEventRow
from adapters.toolbox import Toolbox
from adapters.zoom.client import ZoomClient
from domain.conferencing.differences import Difference, differences
from domain.conferencing.matching import Match, find
from domain.registration import is_over, wants_link
from domain.times import session_period
from schemas.programme import Conference, LinkInLetters
from schemas.programme import Session as ProgrammeSession
from schemas.zoom import EventKind, ZoomEventDetails

log = structlog.get_logger(__name__)

NO_REGISTRATION: Final = 2
"""Zoom's approval_type of events for which nobody can register."""
LOOK_AGAIN: Final = timedelta(minutes=10)
"""How long an event that cannot be found or used is left alone."""


@dataclass(slots=True)
class Event:
    """A Zoom event during one turn. `planned` is None where the session is in no programme any more."""

    id: str
    account: str | None
    kind: EventKind
    number: int | None
    state: str
    tries: int
    conference: Conference | None
    planned: ProgrammeSession | None
    checked_at: datetime | None
    reconcile_at: datetime | None
    over: bool
    type: int
    approval_type: int

    @property
    def in_letters(self) -> bool:
        """Whether letters carry Zoom's own address."""
        if self.planned is None or self.conference is None:
            return False
        chosen: LinkInLetters = self.planned.link_in_letters or self.conference.link_in_letters
        return chosen == "zoom"


def opened(toolbox: Toolbox, session: Session, row: ZoomEventRow) -> Event:
    """The event of a row, with what the programme in force says of it."""
    in_force = toolbox.shelf.get(session, row.conference)
    planned = in_force.conference.session(row.session) if in_force else None
    over = in_force is None or planned is None or not wants_link(planned) or planned.cancelled or (
        is_over(planned, in_force.conference, toolbox.clock.now())
    )  # fmt: skip
    return Event(
        row.id, row.account, row.kind, row.number, row.state, row.tries, in_force.conference if in_force else None,
        planned, row.checked_at, row.reconcile_at, over, row.type, row.approval_type,
    )  # fmt: skip


def begins_today(toolbox: Toolbox, event: Event) -> bool:
    """Whether the session begins before the next midnight UTC, when Zoom's limits per day begin anew."""
    assert event.planned is not None and event.conference is not None  # noqa: S101, PT018 - it is not over
    start = session_period(event.planned, event.conference.time_zone).start
    return start.date() <= toolbox.clock.now().astimezone(UTC).date()


def client_for(toolbox: Toolbox, event: Event) -> ZoomClient | None:
    """Who speaks with Zoom about this event; None where nobody can."""
    return None if event.account is None else toolbox.zoom.client(event.account)


def leave_alone(toolbox: Toolbox, event: Event) -> None:
    """Nothing can be asked: the event is over, or the programme or the settings name nobody to ask."""
    with toolbox.database.write() as session:
        if event.over:
            registrants.give_up(session, event.id)
            _row(session, event).checked_at = toolbox.clock.now()
            _row(session, event).reconcile_at = None
            return
        stop(toolbox, session, event, "no-zoom-event" if event.account is None else "zoom-account-not-configured")


def is_due(toolbox: Toolbox, event: Event) -> bool:
    """Whether the event must be read before anything else is said about it."""
    due = event.reconcile_at is not None and event.reconcile_at <= toolbox.clock.now()
    return event.checked_at is None or event.state != "ready" or due


def look_after(toolbox: Toolbox, client: ZoomClient, event: Event) -> None:
    """Find the event, read it, switch Zoom's own mails off, read that back, and note in what it differs.

    Raises:
        ZoomRefused: where Zoom does not answer as it should.
    """
    if event.number is None and not _find(toolbox, client, event):
        return
    assert event.number is not None and event.planned is not None and event.conference is not None  # noqa: S101, PT018 - found, and not over
    details = client.event(event.kind, event.number)
    if any(one.code == "mails-on" for one in _differences(event, details)):
        client.switch_mails_off(details.kind, event.number)
        details = client.event(details.kind, event.number)
    event.kind, event.type, event.approval_type = details.kind, details.type, details.settings.approval_type
    found = _differences(event, details)
    with toolbox.database.write() as session:
        row = _row(session, event)
        noted = [asdict(one) for one in found]
        if noted != row.differences:
            for one in found:
                tell = log.error if one.severity == "alarm" else log.info
                tell("a Zoom event differs from the programme", conference=row.conference, session=row.session,
                     reason=one.code)  # fmt: skip
        row.differences, row.kind, row.number = noted, details.kind, event.number
        row.type, row.approval_type = event.type, event.approval_type
        row.checked_at = toolbox.clock.now()
        if row.reconcile_at is None:
            # Found for the first time: whoever has registered at Zoom before comes in at once.
            row.reconcile_at = event.reconcile_at = toolbox.clock.now()
        if event.approval_type == NO_REGISTRATION:
            stop(toolbox, session, event, "zoom-registration-not-enabled")
            return
        row.state, row.reason, row.tracking_id, row.tries, row.machine_try_after = "ready", None, None, 0, None
        event.state = "ready"


def went_well(toolbox: Toolbox, event: Event) -> None:
    """Zoom has answered as it should: what was counted against the event is forgotten."""
    if event.tries and event.state == "ready":
        with toolbox.database.write() as session:
            row = _row(session, event)
            row.tries, row.reason, row.tracking_id, row.machine_try_after = 0, None, None, None


def stop(toolbox: Toolbox, session: Session, event: Event, reason: str, tracking_id: str | None = None) -> None:
    """Nobody can be added now, and a person must see to it. It is looked at again in ten minutes."""
    row = _row(session, event)
    if (row.state, row.reason) != ("stopped", reason):
        log.error("a Zoom event cannot be used", conference=row.conference, session=row.session,
                  account=row.account, reason=reason, tracking_id=tracking_id)  # fmt: skip
    row.state, row.reason, row.tracking_id = "stopped", reason, tracking_id
    row.machine_try_after = toolbox.clock.machine_now() + LOOK_AGAIN
    row.checked_at = row.checked_at or toolbox.clock.now()
    event.state = "stopped"


def _differences(event: Event, details: ZoomEventDetails) -> tuple[Difference, ...]:
    assert event.planned is not None and event.conference is not None  # noqa: S101, PT018 - it is not over
    named = event.planned.zoom is not None and event.planned.zoom.event is not None
    return differences(event.planned, event.conference, details, number_in_programme=named)


def _find(toolbox: Toolbox, client: ZoomClient, event: Event) -> bool:
    """Find the number by the registration address, or else by title and time. All unknown events of the account are
    looked for with the one listing."""
    assert event.account is not None  # noqa: S101 - there is a client for it
    listed = tuple(client.events())
    with toolbox.database.write() as session:
        for row in zoom_events.of_account(session, event.account):
            if row.number is None:
                _match(toolbox, session, row, listed)
        row = _row(session, event)
        event.number, event.kind = row.number, row.kind
        if row.number is None:
            stop(toolbox, session, event, row.reason or "zoom-event-not-found")
    return event.number is not None


def _match(toolbox: Toolbox, session: Session, row: ZoomEventRow, listed: tuple[ZoomEventDetails, ...]) -> None:
    one = opened(toolbox, session, row)
    if one.planned is None or one.conference is None:
        return
    found = find(one.planned, one.conference.time_zone, listed)
    if isinstance(found, Match):
        row.number, row.kind, row.found_by = found.event.id, found.event.kind, found.found_by
    else:
        row.reason = "zoom-event-not-found" if found is None else "zoom-event-ambiguous"


def _row(session: Session, event: Event) -> ZoomEventRow:
    row = session.get(ZoomEventRow, event.id)
    assert row is not None, "events are never deleted"  # noqa: S101
    return row
