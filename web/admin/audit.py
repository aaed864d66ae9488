"""`/admin/audit`: who did what, when and why; and the same as a table to be taken out, which is noted too.

What it is filtered by is posted: names of accounts stand in no address. Nothing in it can be changed by anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import audits, programmes
from adapters.database.audits import Audit
from adapters.sheets.written import as_csv
from adapters.toolbox import Toolbox
from domain.deeds import ACTIONS
from domain.moments import written
from schemas.sheet import Table
from web.admin.filters import number
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

_PAGE: Final = 100
_MOST: Final = 100_000
"""Rows of a table that is taken out: the newest."""

HEAD: Final = ("when", "who", "did", "action", "conference", "about", "reason", "details")


@dataclass(frozen=True, slots=True)
class Filters:
    """What audits are looked for by; empty: all. `before`: only those of lower ids, for the next page. `logins`: with
    who came and went, and who was not let in."""

    who: str = ""
    action: str = ""
    conference: str = ""
    about: str = ""
    before: str = ""
    logins: str = ""

    def given(self) -> Mapping[str, Any]:
        """As `audits.listed` takes them."""
        return {
            "who": self.who or None, "action": self.action or None, "conference": self.conference or None,
            "about": [self.about] if self.about else (),
            "before": number(self.before),
            "with_logins": bool(self.logins),
        }  # fmt: skip


class Audits:
    """The page, and the table."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/audit", self._answer, right="audit", posts="audit")]

    async def _answer(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return await self._page(visit, Filters(about=visit.request.query_params.get("about", "")[:64]))
        filters = Filters(
            *(visit.said(name)[:100] for name in ("who", "action", "conference", "about", "before", "logins"))
        )
        return await (self._table(visit, filters) if visit.said("deed") == "table" else self._page(visit, filters))

    async def _page(self, visit: Visit, filters: Filters) -> Response:
        listed, conferences = await self._inbox.ask(partial(self._read, filters))
        return visit.page(
            "audit", listed=listed[:_PAGE], filters=filters, actions=ACTIONS, conferences=conferences, details=details,
            before=listed[_PAGE - 1].id if len(listed) > _PAGE else None,
        )  # fmt: skip

    def _read(self, filters: Filters) -> tuple[list[Audit], list[str]]:
        with self._toolbox.database.read() as session:
            found = audits.listed(session, self._toolbox.vault, _PAGE + 1, **filters.given())
            return found, programmes.ids(session)

    async def _table(self, visit: Visit, filters: Filters) -> Response:
        content = await self._inbox.ask(partial(table, self._toolbox, filters, visit.who))
        headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
        return Response(content, 200, headers, "text/csv; charset=utf-8")


def table(toolbox: Toolbox, filters: Filters, who: str) -> bytes:
    """The newest audits as CSV, which no spreadsheet takes for formulas. That `who` took them out is noted before."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    with toolbox.database.write() as session:
        found = audits.listed(session, toolbox.vault, _MOST, **filters.given())
        audits.note(session, toolbox.vault, who=who, action="audit-exported", details={"rows": len(found)}, now=now,
                    machine_now=machine_now)  # fmt: skip
    return as_csv(Table(HEAD, [row(one) for one in found], f"Convenor: audit, {written(now)}", now), ",")


def row(one: Audit) -> tuple[str, ...]:
    """One audit, as the table and the command line have it."""
    return (written(one.at), one.who, ACTIONS.get(one.action, one.action), one.action, one.conference or "",
            one.about or "", one.reason or "", details(one.details))  # fmt: skip


def details(found: Mapping[str, Any]) -> str:
    """What an audit says besides: `was: pending, became: registered`."""
    return ", ".join(f"{name}: {_said(value)}" for name, value in found.items() if value not in (None, "", []))


def _said(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
