"""Where the embedded emulator's join links lead: a page that says that here Zoom would open.

There only while no Zoom account is configured and nobody but this machine can be meant (`Settings.emulates_zoom`).
"""

from starlette.requests import Request
from starlette.responses import Response

from web.pages import Pages


class ZoomEmulator:
    """`/zoom-emulator/j/{token}`."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def answer(self, request: Request) -> Response:  # noqa: ARG002 - the token stands for a person; it is not looked at
        """The same page for every link."""
        return self._pages.page("zoom_emulator.html")
