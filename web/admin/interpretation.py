"""`/admin/interpretation`: which languages are wished for, by session, to order interpreters by; and as a file.

Who orders interpreters needs true numbers. Who may see figures alone, and nobody's name, does not: for them small
numbers are hidden (`domain.cells`), on the page and in the file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database.census import Census
from adapters.sheets.written import as_csv
from adapters.toolbox import Toolbox
from domain.cells import shown, shown_sum
from domain.locales import locale_of
from domain.times import VIENNA, WallTimeError, session_period
from schemas.programme import Conference
from schemas.programme import Session as Planned
from schemas.sheet import Table
from web.admin.parts import counted
from web.admin.today import hours
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

_SHADES = 5
_WAYS = ("online", "in-person")
_NONE = ""
"""Of those who wish for no interpretation."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many wish for one language, None where it is hidden; `shade` from 0 to 5, beside the number. `offered`: it is
    in the programme."""

    number: int | None
    shade: int
    offered: bool


@dataclass(frozen=True, slots=True)
class Demand:
    """One session, attended in one way: a cell for each language."""

    session: str
    title: str
    hours: str
    way: str
    cells: Sequence[Cell]
    total: int | None


@dataclass(frozen=True, slots=True)
class OfConference:
    """All sessions of a conference. `languages`: by their names, in the order of the cells."""

    id: str
    title: str
    languages: Sequence[str]
    rows: Sequence[Demand]


class Interpretation:
    """The page and the file."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [
            self._visits.route("/interpretation", self._page, right="figures"),
            self._visits.route("/interpretation.csv", self._file, right="figures"),
        ]

    async def _page(self, visit: Visit) -> Response:
        return visit.page("interpretation", conferences=await self._demand(visit), exact=visit.may("masked"))

    async def _file(self, visit: Visit) -> Response:
        table = _table(await self._demand(visit), visit.who, self._toolbox.clock.now())
        disposition = 'attachment; filename="interpretation.csv"'
        return Response(as_csv(table, ","), media_type="text/csv", headers={"Content-Disposition": disposition})

    async def _demand(self, visit: Visit) -> list[OfConference]:
        census, in_force = await self._inbox.ask(self._read)
        return [one for each in in_force if (one := _of(each, census, exact=visit.may("masked"))).rows]

    def _read(self) -> tuple[Census, list[Conference]]:
        with self._toolbox.database.read() as session:
            in_force = [one.conference for one in self._toolbox.shelf.all(session)]
            return counted(self._toolbox, session), in_force


def _of(conference: Conference, census: Census, *, exact: bool) -> OfConference:
    wished: dict[tuple[str, str], dict[str, int]] = {}
    for one in census.places:
        if one.conference == conference.id and one.state == "registered":
            numbers = wished.setdefault((one.session, one.attendance), {})
            numbers[one.language] = numbers.get(one.language, 0) + one.number
    languages = _languages(conference, wished.values())
    most = max((number for row in wished.values() for name, number in row.items() if name != _NONE), default=0)
    rows = [
        _demand(conference, one, way, [wished[one.id, way].get(name, 0) for name in languages], languages, most,
                exact=exact)
        for one in conference.sessions for way in _WAYS if (one.id, way) in wished
    ]  # fmt: skip
    return OfConference(conference.id, conference.title, [_named(one) for one in languages], rows)


def _languages(conference: Conference, wished: Iterable[Mapping[str, int]]) -> list[str]:
    """Offered or wished for, by their codes; last, none."""
    offered = {name for one in conference.sessions for name in one.interpretation}
    return [*sorted({*offered, *(name for row in wished for name in row)} - {_NONE}), _NONE]


def _named(language: str) -> str:
    """`Russian (ru)`; empty for none. A language that CLDR does not know goes by its code."""
    name = locale_of("en").languages.get(language)
    return f"{name} ({language})" if name else language


def _demand(
    conference: Conference, session: Planned, way: str, numbers: Sequence[int], languages: Sequence[str], most: int, *,
    exact: bool,
) -> Demand:  # fmt: skip
    seen = list(numbers) if exact else shown(numbers)
    cells = [
        Cell(number, 0 if name == _NONE or not number else -(-_SHADES * number // most), name in session.interpretation)
        for number, name in zip(seen, languages, strict=True)
    ]
    total = sum(numbers) if exact else shown_sum(numbers)
    return Demand(session.id, session.title or session.id, _hours(conference, session), way, cells, total)


def _hours(conference: Conference, session: Planned) -> str:
    try:
        return hours(session_period(session, conference.time_zone), VIENNA)
    except WallTimeError:
        return ""


def _table(conferences: Sequence[OfConference], who: str, now: datetime) -> Table:
    """A line for each session, way of attending it, and language that anybody wishes for."""
    return Table(
        head=("conference", "session", "title", "hours (Vienna)", "attends", "language", "people"),
        rows=tuple(_lines(conferences)), watermark=f"Interpretation; taken out by {who}",
        made_at=now,
    )  # fmt: skip


def _lines(conferences: Sequence[OfConference]) -> Iterator[tuple[str, ...]]:
    for conference in conferences:
        for row in conference.rows:
            for cell, language in zip(row.cells, conference.languages, strict=True):
                if cell.number != 0:
                    number = "hidden" if cell.number is None else str(cell.number)
                    yield (conference.id, row.session, row.title, row.hours, row.way, language or "none", number)
