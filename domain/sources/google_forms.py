"""Google Forms, as the script in `docs/connect/google-forms.gs` sends a response.

A question is known by the number of its item, which stays when a secretariat renames it, or else by its title.
"""

from typing import Annotated, Any

from pydantic import Field

from domain.sources.forms import answered, form_for, registration
from domain.sources.understanding import json_object, shaped
from schemas.base import ForeignShape
from schemas.programme import Conference
from schemas.registration import RegistrationSubmitted


class _Answer(ForeignShape):
    item_id: int | str | None = None
    title: str | None = None
    value: Any = None


class _Response(ForeignShape):
    form_id: str | int | None = None
    respondent_email: str | None = None
    submitted_at: Any = None
    answers: Annotated[tuple[_Answer, ...], Field(max_length=1000)]


class _Post(ForeignShape):
    data: _Response


def read(body: bytes, content_type: str, conference: Conference) -> RegistrationSubmitted:  # noqa: ARG001 - every reader's form
    """What a response to a Google form says.

    Raises:
        NotUnderstood: with a reason for each field that is wrong.
    """
    post = shaped(_Post, json_object(body))
    response = post.data
    return registration(
        form_for(conference, "google-forms", None if response.form_id is None else str(response.form_id)),
        [answered((one.item_id, one.title), one.value) for one in response.answers],
        conference,
        address=response.respondent_email or "",
        submitted_at=response.submitted_at,
    )
