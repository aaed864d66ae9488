"""The monitor: who may see it, and what it shows."""

import httpx2
import pytest

from schemas.role import Role
from tests.web.conftest import Door, House, an_account
from tests.web.page import Page
from tests.web.street import PASSWORD


def log_in(door: Door, name: str = "admin", password: str = PASSWORD, code: str = "") -> httpx2.Response:
    """Fill in the login page as a browser does."""
    token = Page(door.get("/admin/login").text).one("input", name="token")["value"]
    return door.post("/admin/login", data={"token": token, "name": name, "password": password, "code": code})


def log_in_as(house: House, door: Door, role: Role) -> None:
    """Log in with a new account of this role."""
    with house.toolbox.database.write() as session:
        an_account(session, f"a-{role}", role)
    assert log_in(door, f"a-{role}").headers["location"] == "/admin/"


def tables(page: Page) -> dict[str, list[list[str]]]:
    """The words of each table, by its caption."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for one in page.elements:
        if one.tag == "caption":
            rows = found.setdefault(one.text, [])
        elif one.tag == "tr":
            rows.append([])
        elif one.tag in {"td", "th"}:
            rows[-1].append(" ".join(one.text.split()))
    return found


@pytest.fixture
def monitor(door: Door) -> Door:
    """Somebody who is logged in."""
    assert log_in(door).headers["location"] == "/admin/"
    return door


def test_no_redirect_repeats_the_host_that_a_stranger_has_sent(door: Door) -> None:
    answer = door.get("/admin", headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (308, "/admin/")
    assert door.get("/livez/", headers={"host": "evil.example"}).status_code == 404
