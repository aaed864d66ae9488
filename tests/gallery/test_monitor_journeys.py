"""What a secretariat comes to the monitor for: somebody got nothing. They are found, it is put right, and mail arrives.

By mouse, by the keyboard alone, and in a browser that runs no scripts.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.gallery.browser import NO_CHROMIUM, Browser, a_browser, chromium
from tests.gallery.site import Site, a_site
from tests.gallery.troubles import PASSWORD

REASON = "spoke with them on the telephone"
MOST_TABS = 80


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with a_site(tmp_path) as one:
        yield one


@pytest.fixture
def without_scripts() -> Iterator[Browser]:
    executable = chromium()
    if executable is None:
        pytest.skip(NO_CHROMIUM)
    with a_browser(executable, scripts=False) as one:
        yield one


def arrived(site: Site) -> list[str]:
    """To whom a letter has gone since it was last asked, once what is due is delivered."""
    before = len(site.troubles.server.taken)
    site.troubles.house.deliver()
    return [one.recipient for one in site.troubles.server.taken[before:]]


def does(site: Site, browser: Browser, *steps: Callable[[Page], object]) -> None:
    """One step after the other."""

    async def all_of_them(page: Page) -> None:
        for step in steps:
            await step(page)  # type: ignore[misc]

    with browser.served(site.serve):
        browser.do(all_of_them)


def finds(site: Site, address: str) -> Callable[[Page], object]:
    """Somebody is looked for by their address; what is the matter is said at the top."""

    async def found(page: Page) -> None:
        await page.goto(f"{site.url}/admin/participants")
        await page.fill("#given", address)
        await page.press("#given", "Enter")
        await expect(page.locator("h1")).to_contain_text("Participant par_")

    return found


async def lets_mail_go(page: Page) -> None:
    """From the banner that every page has."""
    await page.click(".resting a")
    await page.click("button:has-text('Let delivery go on')")
    await expect(page.locator(".resting")).to_have_count(0)


def says(text: str) -> Callable[[Page], object]:
    return lambda page: expect(page.locator("main")).to_contain_text(re.compile(text))


async def corrects(page: Page) -> None:
    await page.fill("#address", "bela@right.example.org")
    await page.fill("#why-correct-address", REASON)
    await page.click("button:has-text('Correct it')")


async def frees(page: Page) -> None:
    await page.click("summary:has-text('Let letters go to this address again')")
    await page.fill("#why-lift", REASON)
    await page.click("button:has-text('Let them go')")


async def asks_zoom(page: Page) -> None:
    await page.click("button:has-text('Have Zoom asked again')")


async def releases(page: Page) -> None:
    await page.click("button:has-text('Release their mail')")


def every_reason_is_found_and_put_right(site: Site, browser: Browser) -> None:
    house = site.troubles.house
    site.log_in(browser, "secretariat")
    does(site, browser, finds(site, "juno@example.org"), says("All mail is paused .the queue delivery."), lets_mail_go)
    assert "juno@example.org" in arrived(site)
    does(site, browser, finds(site, "bela@wrong.example.org"), says("nobody has this address"), corrects,
         says("The address is corrected"))  # fmt: skip
    house.tend_all()
    assert "bela@right.example.org" in [one.recipient for one in site.troubles.server.taken]
    does(site, browser, finds(site, "cleo@example.org"), says("Nothing more is sent to it"), frees,
         says("Letters go to this address again. Letters that had been held and go now: 1"))  # fmt: skip
    assert arrived(site) == ["cleo@example.org"]
    does(site, browser, finds(site, "dora@example.org"), says("All mail to them is held by hand"), releases,
         says("Mail goes to this person again"))  # fmt: skip
    does(site, browser, finds(site, "ines@example.org"), says("Zoom does not take them"), asks_zoom,
         says("Zoom is asked again now"))  # fmt: skip
    house.tend_all()
    assert "ines@example.org" in [one.recipient for one in site.troubles.server.taken]
    does(site, browser, finds(site, "emil@example.org"), says("they are on the waiting list, and so not invited"))
    does(site, browser, finds(site, "ivo@example.org"), says("not sent, for it would have come too late"))
    does(site, browser, finds(site, "fay@example.org"), says("approval is awaited"), approves,
         says("Approved: 1 of 1"))  # fmt: skip
    house.tend(site.troubles.who["pending"])


async def approves(page: Page) -> None:
    await page.click("main a:has-text('Go there')")
    await page.check("tr:has-text('class') input[type=checkbox]")
    await page.click("button:has-text('Approve')")


def a_rejected_submission_is_corrected(site: Site, browser: Browser) -> None:
    async def corrected(page: Page) -> None:
        await page.click("nav a:has-text('Inbox')")
        await page.click("tr:has-text('Choose a time zone') a")
        await page.fill("#reason", REASON)
        await page.click("main form:has(#reason) button >> nth=0")
        await page.fill("main [name=time_zone]", "Europe/Vienna")
        await page.click("button:has-text('Correct, and judge again')")
        await expect(page.locator("main")).to_contain_text("Corrects")

    does(site, browser, lambda page: page.goto(f"{site.url}/admin/participants"), corrected)
    copy = str(browser.do(_address)).rpartition("/")[2]
    site.troubles.house.process(copy)
    assert "gus@example.org" in arrived(site)


async def _address(page: Page) -> str:
    return page.url


def test_everybody_who_got_nothing_is_found_and_helped(browser: Browser, site: Site) -> None:
    browser.make(1200, "light")
    every_reason_is_found_and_put_right(site, browser)
    a_rejected_submission_is_corrected(site, browser)


def test_it_is_done_without_scripts_on_a_telephone(without_scripts: Browser, site: Site) -> None:
    without_scripts.make(360, "light")
    every_reason_is_found_and_put_right(site, without_scripts)


async def tabs_to(page: Page, words: str) -> None:
    """Press the tabulator until what has the focus is called so; the focus is seen at each step."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        name, outline = await page.evaluate(_FOCUSED)
        assert outline != "none", f"the focus on {name} is not seen"
        if re.search(words, name):
            return
    raise AssertionError(f"{words} was not reached by the keyboard")


