"""`/admin/figures`: all that is counted: registrations and answers by session, posts by source, letters by kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database.census import Census
from adapters.database.tables import ENVELOPE_STATES, LETTER_KINDS, LETTER_STATES, PARTICIPATION, REGISTRATION_STATES
from adapters.toolbox import Toolbox
from schemas.programme import Conference
from web.admin.parts import counted
from web.admin.visits import Visit, Visits
from web.inbox import Inbox


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers by row and column."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True, slots=True)
class OfConference:
    """The numbers of a conference's sessions; `answers` where there are any."""

    id: str
    title: str
    registrations: Table
    answers: Table | None


class Figures:
    """The page."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/figures", self._page, right="figures")]

    async def _page(self, visit: Visit) -> Response:
        census, age, conferences = await self._inbox.ask(self._read)
        letters = _summed(LETTER_KINDS, (*LETTER_STATES, "bounced"), (one[1:] for one in census.letters))
        sources = sorted({one.source for one in census.envelopes})
        envelopes = _summed(sources, ENVELOPE_STATES, (one[1:] for one in census.envelopes))
        return visit.page("figures", age=age, conferences=conferences, letters=letters, envelopes=envelopes)

    def _read(self) -> tuple[Census, timedelta, list[OfConference]]:
        with self._toolbox.database.read() as session:
            shelved = self._toolbox.shelf.all(session)
            census = counted(self._toolbox, session)
        age = self._toolbox.clock.machine_now() - census.machine_counted
        return census, age, [_of(one.conference, census) for one in shelved]


def _of(conference: Conference, census: Census) -> OfConference:
    places: dict[tuple[str, str], int] = {}
    for one in census.places:
        if one.conference == conference.id:
            places[one.session, one.state] = places.get((one.session, one.state), 0) + one.number
    said = {(one.session, one.partstat): one.number for one in census.answers if one.conference == conference.id}
    answers = _by_session(conference, PARTICIPATION, said) if said else None
    return OfConference(conference.id, conference.title, _by_session(conference, REGISTRATION_STATES, places), answers)


def _by_session(conference: Conference, columns: Sequence[str], found: Mapping[tuple[str, str], int]) -> Table:
    rows = [(one.title or one.id, [found.get((one.id, column), 0) for column in columns])
            for one in conference.sessions]  # fmt: skip
    return Table(columns, rows)


def _summed(rows: Sequence[str], columns: Sequence[str], found: Iterable[tuple[str, str, int]]) -> Table:
    """Sums over all conferences; rows without any are left out."""
    sums: dict[tuple[str, str], int] = {}
    for row, column, number in found:
        sums[row, column] = sums.get((row, column), 0) + number
    filled = [(row, [sums.get((row, column), 0) for column in columns]) for row in rows]
    return Table(columns, [(row, numbers) for row, numbers in filled if any(numbers)])
