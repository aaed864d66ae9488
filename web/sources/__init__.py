"""The providers that post to `/hooks/{source}/{conference}`: who signed it, and is it of their form.

What a post says is not judged here but by a worker (`domain.sources`). A new provider is a module here with a class
like `Source`, one there with a `read`, and a line in each of the two tables.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from starlette.datastructures import Headers

from web.sources.google_forms import GoogleForms
from web.sources.standard import Standard


class Source(Protocol):
    """One provider."""

    def authenticate(self, headers: Headers, body: bytes, secrets: Sequence[str], times: Collection[datetime]) -> str:
        """The provider's id of this delivery, which it repeats when it tries again.

        `secrets`: any of them may have signed. `times`: what may count as now, in UTC.

        Raises:
            NotAuthentic: where none of them has, or it was signed too long before or after all of `times`.
        """

    def is_of_its_form(self, message: Mapping[str, Any]) -> bool:
        """Whether a JSON object looks like what this provider sends."""


SOURCES: Mapping[str, Source] = {
    "standard": Standard(),
    "google-forms": GoogleForms(),
}
