"""Looking after a Zoom event: which one it is, what it says, and that Zoom's own mails are off."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from adapters.database import registrants, zoom_events
from adapters.database.tables import ZoomEventRow
from adapters.toolbox import Toolbox
from adapters.zoom.client import ZoomClient, ZoomRefused
from domain.conferencing.differences import (
    Difference,
    custom_languages_missing,
    differences,
    languages_lacking,
    mails_were_on,
    questions_required,
)
from domain.conferencing.matching import Match, find, registration_token
from domain.conferencing.nights import next_look
from domain.programme import has_zoom_link
from domain.registration import is_over, wants_link
from domain.times import session_period
from schemas.programme import Conference
from schemas.programme import Session as ProgrammeSession
from schemas.zoom import EventKind, ZoomEventDetails

log = structlog.get_logger(__name__)

NO_REGISTRATION: Final = 2
"""Zoom's approval_type of events for which nobody can register."""
SHOWN_FOR: Final = timedelta(days=1)
SWITCH_AGAIN: Final = timedelta(hours=1)
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
    notified: int
    silenced: datetime | None
    known_differences: frozenset[str]

    @property
    def in_letters(self) -> bool:
        """Whether letters carry Zoom's own address."""
        if self.planned is None or self.conference is None:
            return False
        return has_zoom_link(self.planned, self.conference)


def opened(toolbox: Toolbox, session: Session, row: ZoomEventRow) -> Event:
    """The event of a row, with what the programme in force says of it."""
    in_force = toolbox.shelf.get(session, row.conference)
    planned = in_force.conference.session(row.session) if in_force else None
    over = in_force is None or planned is None or not wants_link(planned) or planned.cancelled or (
        is_over(planned, in_force.conference, toolbox.clock.now())
    )  # fmt: skip
    return Event(
        row.id, row.account, row.kind, row.number, row.state, row.tries, in_force.conference if in_force else None,
        planned, row.checked_at, row.reconcile_at, over, row.type, row.approval_type, row.notified,
        row.machine_silenced, frozenset(one["code"] for one in row.differences),
    )  # fmt: skip


def begins_today(toolbox: Toolbox, event: Event) -> bool:
    """Whether the session begins before the next midnight UTC, when Zoom's limits per day begin anew."""
    assert event.planned is not None and event.conference is not None  # noqa: S101, PT018 - it is not over
    start = session_period(event.planned, event.conference.time_zone).start
    return start.date() <= toolbox.clock.now().astimezone(UTC).date()


def in_doubt(toolbox: Toolbox, event: Event) -> bool:
    """Whether the number in the programme may be that of another event: then nobody is let in because Zoom names
    them."""
    with toolbox.database.read() as session:
        row = _row(session, event)
        return is_doubtful(row)


def is_doubtful(row: ZoomEventRow) -> bool:
    """Whether a number that a person has written down leads to an event with another registration address, or with
    another title at another time."""
    codes = {one["code"] for one in row.differences}
    return row.found_by == "programme" and ("registration-address" in codes or {"time", "title"} <= codes)


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
    return event.checked_at is None or event.state != "ready" or is_to_be_compared(toolbox, event)


def is_to_be_compared(toolbox: Toolbox, event: Event) -> bool:
    """Whether it is time to compare Zoom's registrants with ours."""
    return event.reconcile_at is not None and event.reconcile_at <= toolbox.clock.now()


def next_comparison(toolbox: Toolbox, event: Event) -> datetime:
    """Tonight; on the day itself also before the session begins: whoever has registered at Zoom while our door was away
    is to come in all the same."""
    assert event.planned is not None and event.conference is not None  # noqa: S101, PT018 - it is not over
    zone, now = event.conference.time_zone, toolbox.clock.now()
    return next_look(now, zone, session_period(event.planned, zone).start)


def look_after(toolbox: Toolbox, client: ZoomClient, event: Event) -> None:
    """Find the event, read it, switch Zoom's own mails off, read that back, and note in what it differs.

    Raises:
        ZoomRefused: where Zoom does not answer as it should.
    """
    if event.number is None and not _find(toolbox, client, event):
        return
    assert event.number is not None  # noqa: S101 - just found
    details = client.event(event.kind, event.number)
    known = event.checked_at is not None or event.silenced is not None
    switched = any(one.code == "mails-on" for one in _differences(event, details)) and _may_switch(toolbox, event)
    if switched:
        client.switch_mails_off(details.kind, event.number)
        details = client.event(details.kind, event.number)
    event.kind, event.type, event.approval_type = details.kind, details.type, details.settings.approval_type
    found = [*_differences(event, details), *_particulars(client, event, details)]
    if (switched and known) or _was_drift(toolbox, event):
        found.append(mails_were_on())
    _keep(toolbox, event, found, switched=switched)


