"""A span around every request, named by its route's pattern: never by its path, which may be a token, and never with
who asks. What a stranger sends to be traced by is not looked at."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters import tracing
from web.safety import pattern

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Traces:
    """Outside all other layers, where traces are wanted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI wants it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"

        async def send_and_see(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = pattern(scope)
                tracing.note({tracing.ROUTE: route, tracing.STATUS: message["status"]}, f"{method} {route}".rstrip())
            await send(message)

        with tracing.span(method, "server", {tracing.METHOD: method}):
            await self._app(scope, receive, send_and_see)
