"""The providers that post to `/hooks/{source}/{conference}`: who sent it, is it of their form, and by what id.

What a post says is not judged here but by a worker (`domain.sources`). A new provider is a module here with a class
like `Source`, one there with a `read`, and a line in each of the two tables.
"""

from collections.abc import Mapping
from typing import ClassVar, Protocol

from web.sources.google_forms import GoogleForms
from web.sources.jotform import Jotform
from web.sources.ms_forms import MicrosoftForms
from web.sources.post import Delivery, Post
from web.sources.standard import Standard
from web.sources.tally import Tally
from web.sources.typeform import Typeform


class Source(Protocol):
    """One provider."""

    media_types: ClassVar[frozenset[str]]
    """What it sends; all else is 415. Always in UTF-8, and not compressed."""

    scheme: ClassVar[str]
    """How it says who it is: the scheme of WWW-Authenticate (RFC 9110, 11.6.1) in a 401."""

    def authenticate(self, post: Post) -> None:
        """Return if the provider has sent this.

        Raises:
            NotAuthentic: where no secret fits, or it was signed too long before or after every time that is now.
        """

    async def delivery(self, post: Post) -> Delivery | None:
        """What is recorded; None where this is not of the provider's form. Asked of authentic posts alone.

        Raises:
            Problem: 400, where a form cannot be read at all.
        """

    def weakness(self, secret: str) -> str:
        """What is wrong with a secret, told to the operator; empty where nothing is. Never the secret itself."""


SOURCES: Mapping[str, Source] = {
    "standard": Standard(),
    "google-forms": GoogleForms(),
    "typeform": Typeform(),
    "tally": Tally(),
    "jotform": Jotform(),
    "ms-forms": MicrosoftForms(),
}
