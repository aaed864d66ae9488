"""The inbox viewer: every mail of a rehearsal as HTML, text, calendar entry and source.

For development and demonstrations only: it knows no login and shows everything. It does not listen by itself; whoever
serves it binds a loopback address, and requests that name another host are refused, so that no web page can reach it
by pointing a name of its own at this machine. It changes nothing and loads nothing from elsewhere.
"""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from config.settings import ROOT
from web.pages import Pages
from web.viewer.guard import Guard
from web.viewer.mailbox import Mailbox
from web.viewer.views import Views

_TEMPLATES = ROOT / "templates" / "viewer"


def create_viewer(folder: Path, zone: str = "Europe/Vienna") -> Starlette:
    """The viewer of a folder with `messages/NNNN.eml` and `manifest.json`, as `demo` and `rehearse` write it.

    Either may still be missing, change or be broken: pages say so. `zone` (IANA) is the conference's; the hours at
    which mails were sent are shown in it.
    """
    pages = Pages(_TEMPLATES, "")
    views = Views(Mailbox(folder), pages, zone)

    def style(request: Request) -> Response:  # noqa: ARG001 - the framework's form
        return FileResponse(_TEMPLATES / "viewer.css")

    def refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the framework's form
        assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's signature is wider than its use
        return pages.page("problem.html", error.status_code, error.headers, detail=error.detail)

    return Starlette(
        routes=[
            Route("/", views.inbox),
            Route("/viewer.css", style),
            Route("/mail/{number}", views.mail),
            Route("/mail/{number}/html", views.html),
            Route("/mail/{number}/text", views.text),
            Route("/mail/{number}/source", views.source),
            Route("/mail/{number}/calendar.ics", views.calendar),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={HTTPException: refused},
    )
