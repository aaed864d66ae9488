"""Jotform (api.jotform.com/docs, Webhooks), as the door keeps a submission: `formID`, `submissionID`, `rawRequest`.

`rawRequest` is JSON in a text. Its keys are `q3_email`: a question is known by its number, by its name, or by both as
they stand. Titles are not sent. Words come with `&`, quotation marks and angle brackets escaped as in HTML.
"""

import html
import re
from typing import Annotated

from pydantic import Field

from domain.sources.forms import answered, form_for, registration
from domain.sources.understanding import json_object, shaped
from schemas.base import ForeignShape
from schemas.programme import Conference
from schemas.registration import RegistrationSubmitted

_KEY = re.compile(r"q(\d+)_(.+)", re.DOTALL)

# Those that PHP's htmlspecialchars makes, and numbers. `html.unescape` alone would also read “R&Dagger” as a dagger.
_ESCAPED = re.compile(r"&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)


class _Kept(ForeignShape):
    form_id: Annotated[str | None, Field(alias="formID")] = None
    raw_request: Annotated[str, Field(alias="rawRequest")]


def read(body: bytes, content_type: str, conference: Conference) -> RegistrationSubmitted:  # noqa: ARG001 - every reader's form
    """What a submission of a Jotform form says.

    Raises:
        NotUnderstood: with a reason for each field that is wrong.
    """
    kept = shaped(_Kept, json_object(body))
    asked = ((_KEY.fullmatch(key), value) for key, value in json_object(kept.raw_request.encode()).items())
    return registration(
        form_for(conference, "jotform", kept.form_id),
        [answered((key[0], key[1], key[2]), _said(value)) for key, value in asked if key],
        conference,
        address="",
    )


def _said(value: object) -> object:
    """The words, in the order in which they came: a name is `{first, last}`, a date `{month, day, year}`."""
    if isinstance(value, dict):
        return [_said(one) for one in value.values()]
    if isinstance(value, list):
        return [_said(one) for one in value]
    return _ESCAPED.sub(lambda found: html.unescape(found[0]), value) if isinstance(value, str) else value
