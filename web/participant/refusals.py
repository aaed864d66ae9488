"""Refusals on the pages that participants open, in a language that they read."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.sources.understanding import N_
from web.pages import Pages
from web.participant.form import letter_languages
from web.participant.language import language_of

NOINDEX = {"X-Robots-Tag": "noindex"}

_UNKNOWN = (N_("This address leads nowhere"), N_("There is no such conference here."))
_UNAVAILABLE = (
    N_("This page cannot be shown just now"),
    N_("This is our fault, not yours. Please reload this page in a moment."),
)
_INCOMPLETE = (_UNKNOWN[0], N_("It may not be complete: please copy it whole from the letter."))
_NOT_UNDERSTOOD = (
    N_("This could not be understood"),
    N_("Please open this page again by its address, and use its button. What you had typed must be typed again."),
)

_FOR_ONE_PERSON = ("/j/", "/u/", "/r/", "/cal/")
ADDRESSES = (*_FOR_ONE_PERSON, "/lost-link", "/register")
"""What participants open."""


def refused(pages: Pages, request: Request, problem: HTTPException) -> Response:
    """The page for what is not there (404), what was posted by no form of ours (405, 415 and the like), and what cannot
    be done just now (503)."""
    title, detail = _said(request, problem.status_code)
    return pages.page(
        "problem.html", problem.status_code, NOINDEX | dict(problem.headers or {}),
        language=language_of(request, "en"), title=title, detail=detail,
    )  # fmt: skip


def unknown(pages: Pages, request: Request, contact: str) -> Response:
    """The same for an address that was revoked, for one that is too old, and for one that never was. `contact`: whom
    to ask."""
    return pages.page(
        "unknown_link.html", 404, NOINDEX, language=language_of(request, "en"), conference=None,
        tongues=letter_languages(), contact=contact,
    )  # fmt: skip


def _said(request: Request, status: int) -> tuple[str, str]:
    if status >= 500:
        return _UNAVAILABLE
    if status == 404:
        return _INCOMPLETE if request.url.path.startswith(_FOR_ONE_PERSON) else _UNKNOWN
    return _NOT_UNDERSTOOD
