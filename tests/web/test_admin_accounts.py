"""The page of accounts: who may log in, and changing that."""

import pytest

from adapters.database import admins, audits
from tests.web.conftest import Door, House, an_account
from tests.web.page import Page
from tests.web.street import NOW
from tests.web.test_admin import log_in, tables

HERE = "/admin/accounts"
CAPTION = "Who may log in"


@pytest.fixture
def nadia(house: House) -> str:
    """The id of an account `nadia`, of a viewer."""
    with house.toolbox.database.write() as session:
        return an_account(session, "nadia", "viewer", without_totp=False).id


def post(door: Door, **said: str) -> tuple[int, str]:
    """Fill in the form; status, and what it says is wrong."""
    token = Page(door.get(HERE).text).all("input", name="token")[-1]["value"]
    answer = door.post(HERE, data={"token": token, **said})
    alarms = Page(answer.text).all("p", class_="alarm")
    return answer.status_code, alarms[0].text if alarms else ""


def kept(house: House, name: str) -> tuple[str, bool]:
    with house.toolbox.database.read() as session:
        row = admins.named(session, name)
    assert row is not None
    return row.role, row.disabled_at is not None


def test_accounts_are_listed_with_their_last_login(house: House, door: Door, nadia: str) -> None:
    with house.door() as other:
        log_in(other, "nadia")
    log_in(door)
    assert tables(Page(door.get(HERE).text))[CAPTION] == [
        ["Account", "Role", "Logs in with", "Last login", "Logged in now", "State"],
        ["admin (you)", "admin", "password no second factor yet", "2026-09-01 11:05 CEST", "1", "may log in"],
        ["nadia", "viewer", "password", "2026-09-01 11:05 CEST", "1", "may log in"],
    ]


def test_a_role_is_changed_with_its_reason_and_its_logins_end(house: House, door: Door, nadia: str) -> None:
    log_in(door)
    with house.door() as other:
        log_in(other, "nadia")
        assert post(door, id=nadia, deed="role", role="secretariat", reason="joins us")[0] == 303
        assert other.get("/admin/").status_code == 303
    assert kept(house, "nadia") == ("secretariat", False)
    with house.toolbox.database.read() as session:
        (noted,) = audits.listed(session, house.toolbox.vault, 10)
    assert (noted.who, noted.action, noted.about, noted.reason, noted.at) == (
        "admin:admin", "admin.role", nadia, "joins us", NOW,
    )  # fmt: skip
    assert noted.details == {"was": "viewer", "became": "secretariat"}


def test_somebody_is_locked_out_and_let_in_again_each_noted_once(house: House, door: Door, nadia: str) -> None:
    log_in(door)
    for deed in ("disable", "disable", "enable", "enable", "logout"):
        assert post(door, id=nadia, deed=deed)[0] == 303
        assert kept(house, "nadia")[1] == (deed == "disable")
    with house.toolbox.database.read() as session:
        noted = [one.action for one in audits.listed(session, house.toolbox.vault, 10)]
    assert noted == ["admin.enable", "admin.disable"]


@pytest.mark.parametrize("deed", ["role", "disable", "logout"])
@pytest.mark.parametrize("by", ["id", "name"])
def test_nobody_changes_their_own_account(house: House, door: Door, deed: str, by: str) -> None:
    log_in(door)
    with house.toolbox.database.read() as session:
        own = admins.named(session, "admin")
    assert own is not None
    status, wrong = post(door, id=str(getattr(own, by)), deed=deed, role="viewer")
    assert (status, "Another admin" in wrong, kept(house, "admin")) == (409, True, ("admin", False))


@pytest.mark.parametrize(
    ("said", "status"),
    [({}, 422), ({"deed": "disable"}, 422), ({"id": "adm_unknown", "deed": "disable"}, 409),
     ({"id": "nadia", "deed": "role", "role": "king"}, 422), ({"id": "nadia", "deed": "delete"}, 422)],
)  # fmt: skip
def test_nonsense_changes_nothing(house: House, door: Door, nadia: str, said: dict[str, str], status: int) -> None:
    log_in(door)
    assert post(door, **said)[0] == status
    assert kept(house, "nadia") == ("viewer", False)


def test_what_another_house_keeps_is_not_changed_here(house: House, door: Door) -> None:
    with house.toolbox.database.write() as session:
        made = admins.create(session, name="openid:anna", role="viewer", password_hash=None, identity="x", now=NOW)
    assert made is not None
    log_in(door)
    status, wrong = post(door, id=made.id, deed="role", role="admin")
    assert (status, "OpenID Connect" in wrong, kept(house, "openid:anna")) == (409, True, ("viewer", False))
