"""Accounts of the monitor: what they may be called, and which passwords will do.

Rules: OWASP ASVS 5.0, 6.2 (15 characters; no demand for kinds of signs; nothing that everybody tries, and nothing that
follows from the name), and NIST SP 800-63B-4, 3.1.1.2 (long passwords are taken whole, after NFKC).
"""

import re
import unicodedata
from typing import Final

NAME: Final = re.compile(r"[a-z][a-z0-9.-]{1,39}")
"""What an account with a password is called. Other houses' accounts have a colon, and ids an underscore, so that none
passes for another."""
SHORTEST: Final = 15
LONGEST: Final = 256
"""Characters of a password."""

_ROWS: Final = (
    "01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb",
)  # fmt: skip
_SHORTEST_ROW: Final = 4
_WORDS: Final = (
    "administrator", "admin", "password", "passwort", "passphrase", "motdepasse", "letmein", "welcome", "secret",
    "iloveyou", "conference", "secretariat", "monitor", "osce", "login", "changeme",
)  # fmt: skip
_PRODUCT: Final = "convenor"
_FEWEST: Final = 6
"""Different signs that must be left when what everybody tries is taken away."""


class NotChanged(Exception):
    """An account is not made or changed; the message says why, to an admin. The same again is no use."""


def as_typed(password: str) -> str:
    """A password in the one form that is hashed, however the keyboard composed its signs."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, name: str) -> str:
    """Why a password will not do for the account of this name; empty where it will."""
    small = as_typed(password).casefold()
    if len(small) < SHORTEST:
        return f"At least {SHORTEST} characters, please: several words are easier to remember than signs."
    if len(small) > LONGEST:
        return f"At most {LONGEST} characters, please."
    if any(one in small for one in (name.casefold(), _PRODUCT) if len(one) > 3):
        return "Not with the account's name or the product's in it, please."
    if _repeats(small) or len(set(_without_the_usual(small))) < _FEWEST:
        return "This is among the first that somebody would try. Several words that do not belong together are better."
    return ""


def _repeats(text: str) -> bool:
    """Whether it is one thing, again and again; the last time perhaps in part."""
    return any(text[size:] == text[:-size] for size in range(1, len(text) // 2 + 1))


def _without_the_usual(text: str) -> str:
    """What is left without the words that everybody tries, and rows of the keyboard and the alphabet."""
    for word in _WORDS:
        text = text.replace(word, "")
    for row in (one for each in _ROWS for one in (each, each[::-1])):
        for size in range(len(row), _SHORTEST_ROW - 1, -1):
            for start in range(len(row) - size + 1):
                text = text.replace(row[start : start + size], "")
    return text


def name_elsewhere(said: str, identity: str, *, taken: bool = False) -> str:
    """What an account is called that another house keeps, where it is called `said`; where that is `taken`, with a part
    of its identity, which nobody else has."""
    own = re.sub(r"[^a-z0-9.-]+", "-", said.casefold()).strip("-.")[:40] or identity[:8]
    return f"openid:{own}-{identity[:8]}" if taken else f"openid:{own}"
