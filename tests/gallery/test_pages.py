"""The house's own pages as a browser shows them: on a telephone, read by axe, and from this house alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Route

from cli.preview.command import written
from cli.preview.pages import Place, write
from cli.preview.personas import PERSONAS
from cli.preview.specimens import KINDS, desk
from schemas.programme import CORRESPONDENCE_LANGUAGES
from tests.gallery.browser import Browser, Scheme
from tests.gallery.street import EARLY, HOME, OPEN, Street, a_street

SMALL, LOW = 12, 24
"""In pixels: labels of figures may be smaller than a letter's words, and WCAG 2.2 asks for 24 at least (2.5.8)."""

both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with a_street(tmp_path_factory.mktemp("street"), *CORRESPONDENCE_LANGUAGES) as one:
        yield one


def look(browser: Browser, street: Street, address: str, language: str = "en") -> list[str]:
    browser.visit(address, street.serve)
    return browser.faults(language, small=SMALL, low=LOW) + browser.violations() + browser.asked


@both_schemes
@pytest.mark.parametrize(
    "page", ["/register/alliance-2021", "/lost-link", "/lost-link/sent", "/j/nothing", "/admin/login"]
)
def test_a_page_for_everybody_is_sound(browser: Browser, street: Street, page: str, scheme: Scheme) -> None:
    browser.make(360, scheme)
    assert look(browser, street, f"{HOME}{page}?lang=en") == []


@both_schemes
@pytest.mark.parametrize("language", CORRESPONDENCE_LANGUAGES)
def test_the_page_for_joining_is_sound_in_every_language(
    browser: Browser, street: Street, language: str, scheme: Scheme
) -> None:
    browser.make(360, scheme)
    found = {}
    for moment in (EARLY, OPEN):
        street.house.at(moment)
        found[moment] = look(browser, street, street.join[language], language)
    assert found == {EARLY: [], OPEN: []}


@both_schemes
@pytest.mark.parametrize("language", CORRESPONDENCE_LANGUAGES)
def test_the_own_page_is_sound_in_every_language(
    browser: Browser, street: Street, language: str, scheme: Scheme
) -> None:
    street.house.at(EARLY)
    browser.make(360, scheme)
    assert look(browser, street, street.own[language], language) == []
    assert look(browser, street, f"{street.own[language]}?lang={language}&titles=shown", language) == []


def test_the_own_page_is_used_by_the_keyboard_alone(browser: Browser, street: Street) -> None:
    """The way out comes right after the link to the content; every other control is reached in turn."""
    street.house.at(EARLY)
    browser.make(360, "light")
    browser.visit(street.own["en"], street.serve)
    reached = browser.tabbed(60)
    assert reached[:2] == ["Skip to the content", "Leave this page"]
    assert {"Withdraw from this session", "Register for the chosen sessions", "Save"} <= set(reached)


@both_schemes
@pytest.mark.parametrize("page", ["", "queues", "zoom", "interpretation", "figures"])
def test_the_monitor_is_sound(browser: Browser, street: Street, page: str, scheme: Scheme) -> None:
    street.log_in()
    browser.make(360, scheme)
    assert look(browser, street, f"{HOME}/admin/{page}") == []


@both_schemes
def test_the_way_into_the_monitor_is_sound(browser: Browser, street: Street, scheme: Scheme) -> None:
    browser.make(360, scheme)
    assert look(browser, street, f"{HOME}/admin/login") == []
    street.log_in("olena")
    assert look(browser, street, f"{HOME}/admin/login/second") == []
    street.log_in()
    assert look(browser, street, f"{HOME}/admin/accounts") == []


@both_schemes
def test_the_monitors_participants_are_sound(browser: Browser, street: Street, scheme: Scheme) -> None:
    street.log_in()
    browser.make(360, scheme)
    (letter,) = street.house.outbox("invitation")[:1]
    for page in "participants?conference=alliance-2021", f"participants/{letter.participant_id}", "audit":
        assert look(browser, street, f"{HOME}/admin/{page}") == []


@both_schemes
def test_the_pages_of_letters_are_sound(browser: Browser, tmp_path: Path, scheme: Scheme) -> None:
    write(tmp_path, written(desk(), [Place(kind, PERSONAS[0], "en") for kind in KINDS]))

    async def from_the_folder(route: Route) -> bool:
        if not route.request.url.startswith(HOME):
            return False
        await route.fulfill(path=tmp_path / route.request.url.removeprefix(HOME).lstrip("/"))
        return True

    browser.make(360, scheme)
    found = []
    for page in ("index.html", "en/invitation.standard.html"):
        browser.visit(f"{HOME}/{page}", from_the_folder)
        found += browser.faults("en", small=SMALL, low=LOW) + browser.violations() + browser.asked
    assert found == []
