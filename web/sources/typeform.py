"""Typeform (typeform.com/developers/webhooks): signs the body, without an id or a time."""

from typing import ClassVar

from web.sources import shared_secret
from web.sources.post import JSON, Delivery, Post, is_list_of_objects, json_object, submission, the_one


class Typeform:
    """See `web.sources.Source`."""

    media_types: ClassVar[frozenset[str]] = JSON
    scheme: ClassVar[str] = "Typeform-Signature"

    def authenticate(self, post: Post) -> None:
        """`Typeform-Signature: sha256=` and a base64 HMAC-SHA-256 over the body. It never ages: what makes a replay
        harmless is that each delivery is taken once."""
        given = the_one(post.headers, "typeform-signature").encode("latin-1")
        shared_secret.expect_signature(given, post.body, post.secrets, prefix=b"sha256=")

    async def delivery(self, post: Post) -> Delivery | None:
        """A complete response; partial ones are none. It is known by its token and by what it says rather than by
        `event_id`: whether that stays the same when Typeform tries again is not documented, and the response does."""
        message = json_object(post.body) or {}
        response = message.get("form_response")
        if message.get("event_type") != "form_response" or not isinstance(response, dict):
            return None
        if not is_list_of_objects(response.get("answers") or []):
            return None
        said = [response.get(name) for name in ("submitted_at", "hidden", "answers")]
        return submission(response.get("token"), said=said, body=post.body)

    def weakness(self, secret: str) -> str:
        """It is typed into Typeform."""
        return shared_secret.weakness(secret)
