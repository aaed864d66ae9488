"""Tokens, scopes and hosts of the emulated Zoom."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.zoom import an_account
from tests.web.zoom_lab import BASE, Lab, a_lab, refused


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab."""
    with a_lab(tmp_path) as one:
        yield one


def test_a_token_is_given_for_parameters_in_the_address_and_in_a_form(lab: Lab) -> None:
    said = {"grant_type": "account_credentials", "account_id": "account-osce-org"}
    app = ("client-osce-org", "secret-osce-org")
    in_address = lab.ask("POST", "/oauth/token", params=said, auth=app)
    in_form = lab.ask("POST", "/oauth/token", data=said, auth=app)
    assert [one.status_code for one in (in_address, in_form)] == [200, 200]
    assert in_form.json()["api_url"] == BASE
    assert in_form.json()["expires_in"] == 3600


def test_the_api_address_in_the_answer_can_be_another(lab: Lab) -> None:
    lab.emulator.configure(api_url="http://127.0.0.1:9999")
    assert lab.ask_token().json()["api_url"] == "http://127.0.0.1:9999"


@pytest.mark.parametrize(
    ("app", "said", "error"),
    [
        (("client-osce-org", "wrong"), {}, "invalid_client"),
        (("another", "secret-osce-org"), {}, "invalid_client"),
        (("client-osce-org", "secret-osce-org"), {"account_id": "nobody"}, "invalid_request"),
        (("client-osce-org", "secret-osce-org"), {"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_no_token_is_given_for_anything_else(lab: Lab, app: tuple[str, str], said: dict[str, str], error: str) -> None:
    asked = {"grant_type": "account_credentials", "account_id": "account-osce-org", **said}
    answer = lab.ask("POST", "/oauth/token", data=asked, auth=app)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_several_tokens_are_valid_at_once_and_each_ends_after_an_hour_of_the_machines_time(lab: Lab) -> None:
    first = lab.ask_token().json()["access_token"]
    lab.machine.pass_by(minutes=30)
    second = lab.ask_token().json()["access_token"]
    lab.token = first
    assert lab.call("GET", "/users").status_code == 200
    lab.machine.pass_by(minutes=30)
    assert refused(lab.call("GET", "/users")) == (401, 124)
    lab.token = second
    assert lab.call("GET", "/users").status_code == 200


def test_a_rehearsals_clock_does_not_end_tokens(lab: Lab) -> None:
    lab.call("GET", "/users")
    lab.clock.pass_by(days=14)
    assert lab.call("GET", "/users").status_code == 200


def test_tokens_can_be_ended_on_demand(lab: Lab) -> None:
    lab.call("GET", "/users")
    lab.emulator.expire_tokens("osce-org")
    assert refused(lab.call("GET", "/users")) == (401, 124)


def test_an_invented_token_is_refused(lab: Lab) -> None:
    lab.token = "eyJinvented"
    assert refused(lab.call("GET", "/users")) == (401, 124)


def test_an_app_that_was_taken_away_gets_no_token_until_it_is_activated(lab: Lab) -> None:
    lab.call("GET", "/users")
    lab.emulator.act_on_account("osce-org", "deauthorize")
    assert refused(lab.call("GET", "/users")) == (401, 124)
    assert lab.ask_token().json()["reason"] == "Account does not enabled the OAuth app type"
    lab.emulator.act_on_account("osce-org", "activate")
    assert lab.ask_token().status_code == 200


def test_a_missing_scope_is_named(tmp_path: Path) -> None:
    app = an_account("osce-org", scopes=("webinar:read:webinar:admin",))
    with a_lab(tmp_path, app) as lab:
        number = lab.event()
        assert lab.ask_token().json()["scope"] == "webinar:read:webinar:admin"
        assert lab.call("GET", f"/webinars/{number}").status_code == 200
        answer = lab.add(number)
        assert refused(answer) == (400, 4711)
        assert "webinar:write:registrant:admin" in answer.json()["message"]
        lab.emulator.configure(variant=1)
        assert refused(lab.add(number)) == (401, 4711)


def test_accounts_do_not_see_each_others_events(tmp_path: Path) -> None:
    with a_lab(tmp_path, an_account("osce-org"), an_account("odihr-pl")) as lab:
        number = lab.emulator.create("odihr-pl", "webinar", {"topic": "Theirs"})
        assert refused(lab.call("GET", f"/webinars/{number}")) == (404, 3001)


def test_users_are_listed_in_pages_and_found_by_id_address_and_me(lab: Lab) -> None:
    first = lab.call("GET", "/users/me").json()
    second = lab.emulator.add_user("osce-org", "other.host@example.org")
    page = lab.call("GET", "/users", page_size=1).json()
    assert [one["id"] for one in page["users"]] == [first["id"]]
    rest = lab.call("GET", "/users", page_size=1, next_page_token=page["next_page_token"]).json()
    assert [one["id"] for one in rest["users"]] == [second]
    assert (rest["total_records"], rest["next_page_token"]) == (2, "")
    assert lab.call("GET", "/users/Other.Host@example.org").json()["id"] == second
    assert refused(lab.call("GET", "/users/nobody")) == (404, 1001)


def test_a_hosts_settings_name_the_languages_that_were_made_for_it(lab: Lab) -> None:
    user = lab.emulator.add_user("osce-org", "host@example.org", "Italian", "Russian")
    said = lab.call("GET", f"/users/{user}/settings").json()["in_meeting"]["language_interpretation"]
    assert said["enable"] is True
    assert said["custom_languages"] == ["Italian"]
    assert "Russian" in said["languages"]


def test_accounts_can_be_found_by_a_function(tmp_path: Path) -> None:
    with a_lab(tmp_path) as lab:
        known = lab.emulator.accounts
        lab.emulator.accounts = lambda name: an_account("any") if name in {"any", "account-any"} else None
        assert lab.emulator.account("account-any").name == "any"
        with pytest.raises(LookupError):
            lab.emulator.account("other")
        lab.emulator.accounts = known


def test_an_unknown_call_is_answered_as_zoom_does(lab: Lab) -> None:
    assert refused(lab.call("GET", "/nothing/here")) == (404, 2300)
