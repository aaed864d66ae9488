"""Jotform (api.jotform.com/docs, Webhooks): signs nothing, and can send no header of ours.

What there is, is an address that nobody can guess: it carries the secret as `?key=`. Whoever learns it can register
people until the secret is changed. Asking Jotform for the submission before it is believed would need an API key that
reads every form of the account; `docs/connect/jotform.md` says more.
"""

import json
from typing import ClassVar

from starlette.datastructures import FormData

from web.bodies import FORMS, fields_of
from web.sources import shared_secret
from web.sources.post import Delivery, NotAuthentic, Post, json_object, submission

_KEPT = ("formID", "submissionID", "rawRequest")


class Jotform:
    """See `web.sources.Source`."""

    media_types: ClassVar[frozenset[str]] = frozenset(FORMS)
    scheme: ClassVar[str] = "Query-Key"

    def authenticate(self, post: Post) -> None:
        """The secret itself, in the address. It says nothing of the body, which TLS alone protects. What makes a
        replay harmless is that each delivery is taken once."""
        given = post.request.query_params.getlist("key")
        if len(given) != 1:
            raise NotAuthentic("The address must carry one key, as in ?key=…")
        shared_secret.expect_secret(given[0].encode(), post.secrets)

    async def delivery(self, post: Post) -> Delivery | None:
        """A submission, known by its id and by what it says: one that was edited keeps its id.

        Of its parts only three are kept, as JSON. The respondent's `ip` and the `webhookURL`, in which our secret
        stands, end here.
        """
        form = await fields_of(post.request, post.body)
        kept = {name: _the_text(form, name) for name in _KEPT}
        if json_object(kept["rawRequest"]) is None:
            return None
        body = json.dumps(kept, ensure_ascii=False).encode()
        return submission(kept["submissionID"], said=kept["rawRequest"], body=body)

    def weakness(self, secret: str) -> str:
        """It stands in an address."""
        return shared_secret.weakness_in_an_address(secret)


def _the_text(form: FormData, name: str) -> str:
    """A part that is there once; else nothing."""
    values = form.getlist(name)
    return values[0] if len(values) == 1 and isinstance(values[0], str) else ""
