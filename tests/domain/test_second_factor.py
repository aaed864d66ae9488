"""One-time codes, with the vectors of RFC 6238, appendix B (SHA-1, the last six of eight digits)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from domain.second_factor import address, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime.fromtimestamp(1111111109, UTC)
STEP = 37037036


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert step_of(SECRET, code, datetime.fromtimestamp(seconds, UTC), None) == seconds // 30


@pytest.mark.parametrize(("seconds", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_differ_by_a_step(seconds: int, fits: bool) -> None:
    found = step_of(SECRET, "081804", NOW + timedelta(seconds=seconds), None)
    assert found == (STEP if fits else None)


def test_a_code_counts_once_and_none_before_it_counts_afterwards() -> None:
    assert step_of(SECRET, "081804", NOW, STEP - 1) == STEP
    assert step_of(SECRET, "081804", NOW, STEP) is None
    assert step_of(SECRET, "081804", NOW, STEP + 1) is None


@pytest.mark.parametrize("code", ["", " ", "81804", "0818040", "08180a", "０８１８０４", "081804\x00", "-81804"])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert step_of(SECRET, code, NOW, None) is None


def test_blanks_do_not_matter() -> None:
    assert step_of(SECRET, " 081 804 ", NOW, None) == STEP


def test_the_address_names_the_house_and_the_account() -> None:
    assert address(SECRET, "anna", "Convenor example.org") == (
        f"otpauth://totp/Convenor%20example.org:anna?secret={SECRET}&issuer=Convenor%20example.org"
    )
