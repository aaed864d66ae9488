"""`convenor admin`: accounts of the monitor, at the command line."""

import json
import re

import pyotp
import pytest

from adapters.database import admins, audits
from adapters.database.tables import AdminRow
from adapters.passwords import fits
from cli.who import who
from tests.cli.conftest import Convenor
from tests.house import House

WORDS = "four invented words together"


def account(house: House, name: str = "anna") -> AdminRow:
    with house.toolbox.database.read() as session:
        found = admins.named(session, name)
    assert found is not None
    return found


def deeds(house: House) -> list[tuple[str, str, str | None, dict[str, object]]]:
    with house.toolbox.database.read() as session:
        found = audits.listed(session, house.toolbox.vault, 20)
    return [(one.who, one.action, one.reason, dict(one.details)) for one in reversed(found)]


@pytest.fixture
def anna(convenor: Convenor) -> str:
    """The secret of the authenticator app of a new account `anna`."""
    done = convenor("admin", "create", "anna", "--role", "admin", "--password-stdin", said=f"{WORDS}\n")
    assert (done.returncode, done.stderr) == (0, "")
    (secret,) = re.findall(r"secret   ([A-Z2-7]{32})\n", done.stdout)
    assert f"otpauth://totp/Convenor%20127.0.0.1:anna?secret={secret}" in done.stdout
    return str(secret)


def test_a_first_admin_is_made(house: House, anna: str) -> None:
    row = account(house)
    assert (row.role, row.without_totp, row.identity, row.disabled_at) == ("admin", False, None, None)
    assert str(row.password_hash).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert fits(row.password_hash, WORDS)
    assert admins.totp_of(house.toolbox.vault, row) == anna
    assert pyotp.TOTP(anna).now() != ""
    assert deeds(house) == [(who(), "admin.create", None, {"became": "admin", "totp": "now"})]


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [("anna", WORDS, "already"), ("Olga Petrenko", WORDS, "A name is"), ("olga", "short", "At least 15"),
     ("olga", "words for olga and others", "account's name"), ("olga", "", "At least 15")],
)  # fmt: skip
def test_what_will_not_do_is_said_and_nothing_made(
    house: House, convenor: Convenor, anna: str, name: str, password: str, why: str
) -> None:
    done = convenor("admin", "create", name, "--role", "viewer", "--password-stdin", said=f"{password}\n")
    assert (done.returncode, done.stdout, why in done.stderr) == (1, "", True)
    assert password == "" or password not in done.stderr
    with house.toolbox.database.read() as session:
        assert len(admins.listed(session)) == 1


def test_a_role_that_there_is_not_is_wrong_use(convenor: Convenor) -> None:
    assert convenor("admin", "create", "anna", "--role", "king", said=WORDS).returncode == 2


def test_an_account_is_changed_and_who_has_done_it_is_noted(house: House, convenor: Convenor, anna: str) -> None:
    assert convenor("admin", "role", "anna", "viewer", "--reason", "on leave").stdout == "anna is viewer now.\n"
    assert anna not in convenor("admin", "totp", "anna").stdout
    assert deeds(house)[1:] == [
        (who(), "admin.role", "on leave", {"was": "admin", "became": "viewer"}),
        (who(), "admin.totp", None, {"totp": "now"}),
    ]


def test_accounts_are_listed_without_what_opens_them(convenor: Convenor, anna: str) -> None:
    done = convenor("admin", "list", "--json")
    assert json.loads(done.stdout) == [
        {"name": "anna", "role": "admin", "password": True, "app": True, "openid": False, "last_login": None,
         "logins": 0, "disabled": False},
    ]  # fmt: skip
    assert "argon2" not in done.stdout


def test_an_account_that_there_is_not_is_said_so(convenor: Convenor) -> None:
    done = convenor("admin", "disable", "nobody")
    assert (done.returncode, done.stderr) == (1, "There is no account of this name.\n")


def test_doctor_names_who_is_let_in_by_a_password_alone(house: House, convenor: Convenor) -> None:
    def found() -> list[tuple[str, str]]:
        said = json.loads(convenor("doctor", "--json").stdout)
        return [(one["what"], one["state"]) for one in said if one["what"].startswith(("monitor", "account"))]

    assert found() == [("monitor", "note")]
    convenor("admin", "create", "anna", "--role", "admin", "--password-stdin", "--no-totp", said=WORDS)
    assert found() == [("account anna", "wrong")]
    convenor("admin", "totp", "anna")
    assert found() == []


def test_doctor_asks_the_issuer(convenor: Convenor) -> None:
    done = convenor("doctor", "--json", CONVENOR_ADMIN_OIDC_ISSUER="http://127.0.0.1:9",
                    CONVENOR_ADMIN_OIDC_CLIENT_ID="x", CONVENOR_ADMIN_OIDC_ROLES='{"x": "viewer"}')  # fmt: skip
    assert [one["state"] for one in json.loads(done.stdout) if one["what"] == "OpenID Connect"] == ["wrong"]
