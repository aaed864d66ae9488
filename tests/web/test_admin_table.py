"""The table of who may do what in the monitor, written down once more: every address and every button, by hand.

An address, or a button, that is new and not in these tables makes a test fail: whoever adds one says here who may.
"""

import re
from collections.abc import Iterator
from itertools import product

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from adapters.database import audits
from adapters.database.tables import EnvelopeRow, LetterRow, PauseRow
from cli.hands import hands_of
from config.settings import ROOT
from schemas.role import Role
from tests.web.conftest import HOME, Door, House
from tests.web.page import Page
from tests.web.test_admin import log_in, log_in_as
from tests.web.test_admin_inbox import rejected
from tests.web.test_admin_outbox import a_letter
from tests.web.test_admin_roles import address, monitor, pages
from web.app import create_app
from web.safety import policy

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

EVERYBODY: tuple[Role, ...] = ("viewer", "operator", "secretariat", "admin", "auditor")
OPERATORS: tuple[Role, ...] = ("operator", "secretariat", "admin")
SECRETARIAT: tuple[Role, ...] = ("secretariat", "admin")
READERS: tuple[Role, ...] = ("admin", "auditor")
ADMINS: tuple[Role, ...] = ("admin",)
NOBODY: tuple[Role, ...] = ()

PAGES: dict[str, tuple[tuple[Role, ...], tuple[Role, ...]]] = {
    "/": (EVERYBODY, NOBODY),
    "/participants": (OPERATORS, OPERATORS),
    "/participants/{id}": (OPERATORS, OPERATORS),
    "/outbox": (OPERATORS, OPERATORS),
    "/failures": (EVERYBODY, NOBODY),
    "/failures/replay": (OPERATORS, OPERATORS),
    "/inbox": (OPERATORS, SECRETARIAT),
    "/inbox/replay": (OPERATORS, OPERATORS),
    "/inbox/{envelope}": (OPERATORS, NOBODY),
    "/inbox/{envelope}/opened": (SECRETARIAT, SECRETARIAT),
    "/inbox/{envelope}/corrected": (SECRETARIAT, SECRETARIAT),
    "/pauses": (EVERYBODY, OPERATORS),
    "/queues": (EVERYBODY, NOBODY),
    "/zoom": (EVERYBODY, NOBODY),
    "/interpretation": (EVERYBODY, NOBODY),
    "/interpretation.csv": (EVERYBODY, NOBODY),
    "/figures": (EVERYBODY, NOBODY),
    "/programmes": (SECRETARIAT, NOBODY),
    "/programmes/{conference}": (SECRETARIAT, SECRETARIAT),
    "/places": (SECRETARIAT, SECRETARIAT),
    "/audit": (READERS, READERS),
    "/accounts": (ADMINS, ADMINS),
}
"""Who reads a page, and who may post to it."""

BUTTONS: dict[tuple[str, str], tuple[Role, ...]] = {
    ("/participants/{id}", "reveal"): SECRETARIAT,
    ("/participants/{id}", "resend"): OPERATORS,
    ("/participants/{id}", "hold"): OPERATORS,
    ("/participants/{id}", "release"): OPERATORS,
    ("/participants/{id}", "lift"): SECRETARIAT,
    ("/participants/{id}", "ask-zoom"): OPERATORS,
    ("/participants/{id}", "correct-address"): SECRETARIAT,
    ("/participants/{id}", "withdraw"): SECRETARIAT,
    ("/participants/{id}", "language"): SECRETARIAT,
    ("/participants/{id}", "renew-joining"): SECRETARIAT,
    ("/participants/{id}", "revoke-joining"): SECRETARIAT,
    ("/participants/{id}", "renew-page"): SECRETARIAT,
    ("/participants/{id}", "renew-calendar"): SECRETARIAT,
    ("/outbox", "retry"): OPERATORS,
    ("/outbox", "hold"): OPERATORS,
    ("/outbox", "release"): OPERATORS,
    ("/outbox", "replay"): OPERATORS,
    ("/inbox", "aside"): SECRETARIAT,
    ("/inbox", "replay"): SECRETARIAT,
    ("/pauses", "pause"): OPERATORS,
    ("/pauses", "resume"): OPERATORS,
    ("/places", "approve"): SECRETARIAT,
    ("/places", "refuse"): SECRETARIAT,
    ("/audit", "table"): READERS,
    ("/accounts", "role"): ADMINS,
    ("/accounts", "disable"): ADMINS,
    ("/accounts", "enable"): ADMINS,
    ("/accounts", "logout"): ADMINS,
}
"""Who may press what, on the pages that have more than one button."""

WAYS_IN = {"/login", "/login/second", "/login/openid", "/login/openid/back", "/logout"}

STREET = {
    "/hooks/mail/{provider}", "/hooks/zoom/{account}", "/hooks/{source}/{conference}", "/register/{conference}",
    "/register/{conference}/received", "/j/{token:path}", "/lost-link", "/lost-link/sent", "/lost-link/{conference}",
    "/lost-link/{conference}/sent", "/r/{token}/sessions.ics", "/r/{token:path}", "/cal/{token:path}", "/u/{token}",
    "/receipts/{receipt}", "/livez", "/readyz", "/metrics", "/admin", "/static", "/zoom-emulator",
}  # fmt: skip
"""All that can be reached without a login."""


@pytest.fixture
def app(house: House) -> Starlette:
    """With every way in that there is."""
    house.set(admin_oidc_issuer="http://127.0.0.1:9", admin_oidc_client_id="convenor",
              admin_oidc_roles={"all": "viewer"})  # fmt: skip
    return create_app(house.toolbox, lambda _task, *_ids: None, hands_of(house.toolbox))


