"""`/admin/zoom`: each session's Zoom event, with its registrants in numbers, and those who wait for Zoom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import registrants, registrations, zoom_events
from adapters.database.tables import RegistrantRow, ZoomEventRow
from adapters.toolbox import Toolbox
from domain.conferencing.reasons import said
from web.admin.parts import counted
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

_MOST = 100


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


class Zoom:
    """The page."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/zoom", self._page, right="figures")]

    async def _page(self, visit: Visit) -> Response:
        events, waiting, people = await self._inbox.ask(self._read)
        return visit.page("zoom", events=events, waiting=waiting, people=people, words=said)

    def _read(self) -> tuple[Sequence[ZoomEvent], Sequence[tuple[RegistrantRow, ZoomEventRow]], Mapping[str, str]]:
        """Events; who waits; and whose registrations these are."""
        with self._toolbox.database.read() as session:
            counts = {(one.event_id, one.state): one.number for one in counted(self._toolbox, session).at_zoom}
            waiting = registrants.waiting(session, limit=_MOST)
            own = [row.registration_id for row, _ in waiting if row.registration_id is not None]
            return _events(zoom_events.listed(session), counts), waiting, registrations.owners(session, own)


def _events(rows: Sequence[ZoomEventRow], counts: Mapping[tuple[str, str], int]) -> list[ZoomEvent]:
    states = "there", "waiting", "held", "pending", "came"
    return [ZoomEvent(row, *(counts.get((row.id, state), 0) for state in states)) for row in rows]
