"""The stage: whose turn it is to speak with Zoom about one event, and for how long.

Zoom is asked outside any transaction, under the event's lease: it may be slow. What it does not give is still wanted,
and the sweep comes back to it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog

from adapters.database import registrants, zoom_events
from adapters.processes import identity
from adapters.toolbox import Toolbox
from adapters.zoom.client import ZoomRefused
from workers import invitation
from workers.app import OBTAIN_LINKS, OPEN_ENVELOPE, TEND_EVENT, WRITE_INVITATIONS, app, enqueue, enqueue_all, tools
from workers.conferencing import events, reconciliation, rounds, troubles
from workers.conferencing.events import Event
from workers.conferencing.rounds import Turn

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=100)
"""Longer than a task may take (adapters/broker/celery_settings.py). Of a process that is gone it is taken away."""
TURN: Final = timedelta(seconds=10)
"""After so long a turn ends between two calls: both of a worker's processes may be speaking with Zoom, and envelopes,
invitations and their queue's canary wait meanwhile. What is left has its turn after them."""


@dataclass(slots=True)
class Tended:
    """What came of a turn: who has something to be told, which envelopes were written, and whether to go on."""

    participants: list[str] = field(default_factory=list)
    envelopes: list[str] = field(default_factory=list)
    more: bool = False


@app.task(name=OBTAIN_LINKS)
def obtain_links(participant_id: str) -> None:
    """See to it that this participant gets links, and is told what need not wait for them. May run twice."""
    obtain(tools(), participant_id)


def obtain(toolbox: Toolbox, participant_id: str) -> None:
    """The same. Of whom everything waits for a link, the turn that brings it tells."""
    with toolbox.database.read() as session:
        events_of_theirs = registrants.events_of(session, participant_id)
        waits = bool(events_of_theirs) and invitation.waits_for_links(toolbox, session, participant_id)
    enqueue_all(TEND_EVENT, [(one,) for one in events_of_theirs])
    if not waits:
        invitation.tell(toolbox, participant_id)


@app.task(name=TEND_EVENT)
def tend_event(event_id: str) -> None:
    """Say to Zoom what there is to say about one event. May run twice, also at once: one has the turn."""
    tended = Tended()
    try:
        tend(tools(), event_id, tended)
    finally:
        enqueue_all(OPEN_ENVELOPE, [(one,) for one in tended.envelopes])
        _tell(list(dict.fromkeys(tended.participants)))
    if tended.more:
        enqueue(TEND_EVENT, event_id)


def _tell(participants: Sequence[str]) -> None:
    """One is told at once, because a message takes longer than writing; several by whoever is free."""
    if len(participants) == 1:
        invitation.tell(tools(), participants[0])
    else:
        enqueue_all(WRITE_INVITATIONS, [(one,) for one in participants])


def tend(toolbox: Toolbox, event_id: str, tended: Tended) -> None:
    """One turn at one event: look after it, bring its registrants in line, compare it with what is here. What comes of
    it is put into `tended`, also where the turn ends with an error of ours."""
    with _turn(toolbox, event_id) as event:
        if event is None:
            return
        client = events.client_for(toolbox, event)
        if event.over or client is None:
            events.leave_alone(toolbox, event)
        else:
            _speak(Turn(toolbox, client, event, toolbox.clock.machine_now() + TURN), tended)
    # Whoever came while it was our turn found the lease taken, and went away again.
    with toolbox.database.read() as session:
        tended.more = zoom_events.has_work(session, event_id, toolbox.clock.now(), toolbox.clock.machine_now())


def compare(toolbox: Toolbox, event_id: str, *, force: bool) -> dict[str, Any] | None:
    """Compare an event with Zoom at once; the report, or None where somebody else speaks with Zoom about it, or it
    cannot be used now. With `force` also where very many differ.

    Raises:
        ZoomRefused: where Zoom does not answer as it should.
    """
    with _turn(toolbox, event_id) as event:
        client = None if event is None else events.client_for(toolbox, event)
        if event is None or client is None or event.over:
            return None
        events.look_after(toolbox, client, event)
        if event.state != "ready":
            return None
        written, report = reconciliation.reconcile(toolbox, client, event, force=force)
    enqueue_all(OPEN_ENVELOPE, [(one,) for one in written])
    return report


def _speak(turn: Turn, tended: Tended) -> None:
    toolbox, event = turn.toolbox, turn.event
    try:
        if events.is_due(toolbox, event):
            events.look_after(toolbox, turn.client, event)
        while event.state == "ready" and not turn.over and rounds.settle(turn):
            pass
        if event.state == "ready" and events.is_to_be_compared(toolbox, event):
            tended.envelopes += reconciliation.reconcile(toolbox, turn.client, event)[0]
        events.went_well(toolbox, event)
    except ZoomRefused as refused:
        troubles.of_event(toolbox, event, refused.refusal)
    except Exception:
        troubles.of_us(toolbox, event)
        raise
    finally:
        # Those who got none may have to be told that it follows.
        tended.participants += [*turn.told, *turn.tried]


@contextmanager
def _turn(toolbox: Toolbox, event_id: str) -> Iterator[Event | None]:
    holder, machine_now = identity(), toolbox.clock.machine_now()
    with toolbox.database.write() as session:
        row = zoom_events.lease(session, event_id, holder, machine_now, machine_now + LEASE)
        event = None if row is None else events.opened(toolbox, session, row)
    try:
        yield event
    finally:
        if event is not None:
            with toolbox.database.write() as session:
                zoom_events.release(session, event_id, holder)
