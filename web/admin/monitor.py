"""`/admin/`: the monitor. It reads; it shows numbers, states and reasons, and nobody's name or address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.broker.errors import BrokerError
from adapters.broker.queues import BrokerState, broker_state
from adapters.database import (
    answers,
    destinations,
    envelopes,
    figures,
    outgoing,
    programmes,
    registrants,
    signs,
    zoom_events,
)
from adapters.database.figures import Waiting
from adapters.database.signs import Sign
from adapters.database.tables import (
    ENVELOPE_STATES,
    LETTER_KINDS,
    LETTER_STATES,
    PARTICIPATION,
    REGISTRATION_STATES,
    DestinationRow,
    EnvelopeRow,
    LetterRow,
    RegistrantRow,
    ZoomEventRow,
)
from adapters.toolbox import Toolbox, broker_of
from schemas.programme import Conference
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

_MOST_FAILURES = 100
_UNSENT = ("held", "bounced", "failed", "expired", "skipped")


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers by row and column; rows without any are left out."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows, read at one moment."""

    now: datetime
    machine_now: datetime
    broker: BrokerState | None
    waiting: Waiting
    paused: Sequence[DestinationRow]
    signs: Sequence[Sign]
    programmes: Sequence[tuple[Conference, Table]]
    answers: Sequence[tuple[Conference, Table]]
    letters: Table
    envelopes: Table
    failed_letters: Sequence[LetterRow]
    failed_envelopes: Sequence[EnvelopeRow]
    zoom_events: Sequence["ZoomEvent"]
    waiting_for_zoom: Sequence[tuple[RegistrantRow, ZoomEventRow]]


@dataclass(frozen=True, slots=True)
class ZoomEvent:
    """A session's Zoom event, with its registrants in numbers: as wanted, still waiting, held for a person, strangers
    whom Zoom's host has not approved, and who came, where that is kept."""

    row: ZoomEventRow
    there: int
    waiting: int
    held: int
    pending: int
    came: int

    @property
    def under_way(self) -> bool:
        """Whether the host has started it, as far as Zoom has told. A host may end it and start it again."""
        started, ended = self.row.started_at, self.row.ended_at
        return started is not None and (ended is None or ended < started)


class Monitor:
    """The first page."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/", self._overview, right="figures")]

    async def _overview(self, visit: Visit) -> Response:
        return visit.page("overview", overview=await self._inbox.ask(partial(overview_of, self._toolbox)))


def overview_of(toolbox: Toolbox) -> Overview:
    """Everything at this moment. A broker that is gone is shown as gone."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    with toolbox.database.read() as session:
        places, answered = figures.registrations(session), answers.counts(session)
        in_force = programmes.all_in_force(session)
        return Overview(
            now=now,
            machine_now=machine_now,
            broker=_broker(toolbox, machine_now),
            waiting=figures.waiting(session, now),
            paused=destinations.paused(session),
            signs=signs.all_signs(session),
            programmes=[(one, _by_session(one, REGISTRATION_STATES, places)) for one in in_force],
            answers=[(one, _by_session(one, PARTICIPATION, answered)) for one in in_force
                     if any(conference == one.id for conference, _, _ in answered)],
            letters=_table(LETTER_KINDS, (*LETTER_STATES, "bounced"), outgoing.counts(session)),
            envelopes=_table(sorted({source for _, source, _ in envelopes.counts(session)}), ENVELOPE_STATES,
                             envelopes.counts(session)),
            failed_letters=outgoing.listed(session, states=_UNSENT, limit=_MOST_FAILURES),
            failed_envelopes=envelopes.listed(session, states=("rejected", "failed"), limit=_MOST_FAILURES),
            zoom_events=_zoom_events(zoom_events.listed(session),
                                     registrants.counts(session) | registrants.came(session)),
            waiting_for_zoom=registrants.waiting(session, limit=_MOST_FAILURES),
        )  # fmt: skip


def _broker(toolbox: Toolbox, machine_now: datetime) -> BrokerState | None:
    try:
        return broker_state(broker_of(toolbox.settings), machine_now)
    except BrokerError:
        return None


def _zoom_events(rows: Sequence[ZoomEventRow], counts: dict[tuple[str, str], int]) -> list[ZoomEvent]:
    states = "there", "waiting", "held", "pending", "came"
    return [ZoomEvent(row, *(counts.get((row.id, state), 0) for state in states)) for row in rows]


def _by_session(conference: Conference, columns: Sequence[str], found: dict[tuple[str, str, str], int]) -> Table:
    rows = [
        (session.title or session.id, [found.get((conference.id, session.id, column), 0) for column in columns])
        for session in conference.sessions
    ]
    return Table(columns, rows)


def _table(rows: Sequence[str], columns: Sequence[str], found: dict[tuple[str, str, str], int]) -> Table:
    """Sums over all conferences."""
    sums: dict[tuple[str, str], int] = {}
    for (_, row, column), number in found.items():
        sums[row, column] = sums.get((row, column), 0) + number
    filled = [(row, [sums.get((row, column), 0) for column in columns]) for row in rows]
    return Table(columns, [(row, numbers) for row, numbers in filled if any(numbers)])
