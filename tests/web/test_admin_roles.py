"""Roles crossed: every address of the monitor, with every role and with none."""

from collections.abc import Iterator
from itertools import product

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from cli.hands import hands_of
from domain.roles import ROLES, Right, may
from schemas.role import Role
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.test_admin import log_in, log_in_as
from web.admin.visits import MENU
from web.admin.visits import Page as AdminPage
from web.app import create_app

OPEN = {"/livez", "/readyz", "/metrics", "/static"}
PEOPLES = {"/hooks", "/register", "/j", "/lost-link", "/r", "/cal", "/u", "/receipts", "/zoom-emulator"}
"""Each with a secret of its own, or for everybody."""

WAYS_IN = {"/login", "/login/second", "/login/openid", "/login/openid/back", "/logout"}


@pytest.fixture
def app(house: House) -> Starlette:
    return create_app(house.toolbox, lambda _task, *_ids: None, hands_of(house.toolbox))


def monitor(app: Starlette) -> list[BaseRoute]:
    (mount,) = (one for one in app.routes if isinstance(one, Mount) and one.path == "/admin")
    return mount.routes


def pages(app: Starlette) -> list[AdminPage]:
    return [one for one in monitor(app) if isinstance(one, AdminPage)]


def address(page: Route) -> str:
    """An address of this page; what it is about there need not be."""
    return f"/admin{page.path_format.format(**dict.fromkeys(page.param_convertors, 'none'))}"


def asked(app: Starlette) -> Iterator[tuple[AdminPage, str, Right | None]]:
    """Every page and method, and the right that it takes; None where the page does not take the method."""
    for page, method in product(pages(app), ("GET", "HEAD", "POST", "PUT", "DELETE")):
        yield page, method, {"GET": page.right, "HEAD": page.right, "POST": page.posts}.get(method)


def test_every_address_of_the_monitor_asks_for_a_right_or_is_a_way_in(app: Starlette) -> None:
    others = {one.path for one in monitor(app) if isinstance(one, Route) and not isinstance(one, AdminPage)}
    assert others <= WAYS_IN
    assert len(pages(app)) + len(others) == len(monitor(app))
    assert {place.path: place.right for place in MENU}.items() <= {one.path: one.right for one in pages(app)}.items()


def test_outside_of_the_monitor_there_are_only_peoples_own_doors_and_health(app: Starlette) -> None:
    first = {"/" + str(getattr(one, "path", "?")).split("/")[1] for one in app.routes}
    assert first - {"/admin"} <= OPEN | PEOPLES


def test_without_a_login_every_page_leads_to_the_login(door: Door, app: Starlette) -> None:
    for page, method, right in asked(app):
        answer = door.request(method, address(page), data={} if method == "POST" else None)
        if right is None:
            assert answer.status_code == 405, (page.path, method)
        else:
            assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/admin/login", "")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_its_rights_say_and_nothing_else(house: House, app: Starlette, role: Role) -> None:
    with house.door() as door:
        log_in_as(house, door, role)
        front = door.get("/admin/")
        token = Page(front.text).all("input", name="token")[0]["value"]
        for page, method, right in asked(app):
            answer = door.request(method, address(page), data={"token": token} if method == "POST" else None)
            if right is None:
                assert answer.status_code == 405, (page.path, method)
            elif not may(role, right):
                assert (answer.status_code, "role" in answer.text or method == "HEAD") == (403, True), page.path
            else:
                assert answer.status_code in {200, 303, 404, 409, 422}, (page.path, method, answer.status_code)
                assert answer.headers.get("location") != "/admin/login"


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_shows_what_one_may_see(house: House, role: Role) -> None:
    with house.door() as door:
        log_in_as(house, door, role)
        menu = door.get("/admin/").text.partition("</nav>")[0]
    assert [f'href="/admin{one.path}"' in menu for one in MENU] == [may(role, one.right) for one in MENU]


def test_no_post_is_taken_without_a_token_or_from_elsewhere(house: House, app: Starlette) -> None:
    with house.door() as door:
        log_in(door)
        token = Page(door.get("/admin/").text).all("input", name="token")[0]["value"]
        for page in pages(app):
            if page.posts is not None:
                forged = door.post(address(page), data={"token": "forged"})
                elsewhere = door.post(address(page), data={"token": token}, headers={"origin": "https://evil.example"})
                nowhere = door.post(address(page), data={"token": token}, headers={"origin": ""})
                assert {forged.status_code, elsewhere.status_code, nowhere.status_code} == {403}, page.path
