"""`/admin/failures`: letters that did not go, or came back, by reason, with what helps; and replaying them.

A replay is first shown: how many letters, to how many people, which not and why. Its form carries the digest of that:
what is done is what was shown, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import outbox
from adapters.database.outbox import Group, Wanted
from adapters.toolbox import Toolbox
from domain.reasons import Explained, explained
from domain.replays import EXCLUDED, MOST, NotReplayed, ReplayPlan
from web.admin import filters
from web.admin.outbox import wanted_in
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

REPLAYABLE = ("failed", "held")
_MOST_BY_ID = 200


class Replayer(Protocol):
    """Replays letters: some by their ids, or all that are wanted so. Called in a thread; `anyway`: also to addresses
    that are suppressed; `who` as audits name people, `reason` for the record alone."""

    def plan(self, chosen: Sequence[str] | Wanted, /, *, anyway: bool = False) -> ReplayPlan:
        """What it would do. Changes nothing."""

    def apply(
        self, chosen: Sequence[str] | Wanted, digest: str, who: str, reason: str, /, *, anyway: bool = False
    ) -> int:
        """Do what the plan of this digest says; of how many letters, 0 where that has been done. Raises NotReplayed
        where it does not hold any more."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A group of failures, with what it means; `letters` and `replay` are queries of addresses."""

    group: Group
    explained: Explained | None
    letters: str
    replay: str | None


class Failures:
    """The pages, and their buttons."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits, replayer: Replayer) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits
        self._replayer = replayer

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [
            self._visits.route("/failures", self._groups, right="figures"),
            self._visits.route("/failures/replay", self._replay, right="operate", posts="operate"),
        ]

    async def _groups(self, visit: Visit) -> Response:
        groups = await self._inbox.ask(self._read)
        done = filters.number(visit.request.query_params.get("replayed", ""))
        return visit.page("failures", groups=[_explanation(one) for one in groups], done=done)

    def _read(self) -> list[Group]:
        with self._toolbox.database.read() as session:
            return outbox.groups(session)

    async def _replay(self, visit: Visit) -> Response:
        query = visit.request.query_params
        ids = filters.ids(query.getlist("id"), _MOST_BY_ID)
        chosen: Sequence[str] | Wanted = ids or _replayable(wanted_in(query))
        anyway = query.get("anyway") == "1"
        if visit.request.method != "POST":
            return await self._shown(visit, chosen, anyway=anyway)
        if not visit.said("reason"):
            return await self._shown(visit, chosen, 422, anyway=anyway, missing=True)
        try:
            done = await self._inbox.ask(
                partial(self._replayer.apply, chosen, visit.said("digest"), visit.who, visit.said("reason"),
                        anyway=anyway)
            )  # fmt: skip
        except NotReplayed as refused:
            return self._page(visit, refused.plan, 409, anyway=anyway, stale=True)
        return visit.to(f"/failures?replayed={done}")

    async def _shown(
        self, visit: Visit, chosen: Sequence[str] | Wanted, status: int = 200, *, anyway: bool, missing: bool = False
    ) -> Response:
        plan = await self._inbox.ask(partial(self._replayer.plan, chosen, anyway=anyway))
        return self._page(visit, plan, status, anyway=anyway, missing=missing)

    @staticmethod
    def _page(
        visit: Visit, plan: ReplayPlan, status: int = 200, *, anyway: bool, missing: bool = False, stale: bool = False
    ) -> Response:
        given = [(name, value) for name, value in visit.request.query_params.multi_items() if name != "anyway"]
        return visit.page(
            "replay", status, plan=plan, excluded=EXCLUDED, most=MOST, missing=missing, stale=stale, anyway=anyway,
            query=urlencode([*given, *([("anyway", "1")] if anyway else [])]),
            other=urlencode([*given, *([] if anyway else [("anyway", "1")])]),
        )  # fmt: skip


def _replayable(wanted: Wanted) -> Wanted:
    """Of letters that can be replayed at all."""
    states = tuple(one for one in wanted.states if one in REPLAYABLE)
    return replace(wanted, states=states or ("failed",))


def _explanation(group: Group) -> Explanation:
    query = filters.address({"conference": group.conference, "state": group.state, "reason": group.reason})
    return Explanation(group, explained(group.reason), query, query if group.state in REPLAYABLE else None)
