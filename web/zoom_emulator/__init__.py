"""Zoom as its documents describe it, down to its faults, for demonstrations, rehearsals and tests.

Written from the documents, not from our client. It holds what Zoom would hold; so its folder is as personal as Zoom.
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
