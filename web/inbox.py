"""Row first, queue second: an envelope is sealed and committed, then the sender is answered, then its id is queued.

Shared by all doors. Judges nothing of what is in the envelope.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import anyio.to_thread
import structlog
from anyio import CapacityLimiter
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from adapters import tracing
from adapters.database import envelopes
from adapters.database.engine import DatabaseUnavailable
from adapters.database.envelopes import Arrival, Receipt
from adapters.toolbox import Toolbox
from web.groups import Groups
from web.problems import Problem
from web.writer import Writer

log = structlog.get_logger(__name__)


class Enqueue(Protocol):
    """Hands ids to a stage, in one message. Best effort; it never raises for a broker that is down."""

    def __call__(self, task: str, /, *ids: str) -> object:
        """Called in a thread."""


OPEN_ENVELOPE = "intake.open_envelope"

RETRY_AFTER = 30
"""Seconds, for senders that are told to come again."""

_MOST_SECONDS = 10.0
"""How long an answer may wait for the database. Senders give up after 10 to 30 s, and would not hear the answer."""

_MOST_WAITING = 1000
"""Ids that may wait to be queued while the broker is slow or gone; the sweep finds those beyond."""

_MOST_IN_A_MESSAGE = 100
"""A message costs the door as much as taking two posts. Few enough that a worker is through in a moment."""

_BETWEEN_MESSAGES = 0.05
"""Seconds. The first id goes at once; in a rush the others go together."""

Found = TypeVar("Found")


class Inbox:
    """Where the doors put what they were given."""

    def __init__(self, toolbox: Toolbox, enqueue: Enqueue) -> None:
        self._toolbox = toolbox
        self._enqueue = enqueue
        self._writer = Writer(toolbox.database)
        self._readers = CapacityLimiter(8)
        self._messengers = Groups(self._hand_over, name="messenger", most=_MOST_IN_A_MESSAGE, rest=_BETWEEN_MESSAGES)

    async def record(
        self, *, conference: str, source: str, delivery_id: str, content_type: str, body: bytes,
        seconds: float = _MOST_SECONDS, urgent: bool = False,
    ) -> Receipt:  # fmt: skip
        """The receipt of the committed envelope. `seconds`: how long the sender waits for its answer. `urgent`: for who
        waits so short that it must go first.

        Raises:
            Problem: 503 where it could not be committed, or not in time. Should the commit come through after that,
                the sender's repetition finds its first receipt.
        """
        clock = self._toolbox.clock
        arrival = Arrival(conference, source, delivery_id, content_type, body, clock.now(), clock.machine_now())
        written = self._writer.write_together(self._record_all, arrival, urgent=urgent, seconds=seconds)
        receipt = await self._answered(written)
        tracing.note({tracing.ENVELOPE: receipt.id})
        log.info("received", envelope=receipt.id, conference=conference, source=source,
                 state="duplicate" if receipt.duplicate else "received")  # fmt: skip
        return receipt

    async def ask(self, question: Callable[[], Found]) -> Found:
        """The answer to a question to the database, asked in a thread.

        Raises:
            Problem: 503 where there is none in time.
        """

        async def in_time() -> Found:
            async with asyncio.timeout(_MOST_SECONDS):
                return await anyio.to_thread.run_sync(question, limiter=self._readers, abandon_on_cancel=True)

        return await self._answered(in_time())

    async def write(
        self, work: Callable[[Session], Found], *, seconds: float = _MOST_SECONDS, urgent: bool = False
    ) -> Found:
        """What `work` gives, once it is committed. It may run twice, and must not commit.

        Raises:
            Problem: 503 where it could not be committed, or not in time.
        """
        return await self._answered(self._writer.write(work, urgent=urgent, seconds=seconds))

    def queueing(self, receipt: Receipt) -> BackgroundTask | None:
        """What is to be done once the answer is out: hand the envelope's id to the corridor."""
        if receipt.duplicate or len(self._messengers) >= _MOST_WAITING:
            return None
        return BackgroundTask(self._messengers.add, receipt.id)

    async def hand_over(self, receipt: Receipt) -> None:
        """The same at once, for whoever waits for what becomes of it."""
        if not receipt.duplicate and len(self._messengers) < _MOST_WAITING:
            await self._messengers.add(receipt.id)

    def _hand_over(self, ids: list[str]) -> list[None]:
        self._enqueue(OPEN_ENVELOPE, *ids)
        return [None] * len(ids)

    def _record_all(self, connection: Connection, arrivals: Sequence[Arrival]) -> list[Receipt]:
        return envelopes.record_all(connection, self._toolbox.vault, arrivals)

    @staticmethod
    async def _answered(found: Awaitable[Found]) -> Found:
        try:
            return await found
        except (DatabaseUnavailable, SQLAlchemyError, OSError, TimeoutError) as wrong:
            log.warning("the database did not answer", reason=type(wrong).__name__)
            raise Problem(503, "Not now. Please try again in a moment.", retry_after=RETRY_AFTER) from wrong
