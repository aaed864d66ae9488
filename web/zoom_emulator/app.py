"""The emulated Zoom's ASGI application: alone, or mounted in another."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from config.settings import ROOT
from web.pages import Pages
from web.problems import Answers
from web.zoom_emulator.admin import Admin
from web.zoom_emulator.api import Api
from web.zoom_emulator.emulator import Emulator
from web.zoom_emulator.endpoints import ENDPOINTS
from web.zoom_emulator.faults import as_answer
from web.zoom_emulator.guard import LoopbackOnly
from web.zoom_emulator.refusals import refusal
from web.zoom_emulator.visiting import Visiting

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_emulator(emulator: Emulator) -> Starlette:
    """The application. Its own addresses all begin with the emulator's `base_url`.

    Alone it also sends notifications. Mounted in another, whose lifespan is the only one that runs, that one must open
    `emulator.delivering()`.
    """
    pages = Pages(ROOT / "templates" / "web", urlsplit(emulator.base_url).path)

    @asynccontextmanager
    async def delivering(_app: Starlette) -> AsyncIterator[None]:
        async with emulator.delivering():
            yield

    app = Starlette(
        routes=[
            *_api(emulator),
            Route("/admin", lambda _: RedirectResponse(f"{pages.base}/admin/", 308)),
            Mount("/admin", routes=Admin(emulator, pages).routes(), middleware=[Middleware(LoopbackOnly)]),
            Mount("/static", StaticFiles(directory=ROOT / "web" / "static")),
            *Visiting(emulator, pages).routes(),
        ],
        lifespan=delivering,
        exception_handlers={HTTPException: Answers(pages).refused},
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
