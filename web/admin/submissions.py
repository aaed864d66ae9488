"""`/admin/inbox`: received submissions; those that were rejected are opened for a reason, corrected, judged again, or
set aside. What they say is shown to whom it is revealed, and stands in no address.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import envelopes, submissions
from adapters.database.envelopes import MAIL_SOURCES
from adapters.database.submissions import Position, Sought
from adapters.database.tables import ENVELOPE_STATES, EnvelopeRow
from adapters.toolbox import Toolbox
from domain.sources import NAMES
from domain.submissions import CORRECTABLE, MOST, JudgedAgain, NotCorrected, NotJudged, Opened
from schemas.programme import Conference
from schemas.registration import Reason
from web.admin import filters
from web.admin.visits import Visit, Visits
from web.inbox import Inbox
from web.problems import Problem

_LISTED: Final = "sessions"
_MOST_BY_ID: Final = 200
_SOURCES: Final = (*NAMES, "zoom", "zoom-list", *MAIL_SOURCES)


class Clerk(Protocol):
    """Deals with submissions. Called in a thread; `who` as audits name people, `reason` for the record alone."""

    def open(self, envelope: str, who: str, reason: str, /) -> Opened | None:
        """What one says; None where nothing is left of it."""

    def correct(self, envelope: str, given: Mapping[str, Any], who: str, reason: str, /) -> str:
        """Record a corrected copy; its id. Raises NotCorrected."""

    def plan(self, chosen: Sequence[str] | Sought, /) -> JudgedAgain:
        """What judging them again would do."""

    def replay(self, chosen: Sequence[str] | Sought, digest: str, who: str, reason: str, /) -> Sequence[str]:
        """Have those judged again of which the plan of this digest speaks. Raises NotJudged."""

    def set_aside(self, ids: Sequence[str], who: str, reason: str, /) -> Sequence[str]:
        """Note that nothing more is to be done about them."""


class SubmissionPages:
    """The pages, and their buttons."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits, clerk: Clerk) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits
        self._clerk = clerk

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        route = self._visits.route
        return [
            route("/inbox", self._list, right="masked", posts="correct"),
            route("/inbox/replay", self._replay, right="operate", posts="operate"),
            route("/inbox/{envelope}", self._one, right="masked"),
            route("/inbox/{envelope}/opened", self._open, right="reveal", posts="reveal"),
            route("/inbox/{envelope}/corrected", self._correct, right="correct", posts="correct"),
        ]

    async def _list(self, visit: Visit) -> Response:
        if visit.request.method == "POST":
            return await self._set_aside(visit)
        return await self._listed(visit)

    async def _listed(self, visit: Visit, status: int = 200, *, missing: str = "") -> Response:
        query = visit.request.query_params
        found = await self._inbox.ask(partial(self._read, sought_in(query), filters.position(query)))
        rows, more, conferences = found
        return visit.page(
            "inbox", status, listed=rows, following=filters.address(dict(query), more) if more else None,
            conferences=conferences, sources=_SOURCES, states=ENVELOPE_STATES, given=query, missing=missing,
            query=filters.address(dict(query)),
        )  # fmt: skip

    def _read(
        self, sought: Sought, after: tuple[datetime, str] | None
    ) -> tuple[list[EnvelopeRow], Position | None, list[Conference]]:
        with self._toolbox.database.read() as session:
            rows = submissions.page(session, sought, filters.PAGE + 1, Position(*after) if after else None)
            conferences = [one.conference for one in self._toolbox.shelf.all(session)]
        shown = rows[: filters.PAGE]
        more = Position(shown[-1].machine_received, shown[-1].id) if len(rows) > filters.PAGE else None
        return shown, more, conferences

    async def _set_aside(self, visit: Visit) -> Response:
        """Or off to what judging them again would do."""
        ids = filters.ids(visit.form.getlist("id"))
        if visit.said("deed") == "replay" and ids:
            return visit.to(f"/inbox/replay?{urlencode([('id', one) for one in ids])}")
        if not ids or not visit.said("reason"):
            return await self._listed(visit, 422, missing="reason" if ids else "id")
        await self._inbox.ask(partial(self._clerk.set_aside, ids, visit.who, visit.said("reason")))
        return visit.to(f"/inbox?{filters.address(dict(visit.request.query_params))}")

    async def _replay(self, visit: Visit) -> Response:
        query = visit.request.query_params
        chosen: Sequence[str] | Sought = filters.ids(query.getlist("id"), _MOST_BY_ID) or sought_in(query)
        reason, missing, stale = visit.said("reason"), False, False
        if visit.request.method == "POST":
            try:
                if reason:
                    await self._inbox.ask(partial(self._clerk.replay, chosen, visit.said("digest"), visit.who, reason))
                    return visit.to("/inbox")
                missing = True
            except NotJudged:
                stale = True
        plan = await self._inbox.ask(partial(self._clerk.plan, chosen))
        status = 422 if missing else 409 if stale else 200
        return visit.page(
            "judged_again", status, plan=plan, most=MOST, missing=missing, stale=stale,
            query=urlencode(query.multi_items()),
        )  # fmt: skip

    async def _one(self, visit: Visit) -> Response:
        return self._shown(visit, await self._row(visit), None)

    async def _open(self, visit: Visit) -> Response:
        row = await self._row(visit)
        if visit.request.method != "POST":
            return visit.to(f"/inbox/{row.id}")
        if not visit.said("reason"):
            return self._shown(visit, row, None, 422, missing=True)
        opened = await self._inbox.ask(partial(self._clerk.open, row.id, visit.who, visit.said("reason")))
        if opened is None:
            return self._shown(visit, row, None, 404, emptied=True)
        return self._shown(visit, row, opened, wrong=_reasons(row))

    async def _correct(self, visit: Visit) -> Response:
        row = await self._row(visit)
        if visit.request.method != "POST":
            return visit.to(f"/inbox/{row.id}")
        given = _given(visit)
        if not visit.said("reason"):
            return await self._again(visit, row, given, [Reason(field="reason", code="missing", message="Say why.")])
        try:
            copy = await self._inbox.ask(
                partial(self._clerk.correct, row.id, given, visit.who, visit.said("reason"))
            )  # fmt: skip
        except NotCorrected as refused:
            return await self._again(visit, row, given, refused.reasons)
        return visit.to(f"/inbox/{copy}")

    async def _again(
        self, visit: Visit, row: EnvelopeRow, given: Mapping[str, Any], reasons: Sequence[Reason]
    ) -> Response:
        """The form as it was typed, with what is wrong in it. Nothing more is revealed."""
        conferences = await self._inbox.ask(self._conferences)
        opened = Opened(row.id, conferences.get(row.conference), given, "")
        return self._shown(visit, row, opened, 422, wrong={one.field: one.message for one in reasons})

    def _conferences(self) -> dict[str, Conference]:
        with self._toolbox.database.read() as session:
            return {one.conference.id: one.conference for one in self._toolbox.shelf.all(session)}

    async def _row(self, visit: Visit) -> EnvelopeRow:
        (envelope,) = filters.ids([visit.request.path_params["envelope"]]) or ("",)
        row = await self._inbox.ask(partial(self._found, envelope))
        if row is None:
            raise Problem(404, "There is no such submission.")
        return row

    def _found(self, envelope: str) -> EnvelopeRow | None:
        with self._toolbox.database.read() as session:
            return envelopes.find(session, envelope)

    @staticmethod
    def _shown(
        visit: Visit, row: EnvelopeRow, opened: Opened | None, status: int = 200, *, missing: bool = False,
        emptied: bool = False, wrong: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        is_open = row.state in submissions.REJECTED
        return visit.page(
            "submission", status, row=row, opened=opened, fields=CORRECTABLE, typed=_typed, missing=missing,
            emptied=emptied or not row.sealed_body, wrong=wrong or {}, is_open=is_open, why=visit.said("reason"),
        )  # fmt: skip


def sought_in(query: QueryParams) -> Sought:
    """Which submissions an address asks for: without any state, those about which somebody has to decide."""
    state = filters.chosen(query, "state")
    return Sought(
        open=state is None, state=state if state in ENVELOPE_STATES else None,
        conference=filters.chosen(query, "conference"), source=filters.chosen(query, "source"),
        code=filters.chosen(query, "code"), since=filters.moment(query, "from"),
        until=filters.moment(query, "until"),
    )  # fmt: skip


def _reasons(row: EnvelopeRow) -> dict[str, str]:
    """By field; of several for one the first."""
    return {one["field"]: one["message"] for one in reversed(row.reasons)}


def _typed(opened: Opened, name: str) -> str:
    """A field's value as it stands in the form."""
    value = opened.fields.get(name)
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def _given(visit: Visit) -> dict[str, Any]:
    """The fields as they were typed; sessions by their ids, apart by blanks or commas, or `all`."""
    given: dict[str, Any] = {name: visit.said(name) or None for name in CORRECTABLE if name in visit.form}
    if sessions := given.get(_LISTED):
        ids = str(sessions).replace(",", " ").split()
        given[_LISTED] = "all" if ids == ["all"] else list(dict.fromkeys(ids))
    return given
