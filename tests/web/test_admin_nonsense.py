"""Whatever is asked of the monitor by who is logged in is answered: no 500, and no 503 while the database is well."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from cli.hands import hands_of
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.test_admin import log_in
from tests.web.test_admin_roles import pages
from tests.web.test_admin_table import BUTTONS
from web.admin.visits import Page as AdminPage
from web.app import create_app

FIELDS = ("after", "anyway", "code", "conference", "done", "from", "id", "kind", "language", "order", "reason",
          "replayed", "said", "session", "state", "until", "about", "before", "who", "action")  # fmt: skip
TYPED = ("given", "id", "reason", "digest", "letter", "whose", "address", "session", "language", "what", "role", "who",
         "action", "conference", "about", "before", "sessions", "email")  # fmt: skip
NONSENSE = ("\0", "9" * 5000, "<script>alert(1)</script>", "'; DROP TABLE admins; --", "\r\nSet-Cookie: x=1", "٣", "½",
            "9999-12-31T23:59", "0001-01-01T00:00", "0001-01-01T00:00+14:00~x", "retry-" + "9" * 5000, "%s %d %(x)s",
            "{{ 7 * 7 }}", "\ud7ff\ufffe", "../../etc/passwd", "//evil.example")  # fmt: skip


@pytest.fixture
def app(house: House) -> Starlette:
    return create_app(house.toolbox, lambda _task, *_ids: None, hands_of(house.toolbox))


@pytest.fixture
def monitor(door: Door) -> Door:
    assert log_in(door).status_code == 303
    return door


def addresses(page: AdminPage) -> Iterator[str]:
    for one in NONSENSE if page.param_convertors else ("x",):
        yield f"/admin{page.path_format.format(**dict.fromkeys(page.param_convertors, quote(one, safe='')))}"


def test_nonsense_in_an_address_is_answered_harmlessly(monitor: Door, app: Starlette) -> None:
    for page in pages(app):
        for where in addresses(page):
            for one in NONSENSE:
                answer = monitor.get(where, params=dict.fromkeys(FIELDS, one[:1000]))
                assert answer.status_code in {200, 303, 400, 404, 409, 422}, (where[:99], one[:20], answer.status_code)
                assert "<script>alert" not in answer.text
                assert "set-cookie" not in answer.headers
                assert answer.headers.get("location", "/admin/").startswith("/admin/")


@pytest.mark.parametrize("query", ["failures?replayed=", "outbox?done=retry-", "participants/par_x?done="])
def test_a_number_of_any_length_is_answered(monitor: Door, query: str) -> None:
    assert monitor.get(f"/admin/{query}{'9' * 5000}").status_code in {200, 404}


def test_nonsense_in_a_form_is_answered_harmlessly(monitor: Door, app: Starlette) -> None:
    token = Page(monitor.get("/admin/").text).all("input", name="token")[0]["value"]
    deeds = [deed for _, deed in BUTTONS]
    for page in pages(app):
        if page.posts is None:
            continue
        own = [deed for path, deed in BUTTONS if path == page.path] or deeds[:1]
        where = next(addresses(page)) if page.param_convertors else f"/admin{page.path}"
        for one in NONSENSE:
            for deed in own:
                answer = monitor.post(where, data={"token": token, **dict.fromkeys(TYPED, one), "deed": deed})
                assert answer.status_code in {200, 303, 400, 404, 409, 422}, (where[:99], deed, one[:20])
                assert "<script>alert" not in answer.text
                assert answer.headers.get("location", "/admin/").startswith("/admin/")


def test_nonsense_at_peoples_doors_is_answered(door: Door) -> None:
    for where in ("/receipts/", "/register/", "/lost-link/", "/r/", "/j/", "/u/", "/cal/", "/hooks/standard/",
                  "/hooks/zoom/", "/hooks/mail/"):  # fmt: skip
        for one in NONSENSE:
            for method in ("GET", "POST"):
                answer = door.request(method, where + quote(one, safe=""))
                assert answer.status_code < 500, (method, where, one[:20], answer.status_code)
