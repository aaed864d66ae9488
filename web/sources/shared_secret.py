"""Secrets that are plain text: to sign the body's bytes with, or to be sent along where a provider cannot sign."""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Sequence

from web.sources.post import NotAuthentic

_SHORTEST = 20
_UNTYPABLE = "the secret has characters that do not arrive as they are written"
_NEEDS_NO_ESCAPING = re.compile(r"[A-Za-z0-9._~-]*")  # RFC 3986, 2.3


def expect_signature(given: bytes, body: bytes, secrets: Sequence[str], prefix: bytes = b"") -> None:
    """Return if one of `secrets` has signed these bytes: `prefix` and the base64 of HMAC-SHA-256.

    The text is compared, not what it decodes to: base64 has several spellings of one signature.

    Raises:
        NotAuthentic: where none has.
    """
    signatures = [b64encode(hmac.digest(key, body, hashlib.sha256)) for key in _keys(secrets)]
    if not _is_one_of(given, [prefix + one for one in signatures]):
        raise NotAuthentic("The signature does not fit. Check the secret, and that the body arrives as it was signed.")


def expect_secret(given: bytes, secrets: Sequence[str]) -> None:
    """Return if `given` is one of `secrets`.

    Raises:
        NotAuthentic: where it is none.
    """
    if not _is_one_of(given, _keys(secrets)):
        raise NotAuthentic("This is not the secret that was agreed on.")


def weakness(secret: str) -> str:
    """What is wrong with a secret to sign with, or to send in a header; empty where nothing is."""
    if len(secret) < _SHORTEST:
        return f"the secret has less than {_SHORTEST} characters"
    return "" if secret.isascii() and secret.isprintable() and secret == secret.strip() else _UNTYPABLE


def weakness_in_an_address(secret: str) -> str:
    """As `weakness`, for a secret that stands in an address."""
    return weakness(secret) or ("" if _NEEDS_NO_ESCAPING.fullmatch(secret) else _UNTYPABLE)


def _keys(secrets: Sequence[str]) -> list[bytes]:
    """A secret that is blank lets nobody in: everybody knows it."""
    return [secret.encode() for secret in secrets if secret.strip()]


def _is_one_of(given: bytes, wanted: Sequence[bytes]) -> bool:
    # All are compared, so that the time taken does not tell which one came near.
    matches = [hmac.compare_digest(given, one) for one in wanted]
    return any(matches)
