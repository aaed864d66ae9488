"""Passwords of the monitor's accounts: argon2id (RFC 9106), with the library's current parameters.

Those are 64 MiB, three passes and four lanes: more than OWASP asks for (19 MiB, two passes, one lane). They stand in
each hash, so that old ones are still understood when the library's rise.
"""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from adapters.vault import VaultError

_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password. Where none is kept a hash is made all the same: the time that the answer takes does
    not tell whether there is such an account.

    Raises:
        VaultError: where what is kept is no hash.
    """
    try:
        _hasher.verify(kept or nobodys(), password)
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError) as wrong:
        raise VaultError("what is kept of a password is no argon2id hash") from wrong
    return kept is not None


@cache
def nobodys() -> str:
    """The hash of a password that nobody knows. Whoever is going to judge passwords makes it beforehand: the first
    judgement would take twice as long."""
    return hashed(secrets.token_urlsafe())
