"""Tally (tally.so/help/webhooks).

A question is known by its `key`, or else by its label. What was chosen comes as ids, whose words stand in `options`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from domain.sources.forms import answered, form_for, registration
from domain.sources.understanding import json_object, shaped
from schemas.base import ForeignShape
from schemas.programme import Conference
from schemas.registration import RegistrationSubmitted

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NO_WORDS: dict[str, str] = {}


class _Question(ForeignShape):
    key: str | None = None
    label: str | None = None
    value: Any = None
    options: Any = None

    @property
    def said(self) -> object:
        """The answer, in the words of the options. An id that none of them explains is no words: it cannot be read."""
        options = self.options if isinstance(self.options, list) else []
        texts = {one.get("id"): one.get("text") for one in options if isinstance(one, dict) and _is_text(one.get("id"))}
        values = self.value if isinstance(self.value, list) else [self.value]
        return [_in_words(one, texts) if _is_text(one) else one for one in values]


class _Response(ForeignShape):
    form_id: Annotated[str | None, Field(alias="formId")] = None
    created_at: Annotated[Any, Field(alias="createdAt")] = None
    fields: Annotated[tuple[_Question, ...], Field(max_length=1000)]


class _Post(ForeignShape):
    data: _Response


def read(body: bytes, content_type: str, conference: Conference) -> RegistrationSubmitted:  # noqa: ARG001 - every reader's form
    """What a response to a Tally form says.

    Raises:
        NotUnderstood: with a reason for each field that is wrong.
    """
    response = shaped(_Post, json_object(body)).data
    return registration(
        form_for(conference, "tally", response.form_id),
        [answered((one.key, one.label), one.said) for one in response.fields],
        conference,
        address="",
        submitted_at=response.created_at,
    )


def _in_words(said: str, texts: Mapping[Any, object]) -> object:
    """What was written beside “Other” is an option of its own in Tally, or stands among the ids as it is."""
    return texts[said] if said in texts else _NO_WORDS if texts and _ID.fullmatch(said) else said


def _is_text(value: object) -> bool:
    return isinstance(value, str)
