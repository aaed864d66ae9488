"""Typeform (typeform.com/developers/webhooks/example-payload).

A question is known by its `ref`, by its id, or else by its title; a hidden field by its name. An answer stands under
the key that its `type` names.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from domain.sources import words
from domain.sources.forms import Answer, answered, form_for, registration
from domain.sources.understanding import json_object, shaped
from schemas.base import ForeignShape
from schemas.programme import Conference, Form
from schemas.registration import RegistrationSubmitted


class _Question(ForeignShape):
    id: str | int | None = None
    ref: str | int | None = None
    title: str | None = None


class _Answer(ForeignShape):
    model_config = ConfigDict(extra="allow")

    type: str | None = None
    field: _Question

    @property
    def value(self) -> object:
        """A choice's label, or what was written beside “Other”; else what there is."""
        value = (self.model_extra or {}).get(self.type or "")
        if isinstance(value, dict) and value.keys() & {"label", "labels", "other"}:
            return [value.get(name) for name in ("label", "labels", "other")]
        return value


class _Definition(ForeignShape):
    fields: tuple[_Question, ...] | None = None


class _Response(ForeignShape):
    form_id: str | None = None
    submitted_at: Any = None
    hidden: dict[str, Any] | None = None
    definition: _Definition | None = None
    answers: Annotated[tuple[_Answer, ...], Field(max_length=1000)] | None = None


class _Post(ForeignShape):
    form_response: _Response


def read(body: bytes, content_type: str, conference: Conference) -> RegistrationSubmitted:  # noqa: ARG001 - every reader's form
    """What a response to a typeform says.

    Raises:
        NotUnderstood: with a reason for each field that is wrong.
    """
    response = shaped(_Post, json_object(body)).form_response
    form = form_for(conference, "typeform", response.form_id)
    return registration(
        form,
        _answers(response, form),
        conference,
        address="",
        submitted_at=response.submitted_at,
    )


def _answers(response: _Response, form: Form) -> list[Answer]:
    """A hidden field counts where no question of its name was answered: it may have filled in that question. For a
    consent it never does."""
    asked = (response.definition.fields if response.definition else None) or ()
    titles = {question.id: question.title for question in asked}
    given = [
        answered((one.field.ref, one.field.id, titles.get(one.field.id)), one.value) for one in response.answers or ()
    ]
    hidden = [answered((name,), value) for name, value in (response.hidden or {}).items()]
    known = frozenset().union(_consents(form), *(one.names for one in given))
    return [*given, *(one for one in hidden if not one.names & known)]


def _consents(form: Form) -> frozenset[str]:
    """What the questions for a consent are called. Hidden fields stand in the form's address, which anybody may have
    made and sent: nobody has given a consent there."""
    return frozenset(words.plain(str(one.question)) for one in form.questions if one.field.startswith("consents."))
