"""The monitor's gate: passwords, authenticator apps, logins that last, and what is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp
import pytest
from sqlalchemy import func, select

from adapters.database import audits
from adapters.database.tables import AdminRow, AdminSessionRow, TryRow
from tests.web.conftest import HOME, Door, House, an_account
from tests.web.page import Page
from tests.web.street import NOW, PASSWORD
from tests.web.test_admin import log_in
from workers.accounts import Warden

CLI = "cli:somebody"
OTHER = "other words, many of them"


@pytest.fixture
def monitor(door: Door) -> Door:
    """Somebody who is logged in."""
    assert log_in(door).headers["location"] == "/admin/"
    return door


@pytest.fixture
def warden(house: House) -> Warden:
    return Warden(house.toolbox)


def is_in(door: Door) -> bool:
    return door.get("/admin/").status_code == 200


def secret_of(page: str) -> str:
    """What the page tells the authenticator app."""
    (address,) = [one["href"] for one in Page(page).all("a") if one["href"].startswith("otpauth:")]
    return parse_qs(urlsplit(address).query)["secret"][0]


def set_up(door: Door, house: House, name: str) -> tuple[str, httpx2.Response]:
    """Log in for the first time, and set up the authenticator app that is asked for: its secret, and the answer."""
    assert log_in(door, name).headers["location"] == "/admin/login/second"
    page = door.get("/admin/login/second").text
    secret = secret_of(page)
    token = Page(page).one("input", name="token")["value"]
    code = pyotp.TOTP(secret).at(house.clock.machine)
    return secret, door.post("/admin/login/second", data={"token": token, "code": code})


def test_without_a_login_nothing_is_shown(door: Door) -> None:
    answer = door.get("/admin/")
    assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/admin/login", "")


def test_without_any_account_a_page_says_how_to_make_one(door: Door, house: House, warden: Warden) -> None:
    warden.disable("admin", CLI)
    answer = door.get("/admin/login")
    assert (answer.status_code, "convenor admin create" in answer.text) == (503, True)


def test_with_name_and_password_one_is_let_in_for_twelve_hours(monitor: Door, house: House) -> None:
    for _ in range(47):
        house.clock.machine += timedelta(minutes=15)
        assert is_in(monitor)
    house.clock.machine += timedelta(minutes=15)
    assert not is_in(monitor)


def test_who_does_nothing_for_half_an_hour_is_out(monitor: Door, house: House) -> None:
    house.clock.machine += timedelta(minutes=29)
    assert is_in(monitor)
    house.clock.machine += timedelta(minutes=30)
    assert not is_in(monitor)


def test_a_page_that_asks_by_itself_keeps_nobody_in(monitor: Door, house: House) -> None:
    for _ in range(2):
        house.clock.machine += timedelta(minutes=15)
        monitor.get("/admin/", headers={"hx-request": "true"})
    assert not is_in(monitor)


def test_it_is_written_once_a_minute_at_most_that_somebody_is_there(monitor: Door, house: House) -> None:
    def seen() -> object:
        with house.toolbox.database.read() as session:
            return session.scalars(select(AdminSessionRow.machine_seen)).one()

    house.clock.machine += timedelta(seconds=59)
    assert is_in(monitor)
    assert seen() == NOW
    house.clock.machine += timedelta(seconds=1)
    assert is_in(monitor)
    assert seen() == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("name", "password"),
    [("admin", "wrong"), ("nobody", PASSWORD), ("", ""), ("admin\x00", "é"), ("'; DROP TABLE admins; --", PASSWORD),
     ("<script>alert(1)</script>", "<script>"), ("a" * 100_000, "b" * 100_000)],
)  # fmt: skip
def test_a_wrong_name_and_a_wrong_password_are_told_alike(door: Door, name: str, password: str) -> None:
    expected = log_in(door, "admin", "another one that is wrong")
    answer = log_in(door, name, password)
    assert (answer.status_code, answer.text) == (403, expected.text)
    assert not is_in(door)


def test_the_name_may_be_typed_in_capitals(door: Door) -> None:
    assert log_in(door, " Admin ").headers["location"] == "/admin/"


def test_a_login_form_from_elsewhere_is_not_taken(door: Door) -> None:
    data = {"name": "admin", "password": PASSWORD, "token": "forged"}
    assert door.post("/admin/login", data=data).status_code == 403
    door.get("/admin/login")
    assert door.post("/admin/login", data=data).status_code == 403


@pytest.mark.parametrize(
    ("headers", "taken"),
    [({"origin": ""}, False), ({"origin": "null"}, False), ({"origin": "https://evil.example"}, False),
     ({"origin": "http://convenor.example.org.evil.example"}, False), ({"origin": HOME.upper()}, True),
     ({"origin": HOME, "sec-fetch-site": "cross-site"}, False),
     ({"origin": HOME, "sec-fetch-site": "same-site"}, False),
     ({"origin": "null", "sec-fetch-site": "same-origin"}, True), ({"sec-fetch-site": "none"}, False)],
)  # fmt: skip
def test_a_form_is_taken_only_where_the_browser_says_that_it_is_of_ours(
    monitor: Door, headers: dict[str, str], taken: bool
) -> None:
    token = Page(monitor.get("/admin/").text).one("input", name="token")["value"]
    answer = monitor.post("/admin/logout", data={"token": token}, headers=headers)
    assert (answer.status_code, is_in(monitor)) == ((303, False) if taken else (403, True))


def test_the_pages_let_browsers_say_where_a_form_comes_from(monitor: Door) -> None:
    for path in ("/admin/", "/admin/login"):
        answer = monitor.get(path)
        assert answer.headers.get_list("referrer-policy") == ["same-origin"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def test_after_ten_wrong_tries_even_the_right_password_has_to_wait(door: Door, house: House) -> None:
    for _ in range(10):
        assert log_in(door, password="wrong").status_code == 403
    refused = log_in(door)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "90")
    house.clock.machine += timedelta(seconds=90)
    assert log_in(door).status_code == 303


def test_tries_from_many_places_at_one_account_are_counted_together(door: Door) -> None:
    for number in range(10):
        door.come_from(f"198.51.100.{number}")
        assert log_in(door, password="wrong").status_code == 403
    door.come_from("203.0.113.1")
    assert log_in(door).status_code == 429
    assert log_in(door, "nobody").status_code == 403


def test_tries_from_one_place_at_many_accounts_are_counted_together(door: Door) -> None:
    for number in range(10):
        assert log_in(door, f"nobody{number}").status_code == 403
    assert log_in(door).status_code == 429
    door.come_from("203.0.113.1")
    assert log_in(door).status_code == 303


def test_tries_that_come_all_at_once_are_counted_before_they_are_judged(house: House) -> None:
    with house.door() as one:
        one.get("/admin/login")
        answers = one.at_once("/admin/login", 30, {
            "token": Page(one.get("/admin/login").text).one("input", name="token")["value"], "name": "admin",
            "password": "wrong",
        })  # fmt: skip
    assert sorted({answer.status_code for answer in answers}) == [403, 429]
    assert sum(answer.status_code == 403 for answer in answers) == 10


def test_two_processes_of_the_web_part_count_tries_together(house: House) -> None:
    with house.door() as one, house.door() as two:
        for number in range(10):
            assert log_in((one, two)[number % 2], password="wrong").status_code == 403
        assert [log_in(door).status_code for door in (one, two)] == [429, 429]
    with house.door() as restarted:
        assert log_in(restarted).status_code == 429


def test_tries_are_kept_without_who_made_them_and_not_for_long(door: Door, house: House) -> None:
    def kept() -> list[TryRow]:
        with house.toolbox.database.read() as session:
            return list(session.scalars(select(TryRow)))

    log_in(door, password="wrong")
    assert len(kept()) == 2
    assert not any(word in row.id for row in kept() for word in ("admin", "192.0.2"))
    house.clock.machine += timedelta(minutes=15)
    log_in(door)
    assert kept() == []


def comings(house: House) -> list[tuple[str, str, str | None, dict[str, object]]]:
    """Who came, went, or was not let in, the first first; accounts by their names."""
    with house.toolbox.database.read() as session:
        names = {one.id: one.name for one in session.scalars(select(AdminRow))}
        found = audits.listed(session, house.toolbox.vault, 20, with_logins=True)
    return [
        (one.who, one.action, one.about and names[one.about], dict(one.details))
        for one in reversed(found) if one.action in audits.LOGINS
    ]  # fmt: skip


def test_logins_logouts_and_who_was_not_let_in_are_noted_without_what_was_typed(
    door: Door, house: House, warden: Warden
) -> None:
    with house.toolbox.database.write() as session:
        an_account(session, "nadia", "viewer")
    log_in(door, "my password in the wrong field", PASSWORD)
    log_in(door, password="wrong")
    log_in(door)
    token = Page(door.get("/admin/").text).one("input", name="token")["value"]
    door.post("/admin/logout", data={"token": token})
    warden.disable("admin", CLI)
    log_in(door)
    failed = "stranger", "admin.login-failed"
    assert comings(house) == [
        (*failed, None, {"by": "password", "wrong": "name"}),
        (*failed, "admin", {"by": "password", "wrong": "password"}),
        ("admin:admin", "admin.login", "admin", {"by": "password"}), ("admin:admin", "admin.left", "admin", {}),
        (*failed, "admin", {"by": "password", "wrong": "locked-out"}),
    ]  # fmt: skip


def test_strangers_with_many_addresses_do_not_fill_the_audit(door: Door, house: House) -> None:
    for number in range(70):
        door.come_from(f"203.0.113.{number}")
        assert log_in(door, f"nobody{number}").status_code == 403
    log_in(door, password="wrong")
    with house.toolbox.database.read() as session:
        found = audits.listed(session, house.toolbox.vault, 99, with_logins=True)
    assert [one.details["wrong"] for one in found] == ["password", *["name"] * 60]


def test_a_password_that_somebody_knows_without_the_code_is_seen_in_the_audit(
    door: Door, house: House, app: pyotp.TOTP
) -> None:
    log_in(door, "anna", code="000000")
    assert comings(house)[-1][2:] == ("anna", {"by": "password", "wrong": "code"})


def test_the_badge_is_out_of_reach_of_scripts_and_other_sites(door: Door) -> None:
    badge, gone = (one.lower() for one in log_in(door).headers.get_list("set-cookie"))
    assert badge.startswith("convenor_admin=")
    assert all(word in badge for word in ("httponly", "samesite=lax", "max-age=43200", "path=/"))
    assert gone.startswith('convenor_login=""')


def test_over_https_the_badge_is_for_this_host_alone(house: House) -> None:
    house.set(public_url="https://convenor.example.org")
    with house.door() as door:
        badge = door.get("/admin/login").headers["set-cookie"]
    assert badge.startswith("__Host-convenor_login=")
    assert all(word in badge.lower() for word in ("secure", "path=/"))
    assert "domain" not in badge.lower()


@pytest.mark.parametrize("cookie", ["", "x", "W10.x", "a" * 43, "\x7f" * 5000, "' OR 1=1 --", b"\xe9", '"a\\303"'])
def test_a_forged_badge_opens_nothing(monitor: Door, cookie: str | bytes) -> None:
    shown = b"convenor_admin=" + (cookie if isinstance(cookie, bytes) else cookie.encode())
    assert monitor.get("/admin/", headers={"cookie": shown}).status_code == 303


def test_what_the_table_keeps_opens_nothing(monitor: Door, house: House) -> None:
    with house.toolbox.database.read() as session:
        kept = session.scalars(select(AdminSessionRow.id)).one()
    assert monitor.get("/admin/", headers={"cookie": f"convenor_admin={kept}"}).status_code == 303


def test_a_login_that_was_planted_is_not_the_one_that_is_let_in(house: House) -> None:
    with house.door() as attacker, house.door() as victim:
        log_in(attacker)
        planted = attacker.cookies["convenor_admin"]
        victim.keep("convenor_admin", planted)
        log_in(victim)
        assert victim.cookies["convenor_admin"] != planted
        assert not is_in(attacker)
        assert is_in(victim)


def test_an_arrival_that_was_planted_shows_nothing_of_who_logs_in(house: House) -> None:
    with house.door() as attacker, house.door() as victim:
        attacker.get("/admin/login")
        victim.keep("convenor_login", attacker.cookies["convenor_login"])
        log_in(victim)
        assert not is_in(attacker)
        assert attacker.get("/admin/login/second").headers["location"] == "/admin/login"


def test_a_form_of_another_login_is_not_taken(monitor: Door, house: House) -> None:
    token = Page(monitor.get("/admin/").text).one("input", name="token")["value"]
    with house.door() as other:
        log_in(other)
        assert other.post("/admin/logout", data={"token": token}).status_code == 403
        assert is_in(other)


def test_logging_out_takes_a_form_of_the_page_and_ends_the_login_itself(monitor: Door) -> None:
    assert monitor.post("/admin/logout", data={"token": "forged"}).status_code == 403
    badge = monitor.cookies["convenor_admin"]
    token = Page(monitor.get("/admin/").text).one("input", name="token")["value"]
    assert monitor.post("/admin/logout", data={"token": token}).headers["location"] == "/admin/login"
    assert not is_in(monitor)
    assert monitor.get("/admin/", headers={"cookie": f"convenor_admin={badge}"}).status_code == 303


@pytest.mark.parametrize("how", ["role", "password", "totp", "disable", "logout"])
def test_what_is_changed_about_an_account_ends_its_logins_at_once(
    monitor: Door, house: House, warden: Warden, how: str
) -> None:
    with house.toolbox.database.write() as session:
        an_account(session, "nadia", "viewer")
    with house.door() as other:
        log_in(other, "nadia")
        change: dict[str, Callable[[], object]] = {
            "role": lambda: warden.change_role("nadia", "secretariat", CLI),
            "password": lambda: warden.set_password("nadia", OTHER, CLI),
            "totp": lambda: warden.renew_totp("nadia", CLI),
            "disable": lambda: warden.disable("nadia", CLI),
            "logout": lambda: warden.end_logins("nadia", CLI),
        }
        change[how]()
        assert not is_in(other)
    assert is_in(monitor)
    with house.toolbox.database.read() as session:
        assert session.scalars(select(func.count()).select_from(AdminSessionRow)).one() == 1


def test_a_role_that_was_changed_behind_our_back_ends_the_login_too(monitor: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        session.scalars(select(AdminRow)).one().role = "viewer"
    assert not is_in(monitor)


def test_who_is_locked_out_is_told_no_more_than_a_stranger(door: Door, house: House, warden: Warden) -> None:
    warden.disable("admin", CLI)
    with house.toolbox.database.write() as session:
        an_account(session, "other", "viewer")
    stranger = log_in(door, "nobody").text
    assert log_in(door).text == stranger
    warden.enable("admin", CLI)
    assert log_in(door).status_code == 303


def test_logins_that_are_over_are_forgotten_at_the_next_one(monitor: Door, house: House) -> None:
    house.clock.machine += timedelta(hours=1)
    with house.door() as other:
        log_in(other)
    with house.toolbox.database.read() as session:
        assert [row.machine_begun for row in session.scalars(select(AdminSessionRow))] == [house.clock.machine]


def test_who_sees_more_than_numbers_sets_up_an_app_before_the_first_page(house: House, door: Door) -> None:
    with house.toolbox.database.write() as session:
        an_account(session, "olena", "operator", without_totp=False)
    secret, answer = set_up(door, house, "olena")
    assert answer.headers["location"] == "/admin/"
    assert is_in(door)
    with house.toolbox.database.read() as session:
        (noted,) = audits.listed(session, house.toolbox.vault, 10)
        assert (noted.who, noted.action, noted.details) == ("admin:olena", "admin.totp", {"totp": "at-login"})
        kept = session.scalars(select(AdminRow.sealed_totp).where(AdminRow.name == "olena")).one()
    assert kept is not None
    assert secret.encode() not in kept


def test_a_viewer_needs_no_app(house: House, door: Door) -> None:
    with house.toolbox.database.write() as session:
        an_account(session, "vera", "viewer", without_totp=False)
    assert log_in(door, "vera").headers["location"] == "/admin/"


def test_until_the_app_is_set_up_nothing_is_shown(house: House, door: Door) -> None:
    with house.toolbox.database.write() as session:
        an_account(session, "olena", "operator", without_totp=False)
    log_in(door, "olena")
    assert not is_in(door)
    page = door.get("/admin/login/second").text
    token = Page(page).one("input", name="token")["value"]
    for code in ("", "000000", "１２３４５６", "12345", "<script>"):
        answer = door.post("/admin/login/second", data={"token": token, "code": code})
        assert (answer.status_code, secret_of(answer.text)) == (403, secret_of(page))
    assert not is_in(door)


def test_setting_up_goes_by_when_the_password_was_changed_meanwhile(house: House, door: Door, warden: Warden) -> None:
    with house.toolbox.database.write() as session:
        an_account(session, "olena", "operator", without_totp=False)
    log_in(door, "olena")
    page = door.get("/admin/login/second").text
    warden.set_password("olena", OTHER, CLI)
    code = pyotp.TOTP(secret_of(page)).at(house.clock.machine)
    token = Page(page).one("input", name="token")["value"]
    answer = door.post("/admin/login/second", data={"token": token, "code": code})
    assert answer.headers["location"] == "/admin/login"
    assert door.get("/admin/login/second").headers["location"] == "/admin/login"
    assert not is_in(door)


def test_setting_up_takes_a_quarter_of_an_hour_at_most(house: House, door: Door) -> None:
    with house.toolbox.database.write() as session:
        an_account(session, "olena", "operator", without_totp=False)
    log_in(door, "olena")
    house.clock.machine += timedelta(minutes=15)
    assert door.get("/admin/login/second").headers["location"] == "/admin/login"


@pytest.fixture
def app(warden: Warden) -> pyotp.TOTP:
    """The authenticator app of an account `anna`."""
    secret = warden.create("anna", "admin", PASSWORD, CLI)
    assert secret is not None
    return pyotp.TOTP(secret)


def test_a_code_opens_once(house: House, app: pyotp.TOTP) -> None:
    code = app.at(house.clock.machine)
    with house.door() as one, house.door() as two:
        assert log_in(one, "anna").status_code == 403
        assert log_in(one, "anna", code="000000").status_code == 403
        assert log_in(one, "anna", code=f" {code[:3]} {code[3:]}").status_code == 303
        assert log_in(two, "anna", code=code).status_code == 403
        assert log_in(two, "anna", code=app.at(house.clock.machine - timedelta(seconds=30))).status_code == 403
        house.clock.machine += timedelta(seconds=30)
        assert log_in(two, "anna", code=app.at(house.clock.machine)).status_code == 303


def test_a_code_that_is_sent_twice_at_once_opens_once(house: House, app: pyotp.TOTP) -> None:
    doors = [house.door() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda one: log_in(one, "anna", code=app.at(house.clock.machine)).status_code, doors)
        assert sorted(answers) == [303, 403, 403, 403]
    for one in doors:
        one.__exit__(None, None, None)


def test_a_wrong_password_is_no_better_with_the_right_code(house: House, app: pyotp.TOTP, door: Door) -> None:
    code = app.at(house.clock.machine)
    assert log_in(door, "anna", OTHER, code).text == log_in(door, "anna", PASSWORD, "000000").text
    assert log_in(door, "anna", PASSWORD, code).status_code == 303


def test_no_answer_leads_anywhere_else(door: Door) -> None:
    page = door.get("/admin/login?next=https://evil.example//")
    token = Page(page.text).one("input", name="token")["value"]
    said = {"token": token, "name": "admin", "password": PASSWORD, "next": "https://evil.example/"}
    answer = door.post("/admin/login?next=//evil.example", data=said, headers={"host": "evil.example"})
    assert answer.headers["location"] == "/admin/"