def path_of(one: BaseRoute) -> str:
    assert isinstance(one, Route | Mount), one
    return one.path


def posted(door: Door, where: str, **said: str) -> httpx2.Response:
    token = Page(door.get("/admin/").text).all("input", name="token")[0]["value"]
    return door.post(where, data={"token": token, **said})


def test_every_address_is_in_the_tables(app: Starlette) -> None:
    assert {path_of(one) for one in app.routes} == STREET
    others = {path_of(one) for one in monitor(app)} - {one.path for one in pages(app)}
    assert others == WAYS_IN
    assert {one.path for one in pages(app)} == set(PAGES)


def test_every_button_is_in_the_tables(database_url: str) -> None:
    templates = "".join(one.read_text("utf-8") for one in sorted((ROOT / "templates/web/admin").glob("*.html")))
    buttons = re.findall(r'name="deed" value="([a-z-]+)"|deed\("([a-z-]+)"', templates)
    assert {one or other for one, other in buttons} == {deed for _, deed in BUTTONS}


@pytest.mark.parametrize("role", EVERYBODY)
def test_each_role_reads_and_posts_what_the_table_says(house: House, app: Starlette, role: Role) -> None:
    with house.door() as door:
        log_in_as(house, door, role)
        for page in pages(app):
            readers, posters = PAGES[page.path]
            refused = door.get(address(page)).status_code == 403
            assert refused is (role not in readers), page.path
            status = posted(door, address(page)).status_code
            assert status == 405 if posters is NOBODY else (status == 403) is (role not in posters), page.path


@pytest.mark.parametrize("role", EVERYBODY)
def test_each_role_presses_what_the_table_says_and_nothing_else_happens(house: House, role: Role) -> None:
    letter, envelope = a_letter(house), rejected(house)
    with house.toolbox.database.read() as session:
        participant = session.get_one(LetterRow, letter).participant_id
        before = session.scalars(select(LetterRow.state)).all()
    with house.door() as door:
        log_in_as(house, door, role)
        for (path, deed), roles in BUTTONS.items():
            where = f"/admin{path.format(id=participant)}"
            chosen = envelope if path == "/inbox" else letter
            if role not in roles:
                said = {"id": chosen, "letter": letter, "whose": participant, "what": "mail", "role": "admin",
                        "address": "other@example.org", "session": "opening", "language": "fr"}  # fmt: skip
                assert posted(door, where, deed=deed, reason="x", **said).status_code == 403, (path, deed)
            else:
                assert posted(door, where, deed=deed, reason="x", id="none").status_code != 403, (path, deed)
    if role in {"viewer", "auditor"}:
        with house.toolbox.database.read() as session:
            noted = {one.action for one in audits.listed(session, house.toolbox.vault, 99)}
            states = session.scalars(select(LetterRow.state)).all(), session.scalars(select(EnvelopeRow.state)).all()
            assert (noted - {"audit-exported"}, states) == (set(), (before, ["rejected"]))
            assert session.scalars(select(PauseRow)).all() == []


def forgeries(token: str, others: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """What a forged form says, and what the browser says of it."""
    yield {"reason": "x"}, {}
    yield {"token": ""}, {}
    yield {"token": others}, {}
    for headers in ({"origin": ""}, {"origin": "null"}, {"origin": "https://evil.example"}, {"origin": f"{HOME}:81"},
                    {"origin": HOME.replace("http:", "https:")}, {"sec-fetch-site": "cross-site"},
                    {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "none"}):  # fmt: skip
        yield {"token": token}, headers


def test_no_post_is_taken_with_anothers_token_or_from_anywhere_else(house: House, app: Starlette) -> None:
    with house.door() as door, house.door() as other:
        log_in(door)
        log_in(other)
        token, others = (Page(one.get("/admin/").text).all("input", name="token")[0]["value"] for one in (door, other))
        assert token != others
        targets = [address(page) for page in pages(app) if page.posts is not None]
        for where, (said, headers) in product([*targets, "/admin/logout"], forgeries(token, others)):
            query = {"token": token}  # what stands in an address is no form
            answer = door.request("POST", where, params=query, data=said, headers=headers)
            assert answer.status_code == 403, (where, said, headers)
        assert door.get("/admin/").status_code == 200


def test_every_answer_has_the_headers_that_make_browsers_careful(house: House, app: Starlette) -> None:
    expected = {"x-content-type-options": "nosniff", "cross-origin-opener-policy": "same-origin"}
    with house.door() as door:
        for is_in in (False, True):
            if is_in:
                log_in(door)
            every = [*map(address, pages(app)), "/admin", "/admin/nothing", "/admin/login", "/admin/login/second",
                     "/nothing", "/livez", "/readyz", "/metrics", "/static/convenor.css", "/static/nothing",
                     "/static/%2e%2e/app.py", "/register/rivers-2026", "/r/x", "/j/x", "/u/x", "/cal/x.ics",
                     "/receipts/x", "/lost-link"]  # fmt: skip
            for method, where in product(("GET", "HEAD", "POST", "BREW"), every):
                answer = door.request(method, where, headers={"accept": "text/html"})
                heads = answer.headers
                assert heads.get_list("content-security-policy") == [policy()], (method, where)
                assert {name: heads[name] for name in expected} == expected, (method, where)
                assert heads["referrer-policy"] in {"no-referrer", "same-origin"}, (method, where)
                kept = "max-age=3600" if where.startswith("/static/") else "no-store"
                assert heads["cache-control"] == kept, (method, where)
                assert "server" not in heads
