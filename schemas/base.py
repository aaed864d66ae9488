"""The manners that all shapes share: frozen, strict about their fields, and silent about what was typed."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A frozen shape that refuses fields it does not know. Errors never repeat the input: it may be personal."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ForeignShape(BaseModel):
    """A frozen shape for what strangers send: fields it does not know are dropped, never stored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
