"""Which Zoom accounts there are, and who speaks with them."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from adapters.zoom.accounts import ZoomAccounts
from config.settings import Settings
from tests.adapters.zoom_lab import NAME, Moment, a_desk, a_vault, an_account, nobody


def emulated(folder: Path, **changes: Any) -> ZoomAccounts:
    settings = Settings(var=folder, zoom_emulator="on", _env_file=None, **changes)
    return ZoomAccounts(settings, a_vault(), nobody(folder), Moment(), Moment())


def test_each_account_of_the_settings_has_one_client(tmp_path: Path) -> None:
    accounts = a_desk(tmp_path).accounts
    assert accounts.known() == (NAME,)
    assert accounts.client(NAME) is accounts.client(NAME)
    assert accounts.account(NAME) == an_account()


def test_an_account_that_is_not_configured_is_not_known(tmp_path: Path) -> None:
    accounts = a_desk(tmp_path).accounts
    assert (accounts.account("odihr-pl"), accounts.client("odihr-pl"), accounts.webhook_secret("odihr-pl")) == (
        None, None, None,
    )  # fmt: skip


def test_events_of_an_account_are_signed_with_its_secret(tmp_path: Path) -> None:
    assert a_desk(tmp_path).accounts.webhook_secret(NAME) is None
    signed = a_desk(tmp_path, webhook_secret=SecretStr("fictWebhookSecret"))
    assert signed.accounts.webhook_secret(NAME) == b"fictWebhookSecret"


def test_the_emulator_knows_every_account_with_secrets_of_its_own(tmp_path: Path) -> None:
    accounts = emulated(tmp_path, bind="127.0.0.1:8099")
    one, two = accounts.account("osce-org"), accounts.account("odihr-pl")
    assert one is not None
    assert two is not None
    assert (one.account_id, one.client_id, one.oauth_url, one.api_url) == (
        "osce-org", "emulator", "http://127.0.0.1:8099/zoom-emulator/oauth/token",
        "http://127.0.0.1:8099/zoom-emulator/v2",
    )  # fmt: skip
    secret = a_vault().signing_key("zoom-emulator/osce-org").hex()
    assert (one.client_secret.get_secret_value(), accounts.webhook_secret("osce-org")) == (secret, secret.encode())
    assert one.client_secret != two.client_secret


def test_the_emulator_is_reached_on_this_machine_whatever_participants_use(tmp_path: Path) -> None:
    accounts = emulated(tmp_path, public_url="https://convenor.example.org", bind="0.0.0.0:8081")
    account = accounts.account("osce-org")
    assert account is not None
    assert account.api_url == "http://127.0.0.1:8081/zoom-emulator/v2"


def test_closing_twice_does_no_harm_and_clients_can_be_had_again(tmp_path: Path) -> None:
    accounts = a_desk(tmp_path).accounts
    first = accounts.client(NAME)
    accounts.close()
    accounts.close()
    assert accounts.client(NAME) is not first
    accounts.close()
