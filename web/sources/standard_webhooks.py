"""Signatures by Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA-256 over `id.timestamp.body`.

The library reads the secret. Its `verify` is not used: it asks the machine's clock, knows one secret only, and breaks
on entries that are no signatures; its `sign` takes text, while what was signed are the bytes that came.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import structlog
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from web.sources.post import NotAuthentic, Post, each_once

log = structlog.get_logger(__name__)

SCHEME = "Standard-Webhooks"
ID = "webhook-id"
TOLERANCE = timedelta(minutes=5)

# No dot: it divides what is signed, and must not be somebody's to choose.
_ID = re.compile(r"[!-\-/-~]{1,256}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_MOST_SIGNATURES = 16
_LEAST_BYTES = 24  # of a secret, as the standard asks


class Secret(Webhook):
    """A secret as the standard writes it: `whsec_` and base64."""

    def signature(self, message_id: str, timestamp: str, body: bytes) -> bytes:
        """The MAC, in base64."""
        return b64encode(hmac.digest(self._whsecret, f"{message_id}.{timestamp}.".encode() + body, "sha256"))


def authenticate(post: Post) -> None:
    """Return if one of the secrets has signed this within five minutes of now.

    Raises:
        NotAuthentic: for everything else.
    """
    message_id, timestamp, signatures = each_once(post.headers, ID, "webhook-timestamp", "webhook-signature")
    if not _ID.fullmatch(message_id):
        raise NotAuthentic("webhook-id must be 1 to 256 visible ASCII characters without a dot.")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise NotAuthentic("webhook-timestamp must be whole seconds since 1970.")
    given = list(_signatures(signatures))
    # Every pair is compared, so that the time taken does not tell which secret or signature came near.
    matches = [
        hmac.compare_digest(secret.signature(message_id, timestamp, post.body), one)
        for secret in _readable(post.secrets)
        for one in given
    ]
    if not any(matches):
        raise NotAuthentic("No signature fits. Check the secret, and that the body is sent exactly as it was signed.")
    signed_at = datetime.fromtimestamp(int(timestamp), UTC)
    if all(abs(now - signed_at) > TOLERANCE for now in post.times):
        raise NotAuthentic("webhook-timestamp is more than five minutes from now. Check the sender's clock.")


def weakness(secret: str) -> str:
    """What is wrong with a secret; empty where nothing is."""
    try:
        size = len(b64decode(secret.removeprefix("whsec_") + "=="))
    except ValueError:  # not base64, or not ASCII
        size = 0
    strong = secret.startswith("whsec_") and size >= _LEAST_BYTES
    return "" if strong else f"the secret is no whsec_ with {_LEAST_BYTES} bytes or more"


def _signatures(header: str) -> Iterator[bytes]:
    """The signatures of version 1 in a list, as they are written: base64 has several spellings of one signature. What
    is of another version is passed over."""
    for entry in header.split()[:_MOST_SIGNATURES]:
        version, _, signature = entry.partition(",")
        if version == "v1":
            yield signature.encode("latin-1")


def _readable(secrets: Sequence[str]) -> Iterator[Secret]:
    for secret in secrets:
        try:
            yield _secret(secret)
        except (ValueError, RuntimeError, EmptyWebhookSecretError):
            log.warning("a secret in CONVENOR_HOOK_SECRETS cannot be read; see convenor doctor")


@lru_cache(256)
def _secret(secret: str) -> Secret:
    """Read once."""
    return Secret(secret)