def _keep(toolbox: Toolbox, event: Event, found: Sequence[Difference], *, switched: bool) -> None:
    with toolbox.database.write() as session:
        row = _row(session, event, lock=True)
        if (row.account, row.number or event.number) != (event.account, event.number):
            event.state = "unknown"
            return  # the programme has named another event meanwhile
        noted = [asdict(one) for one in found]
        if noted != row.differences:
            _tell(row, found)
        row.differences, row.kind, row.number = noted, event.kind, event.number
        row.type, row.approval_type = event.type, event.approval_type
        if row.notified == event.notified:
            row.checked_at = toolbox.clock.now()  # else it has changed again while it was read
        if switched:
            row.machine_silenced = toolbox.clock.machine_now()
        if row.reconcile_at is None:
            # Found for the first time: whoever has registered at Zoom before comes in at once.
            row.reconcile_at = event.reconcile_at = toolbox.clock.now()
        if event.approval_type == NO_REGISTRATION:
            stop(toolbox, session, event, "zoom-registration-not-enabled")
            return
        row.state, row.reason, row.tracking_id, row.machine_try_after = "ready", None, None, None
        event.state = "ready"


def _tell(row: ZoomEventRow, found: Sequence[Difference]) -> None:
    for one in found:
        tell = log.error if one.severity == "alarm" else log.info
        tell("a Zoom event differs from the programme", conference=row.conference, session=row.session,
             reason=one.code)  # fmt: skip


def _may_switch(toolbox: Toolbox, event: Event) -> bool:
    """Where it has helped before. Zoom drops without a word what the portal does not allow, and takes a hundred changes
    a day."""
    return (
        "mails-on" not in event.known_differences
        or event.silenced is None
        or toolbox.clock.machine_now() - event.silenced > SWITCH_AGAIN
    )


def _was_drift(toolbox: Toolbox, event: Event) -> bool:
    """Whether Zoom's mails were found on, and switched off again, within a day: it is shown for as long."""
    lately = event.silenced is not None and toolbox.clock.machine_now() - event.silenced < SHOWN_FOR
    return lately and "mails-were-on" in event.known_differences


def _particulars(client: ZoomClient, event: Event, details: ZoomEventDetails) -> list[Difference]:
    """What takes calls of their own; who may not ask is told nothing."""
    assert event.planned is not None and event.number is not None  # noqa: S101, PT018 - found, and not over
    found: list[Difference | None] = []
    with suppress(ZoomRefused):
        found.append(questions_required(client.required_questions(details.kind, event.number)))
    if details.host_id and custom_languages_missing(event.planned, frozenset()):
        with suppress(ZoomRefused):
            offered = client.interpretation_languages(details.host_id)
            found.append(languages_lacking(custom_languages_missing(event.planned, offered)))
    return [one for one in found if one is not None]


def went_well(toolbox: Toolbox, event: Event) -> None:
    """Zoom has answered as it should: what was counted against the event is forgotten."""
    if event.tries and event.state == "ready":
        with toolbox.database.write() as session:
            row = _row(session, event)
            row.tries, row.reason, row.tracking_id, row.machine_try_after, row.due_at = 0, None, None, None, None


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
    listed = _listed(toolbox, client, event)
    with toolbox.database.write() as session:
        for row in zoom_events.of_account(session, event.account):
            if row.number is None:
                _match(toolbox, session, row, listed)
        row = _row(session, event)
        event.number, event.kind = row.number, row.kind
        if row.number is None:
            stop(toolbox, session, event, row.reason or "zoom-event-not-found")
    return event.number is not None


def _listed(toolbox: Toolbox, client: ZoomClient, event: Event) -> tuple[ZoomEventDetails, ...]:
    """The account's events, as far as they must be read to find those of all sessions by their addresses."""
    assert event.account is not None  # noqa: S101 - there is a client for it
    with toolbox.database.read() as session:
        sought = [opened(toolbox, session, row) for row in zoom_events.unknown(session, event.account)]
    tokens = {
        registration_token(str(one.planned.registration)) for one in sought if one.planned and one.planned.registration
    }
    missing = tokens if len(tokens) == len(sought) and None not in tokens else {None}
    listed: list[ZoomEventDetails] = []
    for one in client.events():
        listed.append(one)
        missing.discard(registration_token(one.registration_url) or "")
        if not missing:
            break
    return tuple(listed)


def _match(toolbox: Toolbox, session: Session, row: ZoomEventRow, listed: tuple[ZoomEventDetails, ...]) -> None:
    one = opened(toolbox, session, row)
    if one.planned is None or one.conference is None:
        return
    found = find(one.planned, one.conference.time_zone, listed)
    if isinstance(found, Match):
        row.number, row.kind, row.found_by = found.event.id, found.event.kind, found.found_by
    else:
        row.reason = "zoom-event-not-found" if found is None else "zoom-event-ambiguous"


def _row(session: Session, event: Event, *, lock: bool = False) -> ZoomEventRow:
    row = session.get(ZoomEventRow, event.id, with_for_update=lock)
    assert row is not None, "events are never deleted"  # noqa: S101
    return row
