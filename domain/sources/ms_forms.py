"""Microsoft Forms, as the flow in `docs/connect/ms-forms.md` sends a response.

A question is known by its key in `answers`: `r` and 32 hexadecimal digits where the flow sends all that “Get response
details” gives, or whatever names the flow's author has chosen.
"""

from typing import Annotated, Any

from pydantic import Field
from pydantic_core import from_json

from domain.sources.forms import answered, form_for, registration
from domain.sources.understanding import json_object, shaped
from schemas.base import ForeignShape
from schemas.programme import Conference
from schemas.registration import RegistrationSubmitted


class _Response(ForeignShape):
    form_id: str | int | None = None
    submitted_at: Any = None
    responder: Any = None
    answers: Annotated[dict[str, Any], Field(max_length=1000)]

    @property
    def address(self) -> str:
        """The address with which somebody was logged in; who answers anonymously is null, blank, or “anonymous”."""
        responder = self.responder or self.answers.get("responder")
        return responder if isinstance(responder, str) and "@" in responder else ""


def read(body: bytes, content_type: str, conference: Conference) -> RegistrationSubmitted:  # noqa: ARG001 - every reader's form
    """What a response to a Microsoft form says.

    Raises:
        NotUnderstood: with a reason for each field that is wrong.
    """
    response = shaped(_Response, json_object(body))
    return registration(
        form_for(conference, "ms-forms", None if response.form_id is None else str(response.form_id)),
        [answered((key,), _said(value)) for key, value in response.answers.items()],
        conference,
        address=response.address,
        submitted_at=response.submitted_at,
    )


def _said(value: object) -> object:
    """Where several answers may be chosen, they come as a JSON array in a text."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        return from_json(value, allow_inf_nan=False)
    except ValueError:
        return value  # somebody has written a bracket
