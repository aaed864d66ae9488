"""What people see of the emulated Zoom: where a link leads, and the page on which they register by themselves."""

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from web.pages import Pages
from web.zoom_emulator.emulator import Emulator


class Visiting:
    """Pages for participants."""

    def __init__(self, emulator: Emulator, pages: Pages) -> None:
        self._emulator = emulator
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [Route("/w/{number}", self.join), Route("/j/{number}", self.opened)]

    async def join(self, request: Request) -> Response:
        """A personal link: here Zoom would open."""
        number, tk = request.path_params["number"], request.query_params.get("tk", "")
        await run_sync(self._emulator.registered_by_link, number, tk)
        return await self.opened(request)

    async def opened(self, _request: Request) -> Response:
        """The same page for every link."""
        return self._pages.page("zoom_emulator.html")
