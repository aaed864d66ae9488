"""`/admin/queues`: what waits in the broker and in the database, how much comes and goes, and who lives."""

from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute

from adapters.toolbox import Toolbox
from web.admin.parts import read
from web.admin.visits import Visit, Visits
from web.inbox import Inbox


class Queues:
    """The page."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, visits: Visits) -> None:
        self._toolbox, self._inbox, self._visits = toolbox, inbox, visits

    def routes(self) -> list[BaseRoute]:
        """Below `/admin`."""
        return [self._visits.route("/queues", self._page, right="figures")]

    async def _page(self, visit: Visit) -> Response:
        parts = await self._inbox.ask(partial(read, self._toolbox))
        return visit.page("queues", parts=parts, ways=[one.path for one in visit.menu])
