"""Tokens of join pages: signed, of one purpose, one registration and one version."""

import pytest

from adapters.ids import new_id
from adapters.tokens import JoinTokens, MuteTokens
from adapters.vault import Vault, new_key_ring

VAULT = Vault(new_key_ring())
REGISTRATION = new_id("reg")
TOKEN = JoinTokens(VAULT).of(REGISTRATION, 12)


def test_a_token_says_its_registration_and_version_and_is_the_same_each_time() -> None:
    assert JoinTokens(VAULT).registration(TOKEN) == (REGISTRATION, 12)
    assert JoinTokens(VAULT).of(REGISTRATION, 12) == TOKEN
    assert JoinTokens(VAULT).of(REGISTRATION, 13) != TOKEN


def test_an_address_with_one_fits_into_a_line_of_a_letter() -> None:
    assert len(f"https://osce.example/j/{JoinTokens(VAULT).of(REGISTRATION, 1)}") <= 76


@pytest.mark.parametrize("place", range(len(TOKEN) - 1))
def test_a_token_with_another_letter_anywhere_is_none(place: int) -> None:
    other = "b" if TOKEN[place] == "a" else "a"
    assert JoinTokens(VAULT).registration(TOKEN[:place] + other + TOKEN[place + 1 :]) is None


@pytest.mark.parametrize("wrong", ["", ".", "..", TOKEN[:-1], f"{TOKEN}x", TOKEN.replace(".12.", ".13."), "é.1.я", "a"])
def test_what_we_did_not_make_is_none(wrong: str) -> None:
    assert JoinTokens(VAULT).registration(wrong) is None


def test_a_token_of_another_house_or_purpose_is_none() -> None:
    assert JoinTokens(Vault(new_key_ring())).registration(TOKEN) is None
    assert JoinTokens(VAULT).registration(MuteTokens(VAULT).of(REGISTRATION)) is None
    assert MuteTokens(VAULT).participant(TOKEN) is None
