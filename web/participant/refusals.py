"""Refusals on the pages that participants open, in a language that they read."""

from starlette.requests import Request
from starlette.responses import Response

from domain.sources.understanding import N_
from web.pages import Pages
from web.participant.language import language_of
from web.problems import Problem

NOINDEX = {"X-Robots-Tag": "noindex"}

_UNKNOWN = (N_("This address leads nowhere"), N_("There is no such conference here."))
_UNAVAILABLE = (
    N_("This page cannot be shown just now"),
    N_("This is our fault, not yours. Please reload this page in a moment."),
)


def refused(pages: Pages, request: Request, problem: Problem) -> Response:
    """The page for a conference that is not there (404), or a database that does not answer (503)."""
    title, detail = _UNKNOWN if problem.status_code == 404 else _UNAVAILABLE
    return pages.page(
        "problem.html", problem.status_code, NOINDEX | dict(problem.headers or {}),
        language=language_of(request, "en"), title=title, detail=detail,
    )  # fmt: skip
