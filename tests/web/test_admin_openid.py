"""Logging in by another house, with a real issuer on this machine: who is let in, as what, and what is not believed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from adapters.database import admins, audits
from adapters.database.tables import AdminRow
from tests.servers.issuer import (
    CLIENT,
    SECRET,
    Issuer,
    Signer,
    an_issuer,
    signed,
    signed_by_a_stranger,
    signed_by_nobody,
    signed_with_what_everybody_knows,
)
from tests.web.conftest import HOME, Door, House, an_account
from tests.web.street import NOW
from workers.accounts import Warden

ROLES = {"convenor-admins": "admin", "secretariat": "secretariat", "everybody": "viewer"}


@pytest.fixture
def issuer(house: House) -> Iterator[Issuer]:
    with an_issuer(house.clock.machine_now) as one:
        house.set(admin_oidc_issuer=one.url, admin_oidc_client_id=CLIENT, admin_oidc_client_secret=SECRET,
                  admin_oidc_roles=ROLES)  # fmt: skip
        one.person["groups"] = ["everybody", "secretariat"]
        yield one


@pytest.fixture
def door(house: House, issuer: Issuer) -> Iterator[Door]:
    with house.door() as one:
        yield one


def there_and_back(door: Door, issuer: Issuer) -> str:
    """The address, of our own, that the issuer sends the browser back to."""
    sent = door.get("/admin/login/openid")
    assert sent.status_code == 303
    return issuer.visit(sent.headers["location"]).removeprefix(HOME)


def log_in(door: Door, issuer: Issuer) -> httpx2.Response:
    return door.get(there_and_back(door, issuer))


def accounts(house: House) -> list[tuple[str, str]]:
    with house.toolbox.database.read() as session:
        return [(one.name, one.role) for one in admins.listed(session) if one.identity]


def noted(house: House) -> list[tuple[str, str, Any]]:
    with house.toolbox.database.read() as session:
        found = audits.listed(session, house.toolbox.vault, 10)
    return [(one.who, one.action, dict(one.details)) for one in found]


def test_without_an_issuer_there_is_no_such_way(house: House) -> None:
    with house.door() as door:
        assert door.get("/admin/login/openid").status_code == 404
        assert "organisation" not in door.get("/admin/login").text


def test_the_first_group_that_fits_says_the_role(house: House, door: Door, issuer: Issuer) -> None:
    assert 'href="/admin/login/openid"' in door.get("/admin/login").text
    answer = log_in(door, issuer)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/")
    assert (door.get("/admin/").status_code, door.get("/admin/accounts").status_code) == (200, 403)
    assert accounts(house) == [("openid:anna.k", "secretariat")]
    assert noted(house) == [("openid", "admin.create", {"became": "secretariat"})]


def test_who_comes_from_there_is_noted_and_who_is_not_let_in(house: House, door: Door, issuer: Issuer) -> None:
    log_in(door, issuer)
    issuer.person["groups"] = []
    log_in(door, issuer)
    issuer.changes = {"nonce": "another"}
    log_in(door, issuer)
    with house.toolbox.database.read() as session:
        found = audits.listed(session, house.toolbox.vault, 10, with_logins=True)
        account = admins.named(session, "openid:anna.k")
    assert account is not None
    assert [(one.who, one.about, dict(one.details)) for one in reversed(found) if one.action in audits.LOGINS] == [
        ("admin:openid:anna.k", account.id, {"by": "openid"}),
        ("stranger", account.id, {"by": "openid", "wrong": "no-role"}),
        ("stranger", None, {"by": "openid", "wrong": "not-vouched-for"}),
    ]


def test_nothing_but_openid_and_the_profile_is_asked_for(door: Door, issuer: Issuer) -> None:
    address = door.get("/admin/login/openid").headers["location"]
    said = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{issuer.url}/authorize?")
    assert said | {"state": "", "nonce": "", "code_challenge": ""} == {
        "response_type": "code", "client_id": CLIENT, "redirect_uri": f"{HOME}/admin/login/openid/back",
        "scope": "openid profile", "state": "", "nonce": "", "code_challenge": "", "code_challenge_method": "S256",
    }  # fmt: skip
    assert len({said["state"], said["nonce"], said["code_challenge"]}) == 3


def test_the_role_is_taken_anew_at_each_login_and_ends_the_other_logins(house: House, issuer: Issuer) -> None:
    with house.door() as before, house.door() as after:
        log_in(before, issuer)
        issuer.person["groups"] = ["convenor-admins"]
        log_in(after, issuer)
        assert before.get("/admin/").status_code == 303
        assert after.get("/admin/accounts").status_code == 200
    assert accounts(house) == [("openid:anna.k", "admin")]
    assert noted(house)[0] == ("openid", "admin.role", {"was": "secretariat", "became": "admin"})


@pytest.mark.parametrize("groups", [[], ["convenor-admin"], "convenor-admins", {"convenor-admins": 1}, [7], None])
def test_where_no_group_fits_nobody_is_let_in(house: House, door: Door, issuer: Issuer, groups: object) -> None:
    issuer.person["groups"] = groups
    assert log_in(door, issuer).status_code == 403
    assert door.get("/admin/").status_code == 303
    assert accounts(house) == []


def test_who_has_left_the_groups_is_out_at_the_next_login_everywhere(house: House, issuer: Issuer) -> None:
    with house.door() as before, house.door() as after:
        log_in(before, issuer)
        issuer.person["groups"] = []
        assert log_in(after, issuer).status_code == 403
        assert before.get("/admin/").status_code == 303


def test_who_is_locked_out_here_is_not_let_in_from_there(house: House, door: Door, issuer: Issuer) -> None:
    log_in(door, issuer)
    Warden(house.toolbox).disable("openid:anna.k", "cli:somebody")
    assert log_in(door, issuer).status_code == 403
    assert door.get("/admin/").status_code == 303


def test_another_person_of_the_same_name_has_another_account(house: House, issuer: Issuer) -> None:
    for subject in ("4711", "4712", "4711"):
        issuer.person["sub"] = subject
        with house.door() as door:
            assert log_in(door, issuer).status_code == 303
    (one, _), (two, _) = accounts(house)
    assert (one, two.startswith("openid:anna.k-")) == ("openid:anna.k", True)


@pytest.mark.parametrize(
    "name", ["anna", "<script>alert(1)</script>", "a\r\nSet-Cookie: x=1", "=cmd()", "", "я" * 500, 7]
)
def test_no_name_from_there_passes_for_one_of_ours(house: House, door: Door, issuer: Issuer, name: object) -> None:
    with house.toolbox.database.write() as session:
        an_account(session, "anna", "admin")
    issuer.person["preferred_username"] = name
    issuer.person["groups"] = ["convenor-admins"]
    assert log_in(door, issuer).status_code == 303
    page = door.get("/admin/accounts")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    ((kept, _),) = accounts(house)
    assert kept.removeprefix("openid:").replace("-", "").replace(".", "").isalnum()


def test_an_address_that_somebody_has_there_says_nothing_here(house: House, door: Door, issuer: Issuer) -> None:
    issuer.person |= {"email": "admin@example.org", "email_verified": True, "groups": []}
    assert log_in(door, issuer).status_code == 403


OLD = int((NOW - timedelta(minutes=10)).timestamp())


@pytest.mark.parametrize(
    "changes",
    [{"nonce": "another"}, {"nonce": None}, {"aud": "another-client"}, {"aud": ["another-client", CLIENT]},
     {"aud": None}, {"aud": [CLIENT, "another-client"], "azp": "another-client"}, {"iss": "https://evil.example"},
     {"iss": None}, {"exp": OLD + 300}, {"exp": None}, {"exp": "never"}, {"iat": OLD + 6000},
     {"sub": None}, {"at_hash": "x"}],
)  # fmt: skip
def test_an_id_token_that_is_not_for_this_login_is_not_believed(
    house: House, door: Door, issuer: Issuer, changes: dict[str, object]
) -> None:
    issuer.changes = changes
    assert log_in(door, issuer).status_code == 403
    assert door.get("/admin/").status_code == 303
    assert accounts(house) == []
    issuer.changes = {}
    assert log_in(door, issuer).status_code == 303


@pytest.mark.parametrize(
    "sign",
    [signed_by_nobody, signed_by_a_stranger, signed_with_what_everybody_knows, lambda _: "", lambda _: "a.b.c",
     lambda claims: signed(claims, key="unknown"), lambda claims: signed(claims)[:-8] + "AAAAAAAA"],
    ids=["none", "stranger", "public key as secret", "nothing", "nonsense", "unknown key", "changed"],
)  # fmt: skip
def test_an_id_token_that_the_issuer_has_not_signed_is_not_believed(
    house: House, door: Door, issuer: Issuer, sign: Signer
) -> None:
    issuer.sign = sign
    assert log_in(door, issuer).status_code == 403
    assert accounts(house) == []


def test_an_answer_counts_once(house: House, door: Door, issuer: Issuer) -> None:
    sent = door.get("/admin/login/openid")
    kept = door.cookies["convenor_login"]
    back = issuer.visit(sent.headers["location"]).removeprefix(HOME)
    assert door.get(back).status_code == 303
    assert door.get(back).status_code == 403
    with house.door() as thief:
        thief.keep("convenor_login", kept)
        assert thief.get(back).status_code == 403
        assert thief.get("/admin/").status_code == 303


def test_an_answer_to_another_browser_is_not_taken(house: House, door: Door, issuer: Issuer) -> None:
    back = there_and_back(door, issuer)
    with house.door() as other:
        assert other.get(back).status_code == 403
        other.get("/admin/login/openid")
        assert other.get(back).status_code == 403
    assert door.get(back).status_code == 303


def test_an_answer_that_comes_too_late_is_not_taken(house: House, door: Door, issuer: Issuer) -> None:
    back = there_and_back(door, issuer)
    house.clock.machine += timedelta(minutes=15)
    assert door.get(back).status_code == 403


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?error=access_denied", "?code=x&state=%00"])
def test_an_answer_that_is_none_is_refused(door: Door, issuer: Issuer, query: str) -> None:
    door.get("/admin/login/openid")
    assert door.get(f"/admin/login/openid/back{query}").status_code == 403


def test_an_answer_of_another_issuer_is_refused(door: Door, issuer: Issuer) -> None:
    back = there_and_back(door, issuer).replace(f"iss={httpx2.URL(issuer.url).scheme}", "iss=https")
    assert door.get(back).status_code == 403


def test_a_code_that_was_guessed_is_refused_and_guessing_ends(door: Door, issuer: Issuer) -> None:
    address = door.get("/admin/login/openid").headers["location"]
    state = parse_qs(urlsplit(address).query)["state"][0]
    answers = [door.get(f"/admin/login/openid/back?code={number}&state={state}").status_code for number in range(12)]
    assert answers == [403] * 10 + [429] * 2


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"authorization_endpoint": "javascript:alert(1)"},
     {"jwks_uri": "file:///etc/passwd"}],
)  # fmt: skip
def test_an_issuer_that_says_nonsense_of_itself_is_not_gone_to(
    door: Door, issuer: Issuer, metadata: dict[str, object]
) -> None:
    issuer.metadata = metadata
    answer = door.get("/admin/login/openid")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_an_issuer_that_is_gone_is_no_harm_to_passwords(house: House, door: Door) -> None:
    house.set(admin_oidc_issuer="http://127.0.0.1:9")
    with house.door() as one:
        assert one.get("/admin/login/openid").status_code == 503
        assert one.get("/admin/login").status_code == 200


def test_what_is_kept_does_not_say_who_somebody_is_there(house: House, door: Door, issuer: Issuer) -> None:
    log_in(door, issuer)
    with house.toolbox.database.read() as session:
        row = admins.named(session, "openid:anna.k")
        assert isinstance(row, AdminRow)
        assert row.identity == admins.identity_of(house.toolbox.vault, issuer.url, "4711")
        assert "4711" not in str(row.identity)
        assert row.password_hash is None
