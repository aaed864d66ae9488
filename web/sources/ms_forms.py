"""Microsoft Forms, through the Power Automate flow in `docs/connect/ms-forms.md`, which cannot sign."""

from typing import ClassVar

from web.sources import shared_secret
from web.sources.post import JSON, Delivery, Post, json_object, submission, the_one


class MicrosoftForms:
    """See `web.sources.Source`."""

    media_types: ClassVar[frozenset[str]] = JSON
    scheme: ClassVar[str] = "X-Webhook-Key"

    def authenticate(self, post: Post) -> None:
        """The secret itself, in the header `X-Webhook-Key` that the flow adds: it says who sends, and nothing of the
        body, which TLS alone protects. What makes a replay harmless is that each delivery is taken once."""
        given = the_one(post.headers, "x-webhook-key").encode("latin-1")
        shared_secret.expect_secret(given, post.secrets)

    async def delivery(self, post: Post) -> Delivery | None:
        """A response, known by the form's id, its own, and all that the flow sends with it: the flow's retries send
        the same, and a response that was edited keeps its id."""
        message = json_object(post.body) or {}
        if not isinstance(message.get("answers"), dict):
            return None
        return submission(message.get("form_id"), message.get("response_id"), said=message, body=post.body)

    def weakness(self, secret: str) -> str:
        """It is typed into a flow, and sent in a header."""
        return shared_secret.weakness(secret)
