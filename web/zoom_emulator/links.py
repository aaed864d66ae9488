"""Ids, tokens and personal links of the forms that Zoom's have. All of them lead to this emulator alone."""

import base64
import hashlib
import secrets
from typing import NamedTuple
from urllib.parse import urlencode

from schemas.zoom import EventKind

_CLUSTER = 6
"""Which of Zoom's clusters an event is on; any byte."""


class EventNames(NamedTuple):
    """What an event is known by."""

    number: int
    uuid: str
    token: str
    """The end of its registration address: WN_… of a webinar, tJ… of a meeting."""


def derived(kind: EventKind, *what: str) -> EventNames:
    """Names that follow from `what`, the same each time."""
    digest = hashlib.sha512("\n".join(what).encode()).digest()
    letters = _letters(digest[24:])
    token = f"WN_{letters[:22]}" if kind == "webinar" else f"tJ{letters[:34]}"
    number = 90_000_000_000 + int.from_bytes(digest[:8], "big") % 9_999_999_999
    return EventNames(number, base64.b64encode(digest[8:24]).decode(), token)


def new_names(kind: EventKind) -> EventNames:
    """Names of an event that was not there before."""
    return derived(kind, secrets.token_hex(16))


def new_id() -> str:
    """22 letters, as ids of users and registrants have."""
    return _letters(secrets.token_bytes(17))[:22]


def new_key() -> str:
    """The 43 letters in a personal link that stand for a registrant."""
    return secrets.token_urlsafe(32)


def registration_url(base_url: str, kind: EventKind, token: str) -> str:
    """The page on which people register themselves."""
    return f"{base_url}/{kind}/register/{token}"


def join_url(base_url: str, kind: EventKind, number: int, token: str, key: str) -> str:
    """A registrant's own link to the event. Whoever has it can take the registrant's place."""
    ending = [("uuid", token)] if kind == "webinar" else []
    return f"{base_url}/w/{number}?{urlencode([('tk', f'{key}.{_tail(kind, number, token)}'), *ending])}"


def key_in(tk: str) -> str:
    """The part of `tk` that stands for a registrant."""
    return tk.partition(".")[0]


def _tail(kind: EventKind, number: int, token: str) -> str:
    """What follows a registrant's key in Zoom's links: the event's number and its token, in 54 bytes."""
    name = token.removeprefix("WN_") if kind == "webinar" else _letters(hashlib.sha256(token.encode()).digest())
    head = bytes([0x0D, _CLUSTER]) + number.to_bytes(8, "big") + bytes([22]) + name[:22].encode()
    return _letters(head.ljust(54, b"\0"))


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
