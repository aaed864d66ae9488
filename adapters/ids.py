"""Opaque ids: 130 random bits in letters that survive being read aloud, behind a prefix that says of what."""

import secrets
from typing import Literal

from adapters.vault import Vault

_LETTERS = b"0123456789abcdefghjkmnpqrstvwxyz"
_OF_EVERY_BYTE = _LETTERS * 8
"""Each of the 32 letters for 8 of the 256 bytes: all are as likely."""

Prefix = Literal["env", "par", "reg", "let", "zev", "rgt", "sup", "adm"]


def new_id(prefix: Prefix) -> str:
    """For example `par_3h9x…`: says nothing of the person, and cannot be guessed."""
    return f"{prefix}_{_letters()}"


def alias_address(domain: str) -> str:
    """An address for Zoom of somebody who does not want to be known there by their own: `p-3h9x…@domain`."""
    return f"p-{_letters()}@{domain}"


def entry_uid(vault: Vault, conference: str, session: str, domain: str) -> str:
    """The UID of a session's calendar entry, the same for all people. It says nothing of the session: it stands in
    discreet entries, too. `domain` is the one that the conference's entries began with."""
    return f"{vault.index('calendar.uid', f'{conference}/{session}').hex()[:32]}@{domain}"


def _letters() -> str:
    return secrets.token_bytes(26).translate(_OF_EVERY_BYTE).decode("ascii")
