"""Google Forms, through the script in `docs/connect/google-forms.gs`, which signs by Standard Webhooks."""

from typing import ClassVar

from web.sources import standard_webhooks
from web.sources.post import JSON, Delivery, Post, is_list_of_objects, json_object


class GoogleForms:
    """See `web.sources.Source`."""

    media_types: ClassVar[frozenset[str]] = JSON
    scheme: ClassVar[str] = standard_webhooks.SCHEME

    def authenticate(self, post: Post) -> None:
        """By Standard Webhooks."""
        standard_webhooks.authenticate(post)

    async def delivery(self, post: Post) -> Delivery | None:
        """A response with a list of answers. The script makes its `webhook-id` of the response's id and its time."""
        data = (json_object(post.body) or {}).get("data")
        if not isinstance(data, dict) or not is_list_of_objects(data.get("answers")):
            return None
        return Delivery(post.headers[standard_webhooks.ID], post.body)

    def weakness(self, secret: str) -> str:
        """By Standard Webhooks."""
        return standard_webhooks.weakness(secret)
