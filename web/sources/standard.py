"""Our own native body, from any program that signs by Standard Webhooks."""

from typing import ClassVar

from web.sources import standard_webhooks
from web.sources.post import JSON, Delivery, Post, json_object

_TYPES = ("registration.submitted", "registration.withdrawn")


class Standard:
    """See `web.sources.Source`."""

    media_types: ClassVar[frozenset[str]] = JSON
    scheme: ClassVar[str] = standard_webhooks.SCHEME

    def authenticate(self, post: Post) -> None:
        """By Standard Webhooks."""
        standard_webhooks.authenticate(post)

    async def delivery(self, post: Post) -> Delivery | None:
        """A type that is known, and data. Known by the `webhook-id`, which was signed."""
        message = json_object(post.body) or {}
        if message.get("type") not in _TYPES or not isinstance(message.get("data"), dict):
            return None
        return Delivery(post.headers[standard_webhooks.ID], post.body)

    def weakness(self, secret: str) -> str:
        """By Standard Webhooks."""
        return standard_webhooks.weakness(secret)