_FOCUSED = """() => {
    const at = document.activeElement;
    const labels = [...(at.labels ?? [])].map((one) => one.textContent);
    const words = [at.getAttribute("aria-label") ?? "", at.textContent, ...labels].join(" ");
    const name = words.replace(/\\s+/g, " ").trim();
    return [name, at === document.body ? "body" : getComputedStyle(at).outlineStyle];
}"""


def test_it_is_done_by_the_keyboard_alone(browser: Browser, site: Site) -> None:
    """From the login to the corrected address. The link to the content comes first, and takes there."""

    async def typed(page: Page) -> None:
        await page.context.clear_cookies()
        await page.goto(f"{site.url}/admin/login")
        for words, text in (("^Name", "secretariat"), ("^Password", PASSWORD)):
            await tabs_to(page, words)
            await page.keyboard.type(text)
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Today")
        await tabs_to(page, "^Skip to the content")
        await page.keyboard.press("Enter")
        await tabs_to(page, "^Read again")
        await page.keyboard.press("Home")
        await page.reload()
        await tabs_to(page, "^Participants$")
        await page.keyboard.press("Enter")
        await expect(page.locator("#given")).to_be_focused()
        await page.keyboard.type("bela@wrong.example.org")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_contain_text("Participant par_")
        await tabs_to(page, "^The right address")
        await page.keyboard.type("bela@right.example.org")
        await tabs_to(page, "^Why: for the record")
        await page.keyboard.type(REASON)
        await tabs_to(page, "^Correct it$")
        await page.keyboard.press("Space")
        await expect(page.locator("[role=status]")).to_contain_text("The address is corrected")
        await expect(page.locator("[role=status]")).to_be_focused()

    browser.make(1200, "light")
    does(site, browser, typed)


def test_a_page_that_reads_itself_again_takes_the_focus_from_nobody(browser: Browser, site: Site) -> None:
    """Whoever is in the region that is read again stays where they are; what is read says when that was."""

    async def stays(page: Page) -> None:
        await page.click("nav a:has-text('Queues')")
        region = page.locator("#live .wide").first
        await region.focus()
        await page.evaluate("readAgain()")
        await expect(region).to_be_focused()
        await page.locator("h1").evaluate("document.activeElement.blur()")
        async with page.expect_response(lambda answer: answer.url.endswith("/admin/queues")):
            await page.evaluate("readAgain()")
        await expect(page.locator("#live")).to_contain_text("Read at 2030-06-14 12:30 CEST")

    browser.make(1200, "light")
    site.log_in(browser, "secretariat")
    does(site, browser, stays)


def test_a_page_that_cannot_be_read_again_says_so_until_it_can(browser: Browser, site: Site) -> None:
    async def loses_the_house(page: Page) -> None:
        await page.goto(f"{site.url}/admin/queues")
        await page.context.set_offline(True)
        await page.evaluate("readAgain()")
        await expect(page.locator("[data-stale]")).to_be_visible()
        await page.context.set_offline(False)
        await page.evaluate("readAgain()")
        await expect(page.locator("[data-stale]")).to_be_hidden()

    browser.make(1200, "light")
    site.log_in(browser, "viewer")
    does(site, browser, loses_the_house)
