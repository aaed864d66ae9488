"""`/livez`: the process answers. `/readyz`: it can do its work."""

from collections.abc import Callable

import anyio
import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from adapters.broker.errors import BrokerError
from adapters.broker.queues import ping
from adapters.database.engine import DatabaseUnavailable
from adapters.database.schema import is_current
from adapters.toolbox import Toolbox, broker_of

_MOST_SECONDS = 3.0
"""For each neighbour; who asks gives up soon after."""


class Health:
    """What is alive and what is ready.

    Ready means that registrations are taken. So a database that is gone or not migrated is a 503. A broker that is
    gone is `"degraded"` with a 200: the door still accepts, the sweep will hand everything over, and to take this
    process out of a load balancer would turn a delay into refused registrations. Whoever wants to be woken looks at
    `status`, or at the metric `convenor_broker_up`.
    """

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    async def live(self, request: Request) -> Response:  # noqa: ARG002 - the framework's form
        """200, from the event loop alone."""
        return PlainTextResponse("alive\n")

    async def ready(self, request: Request) -> Response:  # noqa: ARG002 - the framework's form
        """The state of each part, as JSON."""
        database, broker = await _in_time(self._database), await _in_time(self._broker)
        status = "unavailable" if database != "ok" else "ready" if broker == "ok" else "degraded"
        return JSONResponse(
            {"status": status, "database": database, "broker": broker}, 503 if status == "unavailable" else 200
        )

    def _database(self) -> str:
        try:
            return "ok" if is_current(self._toolbox.database) else "not migrated"
        except (DatabaseUnavailable, SQLAlchemyError, OSError):
            return "unreachable"

    def _broker(self) -> str:
        try:
            ping(broker_of(self._toolbox.settings))
        except BrokerError as wrong:
            return "unreachable" if wrong.trying_again_helps else "misconfigured"
        return "ok"


async def _in_time(ask: Callable[[], str]) -> str:
    with anyio.move_on_after(_MOST_SECONDS):
        return await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
    return "too slow"
