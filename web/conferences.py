"""Which conferences the doors are for."""

import re
from functools import partial

from adapters.toolbox import Toolbox
from schemas.programme import IDENTIFIER, Conference
from web.inbox import Inbox
from web.problems import Problem

_IDENTIFIER = re.compile(IDENTIFIER)


class Conferences:
    """The programmes in force, as the doors ask for them."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox) -> None:
        self._toolbox = toolbox
        self._inbox = inbox
        self._known: dict[str, Conference] = {}

    async def expect(self, conference: str) -> None:
        """Return if there is such a conference. Asked of the database once: a programme is never taken out of force.

        Raises:
            Problem: 404 where there is none, 503 where the database cannot say.
        """
        if conference not in self._known:
            await self.programme(conference)

    async def programme(self, conference: str) -> Conference:
        """The programme in force; while the database cannot say, the one that was in force when it last could.

        Raises:
            Problem: as `expect`.
        """
        found = None
        if len(conference) <= 64 and _IDENTIFIER.fullmatch(conference):
            try:
                found = await self._inbox.ask(partial(self._find, conference))
            except Problem:
                if conference not in self._known:
                    raise
                found = self._known[conference]
        if found is None:
            raise Problem(404, "There is no such conference here.")
        self._known[conference] = found
        return found

    def _find(self, conference: str) -> Conference | None:
        with self._toolbox.database.read() as session:
            in_force = self._toolbox.shelf.get(session, conference)
        return None if in_force is None else in_force.conference
