"""Opaque ids: 130 random bits in letters that survive being read aloud, behind a prefix that says of what."""

import secrets
from typing import Literal

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"

Prefix = Literal["env", "par", "reg", "let"]


def new_id(prefix: Prefix) -> str:
    """For example `par_3h9x…`: says nothing of the person, and cannot be guessed."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(26))}"
