"""Postmark (postmarkapp.com/developer/webhooks): signs nothing; sends the password that its webhook was given (HTTP
Basic), or a header of ours."""

import binascii
from base64 import b64decode
from typing import ClassVar

from web.sources import shared_secret
from web.sources.post import JSON, Delivery, NotAuthentic, Post, json_object, submission, the_one

_OF_WHAT = ("RecordType", "ID", "MessageID", "Email", "Recipient", "BouncedAt", "DeliveredAt", "ChangedAt")
"""What tells one event from all others: a bounce has an id; a delivery has its message and recipient."""


class Postmark:
    """See `web.sources.Source`."""

    media_types: ClassVar[frozenset[str]] = JSON
    scheme: ClassVar[str] = "Basic"

    def authenticate(self, post: Post) -> None:
        """The secret as the password, whatever the name, or in the header `X-Webhook-Key`. It says nothing of the
        body, which TLS alone protects; each event is taken once."""
        if "x-webhook-key" in post.headers:
            given = the_one(post.headers, "x-webhook-key").encode("latin-1")
        else:
            given = _password(the_one(post.headers, "authorization"))
        shared_secret.expect_secret(given, post.secrets)

    async def delivery(self, post: Post) -> Delivery | None:
        """Any event. Postmark repeats one that it could not deliver, with the same ids."""
        event = json_object(post.body)
        if event is None or not isinstance(event.get("RecordType"), str):
            return None
        return submission(event["RecordType"], said=[event.get(name) for name in _OF_WHAT], body=post.body)

    def weakness(self, secret: str) -> str:
        """It is typed into Postmark, and sent in a header."""
        return shared_secret.weakness(secret)


def _password(authorization: str) -> bytes:
    """The password of HTTP Basic (RFC 7617, 2)."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise NotAuthentic("Give this webhook a user name and a password.")
    try:
        return b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        raise NotAuthentic("The header Authorization is not of HTTP Basic.") from None
