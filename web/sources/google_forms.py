"""Google Forms, through the script in `docs/connect/google-forms.gs`, which signs by Standard Webhooks."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers

from web.sources import standard_webhooks


class GoogleForms:
    """See `web.sources.Source`."""

    def authenticate(self, headers: Headers, body: bytes, secrets: Sequence[str], times: Collection[datetime]) -> str:
        """By Standard Webhooks; the id is made of the response's id and its time."""
        return standard_webhooks.authenticate(headers, body, secrets, times)

    def is_of_its_form(self, message: Mapping[str, Any]) -> bool:
        """A response with a list of answers."""
        data = message.get("data")
        answers = data.get("answers") if isinstance(data, dict) else None
        return isinstance(answers, list) and all(isinstance(one, dict) for one in answers)
