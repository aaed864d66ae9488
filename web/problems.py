"""Refusals: RFC 9457 problem details for programs, a plain page for people.

Nothing that was posted is repeated in them, and nothing of the inside: not even a 500 says what broke.
"""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from web.pages import Pages
from web.participant.refusals import ADDRESSES, refused

MEDIA_TYPE = "application/problem+json"

_FOR_PEOPLE = ("/admin", "/zoom-emulator", *ADDRESSES)
"""Addresses that are opened in browsers. There, who asks for HTML gets a page."""


class Problem(HTTPException):
    """A refusal. `detail` is a sentence for the sender; `retry_after` in seconds says that trying again helps."""

    def __init__(
        self, status: int, detail: str, *, retry_after: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        wait = {} if retry_after is None else {"Retry-After": str(retry_after)}
        super().__init__(status, detail, {**(headers or {}), **wait})


def as_json(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Problem details. The type is `about:blank`: the status says which problem it is (RFC 9457, 4.2.1)."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


class Answers:
    """Answers for what handlers raise."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def refused(self, request: Request, error: Exception) -> Response:
        """For every HTTPException, ours and Starlette's own (404, 405)."""
        assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's signature is wider than its use
        if wants_page(request) and request.url.path.startswith(ADDRESSES):
            return refused(self._pages, request, error)
        known = isinstance(error, Problem)
        return self.answer(request, error.status_code, error.detail if known else "", error.headers)

    def answer(self, request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
        """A page for browsers, problem details for everybody else."""
        detail = detail or _SENTENCES.get(status, HTTPStatus(status).description)
        if wants_page(request):
            template = "admin/problem.html" if request.url.path.startswith("/admin") else "problem.html"
            title = HTTPStatus(status).phrase
            return self._pages.page(template, status, headers, title=title, detail=detail, status=status)
        return as_json(status, detail, headers)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks."""
    asked = request.headers.get("accept", "")
    return request.url.path.startswith(_FOR_PEOPLE) and "text/html" in asked


_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    500: "Something went wrong here. It has been noted, without what you sent.",
}
