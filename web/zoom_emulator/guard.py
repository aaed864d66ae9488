"""Lets through only what this machine asks of itself, on purpose."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from config.servers import is_loopback


class LoopbackOnly:
    """Refuses (403) clients on other machines, other machines' names, and requests that other pages send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI wants it."""
        if scope["type"] == "http" and not _is_from_here(scope):
            await PlainTextResponse("This is for the machine that it runs on.\n", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_from_here(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    client = (scope.get("client") or ("", 0))[0]
    host = urlsplit(f"//{headers.get('host', '')}")
    origin = urlsplit(headers.get("origin", ""))
    # Our own pages send `Origin: null`, for their referrer policy; Sec-Fetch-Site tells them from others.
    own = headers.get("sec-fetch-site", "none") in {"none", "same-origin"} and origin.netloc in {"", host.netloc}
    return is_loopback(client) and is_loopback(host.hostname or "") and own
