"""`GET /receipts/{receipt}`: what became of a post. No personal data; the receipt itself cannot be guessed."""

import re
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.database.receipts import Outcome, outcome
from adapters.toolbox import Toolbox
from web.inbox import Inbox
from web.problems import Problem

RECEIPT = re.compile(r"env_[0-9a-z]{26}")


class Receipts:
    """Answers by receipt."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox) -> None:
        self._database = toolbox.database
        self._inbox = inbox

    async def answer(self, request: Request) -> Response:
        """State and reasons, as JSON."""
        receipt = request.path_params["receipt"]
        found = await self._inbox.ask(partial(self._find, receipt)) if RECEIPT.fullmatch(receipt) else None
        if found is None:
            raise Problem(404, "There is no such receipt.")
        return JSONResponse({"state": found.state, "reasons": found.reasons})

    def _find(self, receipt: str) -> Outcome | None:
        with self._database.read() as session:
            return outcome(session, receipt)
