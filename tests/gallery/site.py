"""The web part on a real socket, and what it is a site of: a browser posts to it, is sent on, and keeps its cookies."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.async_api import Page, Route
from starlette.applications import Starlette

from cli.hands import hands_of
from tests.gallery.browser import Browser
from tests.gallery.troubles import PASSWORD, Troubles, troubles
from tests.servers.zoom import serving
from web.app import create_app


@dataclass
class Site:
    """A monitor that somebody sits before."""

    url: str
    troubles: Troubles
    app: Starlette
    _who: str | None = None

    def be(self, browser: Browser, who: str) -> None:
        """Be somebody from now on, or nobody, where that is empty."""
        if who != self._who or not who:
            if who:
                self.log_in(browser, who)
            else:
                browser.do(lambda page: page.context.clear_cookies())
            self._who = who

    async def serve(self, route: Route) -> bool:
        """Let the browser ask this site, and no other."""
        if not route.request.url.startswith(self.url):
            return False
        await route.continue_()
        return True

    def open(self, browser: Browser, path: str) -> None:
        """Open a page of the monitor, below `/admin`."""
        with browser.served(self.serve):
            browser.do(lambda page: page.goto(f"{self.url}/admin{path}"))

    def log_in(self, browser: Browser, name: str = "admin", password: str = PASSWORD) -> None:
        """As somebody; whoever was logged in before is not any more."""

        async def typed(page: Page) -> None:
            await page.context.clear_cookies()
            await page.goto(f"{self.url}/admin/login")
            await page.fill("#name", name)
            await page.fill("#password", password)
            await page.click("main button")

        with browser.served(self.serve):
            browser.do(typed)

    def post(self, browser: Browser, path: str, fields: list[tuple[str, str]]) -> None:
        """What the page that is open would post to `path`, were its form filled in so."""
        with browser.served(self.serve):
            browser.do(lambda page: _posted(page, f"{self.url}/admin{path}", fields))


async def _posted(page: Page, address: str, fields: list[tuple[str, str]]) -> None:
    async with page.expect_navigation():
        await page.evaluate(
            """([address, fields]) => {
                const form = document.createElement("form");
                form.method = "post";
                form.action = address;
                const token = document.querySelector("input[name=token]")?.value ?? "";
                for (const [name, value] of [["token", token], ...fields]) {
                    const field = document.createElement("input");
                    [field.type, field.name, field.value] = ["hidden", name, value];
                    form.append(field);
                }
                document.body.append(form);
                form.submit();
            }""",
            [address, fields],
        )


@contextmanager
def a_site(folder: Path, *, nothing: bool = False) -> Iterator[Site]:
    """The site of a conference with troubles, or where nothing has happened yet. Delivery is called by whoever wants
    letters to go."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with troubles(folder, nothing=nothing, public_url=url) as world:
        app = create_app(world.house.toolbox, lambda _task, *_ids: None, hands_of(world.house.toolbox))
        with serving(uvicorn.Config(app, log_config=None, access_log=False), listening):
            yield Site(url, world, app)
