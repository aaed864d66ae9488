"""Tokens that stand in addresses: signed, of one purpose, and of nobody else's making."""

import re
from collections.abc import Callable, Iterator

import pytest

from adapters.ids import new_id
from adapters.tokens import BounceTokens, CalendarTokens, JoinTokens, MuteTokens, PageTokens
from adapters.vault import Vault, new_key_ring
from config.settings import load_settings

VAULT = Vault(new_key_ring())
REGISTRATION = new_id("reg")
TOKEN = JoinTokens(VAULT).of(REGISTRATION, 12)
MUTE = MuteTokens(VAULT).of("par_1")
LETTER = new_id("let")
BOUNCES = BounceTokens(VAULT)
BOUNCE = BOUNCES.of(LETTER)


def test_a_token_says_its_registration_and_version_and_is_the_same_each_time() -> None:
    assert JoinTokens(VAULT).registration(TOKEN) == (REGISTRATION, 12)
    assert JoinTokens(VAULT).of(REGISTRATION, 12) == TOKEN
    assert JoinTokens(VAULT).of(REGISTRATION, 13) != TOKEN


def test_an_address_with_one_fits_into_a_line_of_a_letter() -> None:
    assert len(f"https://osce.example/j/{JoinTokens(VAULT).of(REGISTRATION, 1)}") <= 76


def test_tokens_of_the_own_page_and_of_the_calendar_say_their_participant_and_fail_for_each_other() -> None:
    participant = new_id("par")
    page, calendar = PageTokens(VAULT).of(participant, 3), CalendarTokens(VAULT).of(participant, 3)
    assert PageTokens(VAULT).participant(page) == CalendarTokens(VAULT).participant(calendar) == (participant, 3)
    assert PageTokens(VAULT).participant(calendar) is None
    assert CalendarTokens(VAULT).participant(page) is None
    assert JoinTokens(VAULT).registration(page) is None
    assert len(f"https://osce.example/r/{page}") <= 76


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
    assert BounceTokens(Vault(new_key_ring())).letter(BOUNCE) is None


def test_an_envelope_sender_says_its_letter_and_is_the_same_each_time() -> None:
    address = BOUNCES.address("bounces@mail.example.org", LETTER)
    assert address == BounceTokens(VAULT).address("bounces@mail.example.org", LETTER)
    assert re.fullmatch(r"bounces\+[0-9a-z]{46}@mail\.example\.org", address)
    assert BOUNCES.letter_at(address) == LETTER


@pytest.mark.parametrize("fold", [str.upper, str.title, str.swapcase])
def test_an_envelope_sender_is_known_also_when_a_server_has_folded_its_case(fold: Callable[[str], str]) -> None:
    assert BOUNCES.letter_at(fold(BOUNCES.address("Bounces@mail.example.org", LETTER))) == LETTER


def test_the_longest_mailbox_for_bounces_still_fits_before_the_at() -> None:
    """RFC 5321, 4.5.3.1.1: 64 octets."""
    mailbox = load_settings(mail_bounces=f"{'b' * 17}@mail.example.org").mail_bounces
    assert mailbox is not None
    assert len(BOUNCES.address(mailbox, LETTER).partition("@")[0]) == 64


def test_a_bounce_token_with_any_bit_of_any_letter_changed_is_none_or_only_in_another_case() -> None:
    taken = [one for one in flipped(BOUNCE) if BOUNCES.letter(one) is not None]
    assert {one.lower() for one in taken} == {BOUNCE}


@pytest.mark.parametrize(
    "address",
    ["", "@", "+@", "bounces@mail.example.org", "bounces+@mail.example.org", "bounces+é@mail.example.org",
     pytest.param(f"bounces+{BOUNCE[:-1]}@mail.example.org", id="shorter"),
     pytest.param(f"bounces+{BOUNCE}x@mail.example.org", id="longer"),
     pytest.param(f"bounces+{BOUNCE[-20:]}@mail.example.org", id="signature alone"),
     pytest.param(f"bounces+{BOUNCE[:1]}\u212a{BOUNCE[2:]}@mail.example.org", id="Kelvin"),
     pytest.param(f"bounces+{MUTE}@mail.example.org", id="another purpose")],
)  # fmt: skip
def test_an_address_that_is_no_letters_is_none(address: str) -> None:
    assert BOUNCES.letter_at(address) is None
