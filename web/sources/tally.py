"""Tally (tally.so/help/webhooks): signs the body, without an id or a time."""

from typing import ClassVar

from web.sources import shared_secret
from web.sources.post import JSON, Delivery, Post, is_list_of_objects, json_object, submission, the_one


class Tally:
    """See `web.sources.Source`."""

    media_types: ClassVar[frozenset[str]] = JSON
    scheme: ClassVar[str] = "Tally-Signature"

    def authenticate(self, post: Post) -> None:
        """`Tally-Signature`: a base64 HMAC-SHA-256 over the body. It never ages: what makes a replay harmless is that
        each delivery is taken once.

        Tally's own example signs `JSON.stringify` of the parsed body: the bytes that it sends.
        """
        given = the_one(post.headers, "tally-signature").encode("latin-1")
        shared_secret.expect_signature(given, post.body, post.secrets)

    async def delivery(self, post: Post) -> Delivery | None:
        """A response, known by its id and by what it says: an `eventId` names the event, and five retries are one."""
        message = json_object(post.body) or {}
        data = message.get("data")
        if message.get("eventType") != "FORM_RESPONSE" or not isinstance(data, dict):
            return None
        if not is_list_of_objects(data.get("fields")):
            return None
        said = [data.get(name) for name in ("createdAt", "fields")]
        return submission(data.get("submissionId") or data.get("responseId"), said=said, body=post.body)

    def weakness(self, secret: str) -> str:
        """It is typed into Tally."""
        return shared_secret.weakness(secret)
