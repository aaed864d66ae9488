"""What form providers send, on fictitious samples, and a bench to judge it on without a house."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
from starlette.requests import Request

from adapters.database import envelopes
from adapters.database.tables import EnvelopeRow
from domain.sources import reader
from schemas.registration import RegistrationData, RegistrationSubmitted
from tests.domain.sources.sample import CONFERENCE
from tests.web.conftest import Door, House
from tests.web.street import JSON, NOW
from web.sources import Source
from web.sources.post import NotAuthentic, Post

SAMPLES = Path(__file__).parent / "samples"
FORM = "application/x-www-form-urlencoded"

SECRETS = {
    "typeform": "fictitious-typeform-secret",
    "tally": "fictitious-tally-secret",
    "jotform": "fictitious-jotform-key_in-the-address",
    "ms-forms": "fictitious-power-automate-secret",
}
NEXT = "fictitious-secret-of-next-month"
"""The other secret of a rotation, the same for all."""


def sample(name: str) -> dict[str, Any]:
    """A sample, to be changed at will."""
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return found


def compact(message: object) -> bytes:
    """As `JSON.stringify` writes it."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def mac(body: bytes, secret: str) -> str:
    """The base64 of HMAC-SHA-256."""
    return b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def written(source: str, message: Any) -> bytes:
    """The body in which a source sends a message."""
    return urlencode(message).encode() if source == "jotform" else compact(message)


def authentic(source: str, body: bytes, secret: str | None = None) -> dict[str, Any]:
    """What a source adds to a body, to show who it is: headers, and the query of the address."""
    key = SECRETS[source] if secret is None else secret
    match source:
        case "typeform":
            return {"headers": {"content-type": JSON, "typeform-signature": f"sha256={mac(body, key)}"}}
        case "tally":
            return {"headers": {"content-type": JSON, "tally-signature": mac(body, key)}}
        case "ms-forms":
            return {"headers": {"content-type": JSON, "x-webhook-key": key}}
        case _:
            return {"headers": {"content-type": FORM}, "params": {"key": key}}


def send(door: Door, source: str, message: Any = None, *, secret: str | None = None, **changes: Any) -> httpx2.Response:
    """The answer to a message, or to bytes, from a source; to its sample where none is given."""
    body = message if isinstance(message, bytes) else written(source, sample(source) if message is None else message)
    return door.post(
        f"/hooks/{source}/rivers-2026", content=body, **{**authentic(source, body, secret=secret), **changes}
    )


def rows(house: House) -> list[EnvelopeRow]:
    """All that is in the inbox, the newest first."""
    with house.toolbox.database.read() as session:
        return envelopes.listed(session, states=("received",), limit=50)


def read_by_a_worker(house: House) -> RegistrationData:
    """What a worker reads in the one envelope."""
    (row,) = rows(house)
    envelope = envelopes.opened(row, house.toolbox.vault)
    said = reader(row.source).read(envelope.body, envelope.content_type, CONFERENCE)
    assert isinstance(said, RegistrationSubmitted)
    return said.data


def believed(
    provider: Source, body: bytes, secrets: Sequence[str], headers: dict[str, bytes] | None = None, query: bytes = b""
) -> bool:
    """Whether a provider's door takes this for authentic, at the standing clock's time."""
    raw = [(name.encode(), value) for name, value in (headers or {}).items()]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "query_string": query})
    try:
        provider.authenticate(Post(request, body, secrets, [NOW]))
    except NotAuthentic:
        return False
    return True


def one_bit_off(whole: bytes) -> Iterator[bytes]:
    """Every message that differs from this one in a single bit."""
    for place in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        yield bytes(changed)
