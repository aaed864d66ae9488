"""The emulated Zoom's ASGI application: alone, or mounted in another."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from config.settings import ROOT
from web.pages import Pages
from web.zoom_emulator.api import Api
from web.zoom_emulator.emulator import Emulator
from web.zoom_emulator.endpoints import ENDPOINTS
from web.zoom_emulator.faults import as_answer
from web.zoom_emulator.refusals import refusal
from web.zoom_emulator.visiting import Visiting

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_emulator(emulator: Emulator) -> Starlette:
    """The application. Its own addresses all begin with the emulator's `base_url`."""
    pages = Pages(ROOT / "templates" / "web", urlsplit(emulator.base_url).path)
    app = Starlette(
        routes=[
            *_api(emulator),
            *Visiting(emulator, pages).routes(),
            Mount("/static", StaticFiles(directory=ROOT / "web" / "static")),
        ]
    )
    app.router.redirect_slashes = False
    return app


def _api(emulator: Emulator) -> Sequence[BaseRoute]:
    api = Api(emulator.working, emulator.accounts)
    known = [Route(one.path, partial(api.answer, one), methods=[one.method]) for one in ENDPOINTS]
    return [*known, Route("/v2/{rest:path}", _unknown, methods=_METHODS)]


async def _unknown(_request: Request) -> Response:
    refused = refusal("endpoint_unknown")
    answer = as_answer(refused.status, refused.body, {})
    return Response(answer.content, answer.status, media_type=answer.media_type)
