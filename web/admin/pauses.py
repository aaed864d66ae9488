"""`/admin/pauses`: pausing all mail, or a queue, and letting it go on. What rests is said on every page."""

from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.database import pauses
from adapters.database.tables import PauseRow
from adapters.toolbox import Toolbox
from web.admin.visits import Visit, Visits
from web.inbox import Inbox

SAID: Final = {
    "mail": "No letter is handed to the mail server, whatever it is about. Registrations are taken, letters written.",
    "intake": "Registrations are taken and kept; nobody judges them.",
    "conferencing": "Nothing is said to Zoom, and no invitation is written.",
    "delivery": "As all mail.",
    "housekeeping": "Old submissions are not emptied, and the mailbox of reports and answers is not read.",
}
"""What rests, and what goes on."""


def resting(toolbox: Toolbox) -> Sequence[PauseRow]:
    """Who has paused what."""
    with toolbox.database.read() as session:
        return pauses.listed(session)


class Pauser(Protocol):
    """Pauses and resumes one of `pauses.PAUSABLE`. Called in a thread; `who` as audits name people, `reason` for the
    record alone. Twice is once."""

    def pause(self, what: str, who: str, reason: str, /) -> bool:
        """Let it rest."""

    def resume(self, what: str, who: str, reason: str | None, /) -> bool:
        """Let it go on."""


class Pauses:
    """The page, and its buttons."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits, pauser: Pauser) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits
        self._pauser = pauser

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/pauses", self._answer, right="figures", posts="operate")]

    async def _answer(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return self._page(visit)
        what, deed, reason = visit.said("what"), visit.said("deed"), visit.said("reason")
        if what not in pauses.PAUSABLE or deed not in {"pause", "resume"}:
            return self._page(visit, 422)
        if deed == "pause" and not reason:
            return self._page(visit, 422, missing=what)
        do = self._pauser.pause if deed == "pause" else self._pauser.resume
        await self._inbox.ask(partial(do, what, visit.who, reason))
        return visit.to("/pauses")

    @staticmethod
    def _page(visit: Visit, status: int = 200, *, missing: str = "") -> Response:
        since = {one.name: one for one in visit.paused}
        return visit.page("pauses", status, pausable=pauses.PAUSABLE, since=since, said_of=SAID, missing=missing)
