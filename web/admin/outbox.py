"""`/admin/outbox`: letters, filtered and page by page, and what a person can do about those that have not gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Literal, Protocol, cast
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import outbox, outgoing
from adapters.database.outbox import Position, Wanted
from adapters.database.tables import LETTER_KINDS, LETTER_STATES, LetterRow
from adapters.toolbox import Toolbox
from domain.reasons import Explained, explained
from schemas.programme import CORRESPONDENCE_LANGUAGES, Conference
from web.admin import filters
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

_STATES: Final = (*LETTER_STATES, "bounced")
_NEEDS_REASON: Final = frozenset({"hold"})

Deed = Literal["retry", "hold", "release"]


class Keeper(Protocol):
    """Does something about letters, by their ids; gives the ids of those that it was done to. Called in a thread;
    `who` as audits name people. Twice is once."""

    def do(self, deed: Deed, ids: Sequence[str], who: str, reason: str | None = None, /) -> Sequence[str]:
        """`retry` what waits for another try, `hold` what is planned, `release` what a person holds."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A letter as the list has it. `next_try`: when it is tried again, where it waits for that (machine time)."""

    row: LetterRow
    state: str
    reason: str | None
    explained: Explained | None
    next_try: datetime | None


class Outbox:
    """The page, and its buttons."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits, keeper: Keeper) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits
        self._keeper = keeper

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/outbox", self._answer, right="masked", posts="operate")]

    async def _answer(self, visit: Visit) -> Response:
        return await (self._do(visit) if visit.request.method == "POST" else self._page(visit))

    async def _do(self, visit: Visit) -> Response:
        ids = filters.ids(visit.form.getlist("id"))
        deed, reason = visit.said("deed"), visit.said("reason")
        if not ids or deed not in {"retry", "hold", "release", "replay"} or (deed in _NEEDS_REASON and not reason):
            return await self._page(visit, 422, missing="reason" if ids else "id")
        if deed == "replay":
            return visit.to(f"/failures/replay?{urlencode([('id', one) for one in ids])}")
        done = await self._inbox.ask(partial(self._keeper.do, cast("Deed", deed), ids, visit.who, reason or None))
        return visit.to(f"/outbox?{_address(visit.request.query_params, done=f'{deed}-{len(done)}')}")

    async def _page(self, visit: Visit, status: int = 200, *, missing: str = "") -> Response:
        query = visit.request.query_params
        wanted = wanted_in(query)
        listed, more, conferences = await self._inbox.ask(partial(self._read, wanted, filters.position(query)))
        following = filters.address(dict(query), more) if more else None
        return visit.page(
            "outbox", status, listed=listed, following=following, conferences=conferences, kinds=LETTER_KINDS,
            states=_STATES, languages=CORRESPONDENCE_LANGUAGES, given=query, missing=missing, wanted=wanted,
            query=_address(query), done=_done(query),
        )  # fmt: skip

    def _read(
        self, wanted: Wanted, after: tuple[datetime, str] | None
    ) -> tuple[list[Listed], Position | None, list[Conference]]:
        with self._toolbox.database.read() as session:
            rows = outbox.page(session, wanted, filters.PAGE + 1, Position(*after) if after else None)
            conferences = [one.conference for one in self._toolbox.shelf.all(session)]
        shown = rows[: filters.PAGE]
        more = Position(shown[-1].due_at, shown[-1].id) if len(rows) > filters.PAGE else None
        return [self._listed(one) for one in shown], more, conferences

    def _listed(self, row: LetterRow) -> Listed:
        reason = row.bounced or row.reason
        waits = row.machine_try_after is not None and row.machine_try_after > self._toolbox.clock.machine_now()
        next_try = row.machine_try_after if waits and row.state == "planned" else None
        return Listed(row, outgoing.shown(row), reason, explained(reason) if reason else None, next_try)


def wanted_in(query: QueryParams) -> Wanted:
    """Which letters an address asks for. Whatever is unknown is of no matter."""
    state = filters.chosen(query, "state")
    return Wanted(
        conference=filters.chosen(query, "conference"), session=filters.chosen(query, "session"),
        kind=filters.chosen(query, "kind"), states=(state,) if state in _STATES else (),
        language=filters.chosen(query, "language"), reason=filters.chosen(query, "reason"),
        due_from=filters.moment(query, "from"), due_until=filters.moment(query, "until"),
    )  # fmt: skip


def _address(query: QueryParams, **more: str) -> str:
    return filters.address({name: value for name, value in query.items() if name != "done"} | more)


def _done(query: QueryParams) -> tuple[str, int] | None:
    """What was just done, to how many."""
    deed, _, said = query.get("done", "").partition("-")
    number = filters.number(said)
    return (deed, number) if deed in {"retry", "hold", "release"} and number is not None else None
