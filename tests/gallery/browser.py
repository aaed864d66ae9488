"""One Chromium with one page, in which letters and pages are looked at one after the other."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import FloatRect, Page, Route, async_playwright

from domain.locales import locale_of

Scheme = Literal["light", "dark"]
Serve = Callable[[Route], Awaitable[bool]]
"""Answers a request, and says whether it did."""

NO_CHROMIUM = (
    "no Chromium is there to look at letters and pages with: install it, on Debian by `apt-get install chromium`"
)

_MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RUN_AXE = """async (allowed) => (await axe.run({
  resultTypes: ["violations"], rules: Object.fromEntries(allowed.map((id) => [id, {enabled: false}])),
})).violations.flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`))"""


def chromium() -> str | None:
    """The Chromium of this machine, None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """A page that is shown letters and pages. It reaches no other machine: `asked` has what was asked for.

    Playwright's asynchronous half is used because its other one leaves a loop running between two calls, in which
    tests cannot run loops of their own.
    """

    def __init__(self, runner: asyncio.Runner, page: Page) -> None:
        self._runner = runner
        self._page = page
        self._serve: Serve | None = None
        self._scheme: Scheme | None = None
        self.asked: list[str] = []

    def show(self, html: str) -> None:
        """Show a letter, at once and with nothing around it."""
        self.asked.clear()
        self._run(self._page.set_content(html))

    def visit(self, address: str, serve: Serve) -> None:
        """Open a page whose requests are answered by `serve`; what that does not answer is in `asked`."""
        with self.served(serve):
            self._run(self._page.goto(address))

    @contextmanager
    def served(self, serve: Serve) -> Iterator[None]:
        """Have requests answered by `serve` meanwhile, those too that follow from what is done on a page."""
        self.asked.clear()
        self._serve = serve
        try:
            yield
        finally:
            self._serve = None

    def do(self, deed: Callable[[Page], Awaitable[Any]]) -> Any:
        """What somebody does on the page, and what they find there."""
        return self._run(deed(self._page))

    def make(self, width: int, scheme: Scheme, height: int = 900) -> None:
        """Make the window as wide (CSS pixels), and let the reader prefer light or dark."""
        self._run(self._page.set_viewport_size({"width": width, "height": height}))
        if scheme != self._scheme:
            self._run(self._page.emulate_media(color_scheme=scheme))
            self._scheme = scheme

    def faults(self, language: str, *, small: int = 16, low: int = 44) -> list[str]:
        """What is wrong with how it is laid out: too wide, overflowing; words smaller than `small` and buttons lower
        than `low` (CSS pixels); another language or direction than `language` (ISO 639) has."""
        wanted = {"lang": language, "dir": locale_of(language).text_direction, "small": small, "low": low}
        found: list[str] = self._run(self._page.evaluate(_MEASURE, wanted))
        return found

    def violations(self, *allowed: str) -> list[str]:
        """What axe finds, but for the rules that are allowed to be broken."""
        found: list[str] = self._run(self._page.evaluate(_RUN_AXE, list(allowed)))
        return found

    def tabbed(self, times: int) -> list[str]:
        """The words of what has the focus after each press of the tabulator, from the page's top on."""
        self._run(self._page.evaluate("document.activeElement.blur()"))
        found = []
        for _ in range(times):
            self._run(self._page.keyboard.press("Tab"))
            found.append(str(self._run(self._page.evaluate("document.activeElement.textContent.trim()"))))
        return found

    def picture(self, most: int) -> bytes:
        """A PNG of the page from its top on, of at most so many pixels in height."""
        width, height = self._run(self._page.evaluate("[innerWidth, document.documentElement.scrollHeight]"))
        clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": min(height, most)}
        taken: bytes = self._run(self._page.screenshot(full_page=True, clip=clip))
        return taken

    def _run(self, what: Any) -> Any:
        return self._runner.run(_awaited(what))

    async def answer(self, route: Route) -> None:
        """Answer a request, or refuse it and make a note."""
        if self._serve is None or not await self._serve(route):
            self.asked.append(route.request.url)
            await route.abort()


async def _awaited(what: Awaitable[Any]) -> Any:
    return await what


@contextmanager
def a_browser(executable: str, *, scripts: bool = True) -> Iterator[Browser]:
    """A browser, started and ended; one without `scripts` runs none of a page's."""
    with asyncio.Runner() as runner:
        playwright = runner.run(async_playwright().start())
        try:
            chrome = runner.run(playwright.chromium.launch(executable_path=executable))
            context = runner.run(chrome.new_context(service_workers="block", reduced_motion="reduce",
                                                   java_script_enabled=scripts))  # fmt: skip
            runner.run(context.add_init_script(_AXE))
            browser = Browser(runner, runner.run(context.new_page()))
            runner.run(context.route("**/*", browser.answer))
            yield browser
            runner.run(chrome.close())
        finally:
            runner.run(playwright.stop())
