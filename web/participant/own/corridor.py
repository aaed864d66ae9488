"""From an own page to the corridor: each change is an envelope, for which its page waits a moment.

Beside what is to be done, the envelope says what brings back what was before. So the page that follows can offer that
by the envelope's id alone, and no address has anything personal in it.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from pydantic_core import from_json
from sqlalchemy.orm import Session

from adapters.database import envelopes
from adapters.database.envelopes import Receipt
from adapters.toolbox import Toolbox
from schemas.registration import Reason
from web.inbox import Inbox
from web.participant.own.visitor import Visitor
from web.problems import Problem

SOURCE = "self-service"

PATIENCE = 3.0
"""Seconds for which a page waits for its change. Mostly the corridor needs a twentieth of one."""

_FIRST_LOOK, _SLOWER = 0.03, 1.5
"""Seconds before the first look, and how much longer each further one is waited for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change: `received` while it is not known. `reasons` where it was `rejected`. `undoing`: what
    brings back what was before, as `registration.preferences` says it, without the address; None where nothing can."""

    envelope: str
    state: Literal["received", "accepted", "rejected", "failed"]
    reasons: tuple[Reason, ...] = ()
    undoing: Mapping[str, Any] | None = field(default=None, repr=False)


class Corridor:
    """Takes changes, and tells what became of them."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox) -> None:
        self._toolbox = toolbox
        self._inbox = inbox

    async def take(
        self, visitor: Visitor, nonce: str, body: Mapping[str, Any], undoing: Mapping[str, Any] | None = None
    ) -> Receipt:
        """Record a change and wait a moment until it is judged. The same form with the same `nonce`, sent again, is the
        same change.

        Raises:
            Problem: 503 where it could not be recorded.
        """
        said = json.dumps(body, ensure_ascii=False, sort_keys=True)
        receipt = await self._inbox.record(
            conference=visitor.conference.id, source=SOURCE, content_type="application/json",
            delivery_id=f"{visitor.person.id}.{nonce}.{hashlib.sha256(said.encode()).hexdigest()}",
            body=json.dumps({**body, "undoing": undoing}, ensure_ascii=False).encode(),
        )  # fmt: skip
        handing = asyncio.ensure_future(self._inbox.hand_over(receipt))
        with suppress(TimeoutError, Problem):  # it is recorded, whatever the database says now
            async with asyncio.timeout(PATIENCE):
                await self._until_settled(receipt.id)
        handing.add_done_callback(lambda done: done.cancelled() or done.exception())
        return receipt

    async def outcome(self, visitor: Visitor, envelope_id: str) -> Outcome | None:
        """What became of one of this visitor's changes; None where the envelope is none of theirs."""
        return await self._inbox.ask(partial(self._outcome, visitor, envelope_id))

    async def _until_settled(self, envelope_id: str) -> None:
        pause = _FIRST_LOOK
        while True:
            await asyncio.sleep(pause)
            if await self._inbox.ask(partial(self._is_settled, envelope_id)):
                return
            pause *= _SLOWER

    def _is_settled(self, envelope_id: str) -> bool:
        with self._toolbox.database.read() as session:
            row = envelopes.find(session, envelope_id)
        return row is None or row.state != "received"

    def _outcome(self, visitor: Visitor, envelope_id: str) -> Outcome | None:
        with self._toolbox.database.read() as session:
            return self._found(session, visitor, envelope_id)

    def _found(self, session: Session, visitor: Visitor, envelope_id: str) -> Outcome | None:
        row = envelopes.find(session, envelope_id)
        if row is None or row.source != SOURCE or row.conference != visitor.conference.id or not row.sealed_body:
            return None
        said = from_json(envelopes.opened(row, self._toolbox.vault).body)
        if said["data"]["email"] != visitor.person.address:
            return None
        reasons = tuple(Reason.model_validate(one) for one in row.reasons)
        return Outcome(row.id, row.state, reasons, said["undoing"])  # type: ignore[arg-type]
