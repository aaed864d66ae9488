"""Signatures by Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA-256 over `id.timestamp.body`.

The library reads the secret and computes the MAC. Its `verify` is not used: it asks the machine's clock, knows one
secret only, and breaks on entries that are no signatures; its `sign` takes text, while what was signed are the bytes
that came.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError, hmac_data
from starlette.datastructures import Headers

log = structlog.get_logger(__name__)

TOLERANCE = timedelta(minutes=5)

# No dot: it divides what is signed, and must not be somebody's to choose.
_ID = re.compile(r"[!-\-/-~]{1,256}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_MOST_SIGNATURES = 16


class NotAuthentic(Exception):
    """A post that nobody who knows a secret has signed just now. The message says what is the matter, to the sender."""


class Secret(Webhook):
    """A secret as the standard writes it: `whsec_` and base64."""

    def signature(self, message_id: str, timestamp: str, body: bytes) -> bytes:
        """The MAC, in bytes."""
        return hmac_data(self._whsecret, f"{message_id}.{timestamp}.".encode() + body)


def authenticate(headers: Headers, body: bytes, secrets: Sequence[str], times: Collection[datetime]) -> str:
    """The `webhook-id` of a post that one of `secrets` has signed within five minutes of one of `times` (UTC).

    Raises:
        NotAuthentic: for everything else.
    """
    message_id, timestamp, signatures = (
        _the_one(headers, f"webhook-{name}") for name in ("id", "timestamp", "signature")
    )
    if not _ID.fullmatch(message_id):
        raise NotAuthentic("webhook-id must be 1 to 256 visible ASCII characters without a dot.")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise NotAuthentic("webhook-timestamp must be whole seconds since 1970.")
    given = list(_signatures(signatures))
    # Every pair is compared, so that the time taken does not tell which secret or signature came near.
    matches = [
        hmac.compare_digest(secret.signature(message_id, timestamp, body), one)
        for secret in _readable(secrets)
        for one in given
    ]
    if not any(matches):
        raise NotAuthentic("No signature fits. Check the secret, and that the body is sent exactly as it was signed.")
    signed_at = datetime.fromtimestamp(int(timestamp), UTC)
    if all(abs(now - signed_at) > TOLERANCE for now in times):
        raise NotAuthentic("webhook-timestamp is more than five minutes from now. Check the sender's clock.")
    return message_id


def _the_one(headers: Headers, name: str) -> str:
    values = headers.getlist(name)
    if len(values) != 1:
        raise NotAuthentic(f"There must be one header {name}.")
    return values[0]


def _signatures(header: str) -> Iterator[bytes]:
    """The signatures of version 1 in a list; what is of another version or no signature is passed over."""
    for entry in header.split()[:_MOST_SIGNATURES]:
        version, _, signature = entry.partition(",")
        if version == "v1" and signature.isascii():
            try:
                yield base64.b64decode(signature, validate=True)
            except binascii.Error:
                continue


def _readable(secrets: Sequence[str]) -> Iterator[Secret]:
    for secret in secrets:
        try:
            yield Secret(secret)
        except (ValueError, RuntimeError, EmptyWebhookSecretError):
            log.warning("a secret in CONVENOR_HOOK_SECRETS cannot be read; see convenor doctor")
