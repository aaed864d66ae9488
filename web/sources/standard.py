"""Our own native body, from any program that signs by Standard Webhooks."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers

from web.sources import standard_webhooks

_TYPES = ("registration.submitted", "registration.withdrawn")


class Standard:
    """See `web.sources.Source`."""

    def authenticate(self, headers: Headers, body: bytes, secrets: Sequence[str], times: Collection[datetime]) -> str:
        """By Standard Webhooks."""
        return standard_webhooks.authenticate(headers, body, secrets, times)

    def is_of_its_form(self, message: Mapping[str, Any]) -> bool:
        """A type that is known, and data."""
        return message.get("type") in _TYPES and isinstance(message.get("data"), dict)
