"""Tokens that stand in addresses: signed, bound to one purpose, and saying nothing of the person but an opaque id.

A token of one purpose fails for any other. The same participant has the same token, so that a letter that is sent
again is the same letter; and nothing else is that token, though base64 can be written in several ways.
"""

import base64
import hashlib
import hmac

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import SigningAlgorithm

from adapters.vault import Vault

_REGISTRATION, _LETTER, _PARTICIPANT = "reg_", "let_", "par_"

_SIGNATURE = 20
"""Letters of base32, of five bits each."""


class _Blake2s(SigningAlgorithm):
    """BLAKE2s with a key, of 128 bits: made for that, it needs no HMAC around it (RFC 7693, section 2.9)."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Of one value."""
        return hashlib.blake2s(value, key=key, digest_size=16).digest()


class _Signed:
    """Tokens of one purpose, each with a key of its own, for ids of one kind. They are short, because they stand in
    letters: what they say of the id, and a signature."""

    def __init__(self, vault: Vault, purpose: str, prefix: str) -> None:
        self._signer = Signer(vault.signing_key(purpose), key_derivation="none", algorithm=_Blake2s())
        self._prefix = prefix

    def _signed(self, said: str) -> str:
        return self._signer.sign(said).decode("ascii")

    def _said(self, token: str) -> str | None:
        """What was signed; None for a token that we did not make."""
        try:
            said = self._signer.unsign(_letters(token)).decode("ascii")
        except BadSignature:
            return None
        return said if _same(token, self._signed(said)) else None


class MuteTokens(_Signed):
    """Who may mute whose reminders: whoever got one (RFC 8058). What they do can be undone, so they do not expire."""

    def __init__(self, vault: Vault) -> None:
        super().__init__(vault, "mute", _PARTICIPANT)

    def of(self, participant_id: str) -> str:
        """The token of a participant."""
        return self._signed(participant_id.removeprefix(self._prefix))

    def participant(self, token: str) -> str | None:
        """Whose token it is; None for one that we did not make."""
        said = self._said(token)
        return None if said is None else f"{self._prefix}{said}"


class _Versioned(_Signed):
    """A token holds only while the id's row has that version: raising it revokes every token before."""

    def of(self, id_: str, version: int) -> str:
        """The token of an id of this kind."""
        return self._signed(f"{id_.removeprefix(self._prefix)}.{version}")

    def _read(self, token: str) -> tuple[str, int] | None:
        """Whose it is, and of which version; None for one that we did not make."""
        said = self._said(token)
        if said is None:
            return None
        letters, _, version = said.rpartition(".")
        return f"{self._prefix}{letters}", int(version)


class JoinTokens(_Versioned):
    """Whose join page it is: a registration's."""

    def __init__(self, vault: Vault) -> None:
        super().__init__(vault, "join", _REGISTRATION)

    def registration(self, token: str) -> tuple[str, int] | None:
        """Which registration's it is, and of which version; None for one that we did not make."""
        return self._read(token)


class PageTokens(_Versioned):
    """Whose own page it is, where registrations are seen and changed: a participant's."""

    def __init__(self, vault: Vault) -> None:
        super().__init__(vault, "page", _PARTICIPANT)

    def participant(self, token: str) -> tuple[str, int] | None:
        """Which participant's it is, and of which version; None for one that we did not make."""
        return self._read(token)


class CalendarTokens(_Versioned):
    """Whose calendar feed it is: a participant's. Who subscribes with it can read, and change nothing."""

    def __init__(self, vault: Vault) -> None:
        super().__init__(vault, "calendar", _PARTICIPANT)

    def participant(self, token: str) -> tuple[str, int] | None:
        """Which participant's it is, and of which version; None for one that we did not make."""
        return self._read(token)


class BounceTokens:
    """Which letter was not delivered: reports of it go to an address with such a token (VERP, without the recipient).

    Made of digits and small letters alone, for some servers fold an address's case: those of the letter's id and a
    signature of 100 bits. So the whole fits before the @ (64 octets, RFC 5321 4.5.3.1.1) behind a name of 17.
    """

    def __init__(self, vault: Vault) -> None:
        self._key = vault.signing_key("bounce")

    def address(self, mailbox: str, letter_id: str) -> str:
        """The envelope sender of a letter: `mailbox` with the token as its detail (RFC 5233), `bounces+TOKEN@…`."""
        local, _, domain = mailbox.rpartition("@")
        return f"{local}+{self.of(letter_id)}@{domain}"

    def letter_at(self, address: str) -> str | None:
        """Which letter's envelope sender this address is, in whatever case; None where it is no letter's."""
        return self.letter(address.rpartition("@")[0].rpartition("+")[2])

    def of(self, letter_id: str) -> str:
        """The token of a letter."""
        letters = letter_id.removeprefix(_LETTER)
        digest = hmac.digest(self._key, letters.encode(), hashlib.sha256)
        return letters + base64.b32encode(digest).decode("ascii").lower()[:_SIGNATURE]

    def letter(self, token: str) -> str | None:
        """Which letter's it is, in whatever case; None for one that we did not make."""
        if not token.isascii():
            return None
        folded = token.lower()
        found = _LETTER + folded[:-_SIGNATURE]
        return found if _same(folded, self.of(found)) else None


def _same(token: str, made: str) -> bool:
    """To the letter, in constant time. The spare bits of base64's last letter and padding are in no signature."""
    return hmac.compare_digest(token, made)


def _letters(token: str) -> str:
    """Raises BadSignature for what has other than ASCII letters in it: none of ours, and not always to be encoded."""
    if not token.isascii():
        raise BadSignature("not in ASCII")
    return token
