"""Around every answer: headers that make browsers careful, and a 500 that says nothing of the inside."""

from collections.abc import Iterable, Iterator

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import Answers

log = structlog.get_logger(__name__)

CSP = "Content-Security-Policy"


def policy(*forms_lead_to: str) -> str:
    """The Content-Security-Policy of a page. `forms_lead_to`: further sources that its form may lead to; browsers hold
    every redirect that answers a form against them, not only the first."""
    forms = " ".join(("'self'", *forms_lead_to))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
    )


_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_CSP, _CACHE = CSP.lower().encode(), b"cache-control"
_POLICY = policy().encode()
_SHARED, _PRIVATE = b"max-age=3600", b"no-store"


class Safety:
    """The outermost layer. Nothing is kept by caches but the stylesheet: most answers are about a person."""

    def __init__(self, app: ASGIApp, answers: Answers, *, https: bool) -> None:
        self._app = app
        self._answers = answers
        self._headers = [*_HEADERS, *([_HSTS] if https else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI wants it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_safely(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message["headers"], *self._missing(scope["path"], message["headers"])]
            await send(message)

        try:
            await self._app(scope, receive, send_safely)
        except ClientDisconnect:
            log.debug("the client left before it had said everything")
        except Exception:
            log.exception("a request failed", method=scope["method"], route=pattern(scope))
            if not begun:
                request = Request(scope, receive)
                await self._answers.answer(request, 500, "")(scope, receive, send_safely)

    def _missing(self, path: str, given: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
        """What is to be added to an answer's headers."""
        names = {name for name, _ in given}
        yield from (one for one in self._headers if one[0] not in names)
        if _CSP not in names:
            yield _CSP, _POLICY
        if _CACHE not in names:
            yield _CACHE, _SHARED if path.startswith("/static/") else _PRIVATE


def pattern(scope: Scope) -> str:
    """The route's pattern, never the path: that may be a token."""
    return getattr(scope.get("route"), "path", "")
