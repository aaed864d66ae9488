"""Personal fields, sealed; and keyed hashes to find them by.

Refuses to open what was sealed for another place: each ciphertext is bound to its table, row and column (the
associated data of AES-GCM, NIST SP 800-38D), so that swapping two rows' columns is noticed. Addresses are looked up by
a keyed hash (HMAC-SHA-256), with a key of its own for each purpose.

The form of a sealed value is `1 | key id (4) | nonce (12) | ciphertext and tag`: the first byte lets a later form be
told apart, the key id lets keys be rotated while old values stay readable.
"""

import base64
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM = b"\x01"
_HEAD = 1 + 4 + 12


class VaultError(Exception):
    """A key ring or a sealed value is not what it should be. Trying again does not help; a person must look."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """`encryption` by key id, the first being the one that seals; one `index` secret; one `signing` secret."""

    encryption: Mapping[bytes, bytes]
    index: bytes
    signing: bytes

    def __repr__(self) -> str:
        return f"KeyRing({len(self.encryption)} encryption keys)"


def new_key_ring() -> KeyRing:
    """A key ring of fresh random keys."""
    return KeyRing({secrets.token_bytes(4): secrets.token_bytes(32)}, secrets.token_bytes(32), secrets.token_bytes(32))


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _written(ring: KeyRing) -> str:
    return json.dumps(
        {
            "version": 1,
            "encryption": [{"id": key_id.hex(), "key": _base64(key)} for key_id, key in ring.encryption.items()],
            "index": _base64(ring.index),
            "signing": _base64(ring.signing),
        },
        indent=2,
    )


def _read(file: Path) -> KeyRing:
    try:
        written = json.loads(file.read_text("ascii"))
        ring = KeyRing(
            {bytes.fromhex(one["id"]): base64.b64decode(one["key"], validate=True) for one in written["encryption"]},
            base64.b64decode(written["index"], validate=True),
            base64.b64decode(written["signing"], validate=True),
        )
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise VaultError(f"the key ring {file} cannot be read ({type(wrong).__name__})") from None
    sizes = {len(key) for key in ring.encryption.values()} | {len(ring.index), len(ring.signing)}
    if not ring.encryption or sizes != {32} or {len(key_id) for key_id in ring.encryption} != {4}:
        raise VaultError(f"the key ring {file} holds keys of a wrong size")
    return ring


def open_key_ring(file: Path) -> KeyRing:
    """The key ring in `file`, made on the first start with mode 0600.

    Two processes that start together get the same ring: the file is linked into place complete, by one of them.

    Raises:
        VaultError: where the file cannot be read, or others may read it.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as out:
                out.write(_written(new_key_ring()))
                out.flush()
                os.fsync(out.fileno())
            os.link(draft, file)
        except FileExistsError:
            pass  # the other process was first; its ring is the one
        finally:
            draft.unlink()
    if file.stat().st_mode & 0o077:
        raise VaultError(
            f"others may read the key ring {file}: chmod 600 it, and think whether the keys are still secret"
        )
    return _read(file)


class Vault:
    """Seals and opens personal fields, and makes the keyed hashes by which they are found."""

    def __init__(self, ring: KeyRing) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.encryption.items()}
        self._current = next(iter(ring.encryption))
        self._index = ring.index
        self._signing = ring.signing
        self._index_keys: dict[str, bytes] = {}

    def seal(self, place: str, clear: bytes) -> bytes:
        """`clear`, sealed for `place`, which is written `table:row:column`."""
        nonce = os.urandom(12)
        return _FORM + self._current + nonce + self._ciphers[self._current].encrypt(nonce, clear, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """What was sealed for `place`.

        Raises:
            VaultError: where it was sealed elsewhere, with an unknown key, or was changed.
        """
        cipher = self._ciphers.get(sealed[1:5])
        if sealed[:1] != _FORM or len(sealed) < _HEAD or cipher is None:
            raise VaultError(f"{place} was sealed with a key that is not in the ring")
        try:
            return cipher.decrypt(sealed[5:_HEAD], sealed[_HEAD:], place.encode())
        except InvalidTag:
            raise VaultError(f"{place} was changed, or sealed for another place") from None

    def seal_text(self, place: str, clear: str | None) -> bytes | None:
        """As `seal`, for a text that may be absent."""
        return None if clear is None else self.seal(place, clear.encode())

    def open_text(self, place: str, sealed: bytes | None) -> str | None:
        """As `open`, for a text that may be absent."""
        return None if sealed is None else self.open(place, sealed).decode()

    def index(self, purpose: str, value: str) -> bytes:
        """The keyed hash of `value` for one purpose (32 bytes); the same value gives another hash for another."""
        key = self._index_keys.get(purpose) or self._index_keys.setdefault(purpose, self._derived(self._index, purpose))
        return hmac.digest(key, value.encode(), "sha256")

    def signing_key(self, purpose: str) -> bytes:
        """A key for signing cookies and tokens of one purpose (32 bytes)."""
        return self._derived(self._signing, purpose)

    @staticmethod
    def _derived(secret: bytes, purpose: str) -> bytes:
        return hmac.digest(secret, purpose.encode(), "sha256")
