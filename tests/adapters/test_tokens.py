"""Tokens of join pages: signed, of one purpose, one registration and one version."""

from collections.abc import Iterator

import pytest

from adapters.ids import new_id
from adapters.tokens import JoinTokens, MuteTokens
from adapters.vault import Vault, new_key_ring

VAULT = Vault(new_key_ring())
REGISTRATION = new_id("reg")
TOKEN = JoinTokens(VAULT).of(REGISTRATION, 12)
MUTE = MuteTokens(VAULT).of("par_1")


def test_a_token_says_its_registration_and_version_and_is_the_same_each_time() -> None:
    assert JoinTokens(VAULT).registration(TOKEN) == (REGISTRATION, 12)
    assert JoinTokens(VAULT).of(REGISTRATION, 12) == TOKEN
    assert JoinTokens(VAULT).of(REGISTRATION, 13) != TOKEN


def test_an_address_with_one_fits_into_a_line_of_a_letter() -> None:
    assert len(f"https://osce.example/j/{JoinTokens(VAULT).of(REGISTRATION, 1)}") <= 76


def flipped(token: str) -> Iterator[str]:
    """The token with one bit of one letter changed, in every way."""
    for place, letter in enumerate(token):
        for bit in range(8):
            yield token[:place] + chr(ord(letter) ^ 1 << bit) + token[place + 1 :]


def test_a_token_with_any_bit_of_any_letter_changed_is_none() -> None:
    """Also those bits of the last letter that stand for nothing."""
    assert [one for one in flipped(TOKEN) if JoinTokens(VAULT).registration(one) is not None] == []
    assert [one for one in flipped(MUTE) if MuteTokens(VAULT).participant(one) is not None] == []


@pytest.mark.parametrize("more", ["=", "==", "\n", " ", "!", "/", "A", "\x00", "\ud800", "é"])
def test_a_token_with_something_added_is_none(more: str) -> None:
    for before, behind in (("", more), (more, "")):
        assert JoinTokens(VAULT).registration(f"{before}{TOKEN}{behind}") is None
        assert MuteTokens(VAULT).participant(f"{before}{MUTE}{behind}") is None


def test_a_muting_token_says_its_participant() -> None:
    assert MuteTokens(VAULT).participant(MUTE) == "par_1"


@pytest.mark.parametrize(
    "wrong",
    [pytest.param(TOKEN[:-1], id="shorter"), pytest.param(f"{TOKEN}x", id="longer"),
     pytest.param(TOKEN.replace(".12.", ".13."), id="another version"), "", ".", "..", "é.1.я", "a"],
)  # fmt: skip
def test_what_we_did_not_make_is_none(wrong: str) -> None:
    assert JoinTokens(VAULT).registration(wrong) is None


def test_a_token_of_another_house_or_purpose_is_none() -> None:
    assert JoinTokens(Vault(new_key_ring())).registration(TOKEN) is None
    assert JoinTokens(VAULT).registration(MuteTokens(VAULT).of(REGISTRATION)) is None
    assert MuteTokens(VAULT).participant(TOKEN) is None
