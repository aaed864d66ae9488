"""The JSON Schema for editors is the shapes' own, and takes what is in the real programmes."""

import json

from schemas.json_schema import CONFERENCE_SCHEMA, conference_schema


def test_the_published_schema_is_up_to_date() -> None:
    """If not: python -m schemas.json_schema"""
    assert CONFERENCE_SCHEMA.read_text(encoding="utf-8") == conference_schema()


def test_editors_are_told_how_times_are_written_and_that_other_fields_are_wrong() -> None:
    schema = json.loads(conference_schema())
    session = schema["$defs"]["Session"]
    assert session["additionalProperties"] is False
    assert session["properties"]["start"]["anyOf"][0] == {
        "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "type": "string",
    }  # fmt: skip
    assert sorted(schema["required"]) == ["ends", "id", "sessions", "starts", "title"]
