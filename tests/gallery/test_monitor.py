"""The monitor in a real browser: every page of it, and what people come for, with mouse, keyboard, and without scripts.

The list of pages is that of the routes: a page without a sight fails here.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.gallery.browser import Browser, Scheme
from tests.gallery.sights import NO_PAGES, SIGHTS, Sight, addresses
from tests.gallery.site import Site, a_site
from tests.gallery.troubles import Troubles, with_accounts

SMALL, LOW = 12, 24
"""In pixels: labels of figures may be smaller than a letter's words, and WCAG 2.2 asks for 24 at least (2.5.8)."""

ALL = [one for sights in SIGHTS.values() for one in sights]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("site")) as one:
        yield one


def test_every_address_of_the_monitor_is_looked_at(site: Site) -> None:
    assert addresses(site.app) - NO_PAGES == set(SIGHTS)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1200, "light")])
@pytest.mark.parametrize("path", SIGHTS)
def test_a_page_of_the_monitor_is_sound(browser: Browser, site: Site, path: str, width: int, scheme: Scheme) -> None:
    """axe finds nothing, nothing is cut off or too small, nothing is asked of anybody else, and there is one heading
    of the first rank."""
    browser.make(width, scheme)
    found = {one.name: seen(browser, site, one) for one in SIGHTS[path]}
    assert found == {one.name: [one.status] for one in SIGHTS[path]}


def seen(browser: Browser, site: Site, sight: Sight) -> list[object]:
    """The status of a sight, and what is wrong with it."""
    site.be(browser, sight.who)
    address = sight.path(site.troubles)
    if sight.posted is None:
        site.open(browser, address)
    else:
        site.open(browser, address if address.startswith("/login") else "/")
        site.post(browser, address, list(sight.posted))
    headings = browser.do(lambda page: page.locator("h1").count())
    return [
        browser.do(lambda page: page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus")),
        *browser.faults("en", small=SMALL, low=LOW), *browser.violations(), *browser.asked,
        *([] if headings == 1 else [f"{headings} headings of the first rank"]),
    ]  # fmt: skip


def test_a_monitor_without_anything_is_sound(browser: Browser, tmp_path: Path) -> None:
    """Before the first account, and before the first registration."""
    browser.make(360, "light")
    with a_site(tmp_path, nothing=True) as site:
        assert seen(browser, site, Sight("unset", lambda _: "/login", who="")) == [503]
        with_accounts(site.troubles.house)
        pages = sorted(one for one in addresses(site.app) - NO_PAGES if "{" not in one and "/login" not in one)
        found = {one: seen(browser, site, Sight(one, partial(_at, one))) for one in pages}
        assert found == {one: [200] for one in pages}


def _at(path: str, _: Troubles) -> str:
    return path
