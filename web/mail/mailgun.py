"""Mailgun (documentation.mailgun.com, "Securing webhooks"): signs a time and a token, and puts both into the body.

The signature says nothing of the rest of the body. Each token is therefore taken once, as Mailgun advises: whoever has
overheard one post cannot send another with it.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from web.sources import shared_secret
from web.sources.post import JSON, Delivery, NotAuthentic, Post, json_object

WINDOW = timedelta(hours=9)
"""Mailgun repeats for eight hours; whether it then signs anew is not documented."""

_EARLY = timedelta(minutes=5)
_TIMESTAMP = re.compile(r"[0-9]{1,11}")


class Mailgun:
    """See `web.sources.Source`."""

    media_types: ClassVar[frozenset[str]] = JSON
    scheme: ClassVar[str] = "Mailgun"

    def authenticate(self, post: Post) -> None:
        """HMAC-SHA-256 in hexadecimal over timestamp and token, by the webhook signing key."""
        timestamp, token, given = (_signature(post).get(name) for name in ("timestamp", "token", "signature"))
        if not (isinstance(timestamp, str) and isinstance(token, str) and isinstance(given, str)):
            raise NotAuthentic("There must be a signature with timestamp, token and signature.")
        if not (_TIMESTAMP.fullmatch(timestamp) and _has_signed(f"{timestamp}{token}", given, post.secrets)):
            raise NotAuthentic("The signature does not fit. Check the webhook signing key.")
        signed_at = datetime.fromtimestamp(int(timestamp), UTC)
        if not any(now - WINDOW <= signed_at <= now + _EARLY for now in post.times):
            raise NotAuthentic("The timestamp is too far from now. Check the clocks.")

    async def delivery(self, post: Post) -> Delivery | None:
        """Any event, by its token."""
        message = json_object(post.body) or {}
        if not isinstance(message.get("event-data"), dict):
            return None
        return Delivery(str(_signature(post)["token"]), post.body)

    def weakness(self, secret: str) -> str:
        """Mailgun makes it."""
        return shared_secret.weakness(secret)


def _signature(post: Post) -> dict[str, Any]:
    found = (json_object(post.body) or {}).get("signature")
    return found if isinstance(found, dict) else {}


def _has_signed(signed: str, given: str, secrets: Sequence[str]) -> bool:
    # All are compared, so that the time taken does not tell which one came near.
    made = [hmac.new(one.encode(), signed.encode(), hashlib.sha256).hexdigest() for one in secrets if one.strip()]
    matches = [hmac.compare_digest(given.encode(), one.encode()) for one in made]
    return any(matches)
