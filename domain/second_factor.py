"""The second factor of a login: one-time codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 s)."""

from datetime import datetime
from typing import Final

from pyotp import TOTP
from pyotp.exceptions import OTPVerificationError

_EITHER_SIDE: Final = 1
"""Steps by which the app's clock may differ, or its owner be slow (RFC 6238, 5.2)."""


def step_of(secret: str, code: str, machine_now: datetime, last: int | None) -> int | None:
    """The step of time whose code this is; None where it is wrong, or no later than `last`, the one that was used last:
    a code that somebody has seen opens nothing any more. `secret` in base32; blanks in the code do not matter."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit()):
        return None
    try:
        step = TOTP(secret).verify_and_get_timecode(typed, for_time=machine_now, valid_window=_EITHER_SIDE)
    except OTPVerificationError:
        return None
    return step if last is None or step > last else None


def address(secret: str, name: str, issuer: str) -> str:
    """The `otpauth:` address that an authenticator app reads; `issuer` is what the app calls the house."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
