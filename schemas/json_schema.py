"""The JSON Schema of programme files, for editors: `python -m schemas.json_schema` writes it anew.

A test compares the file with the shapes, so that it cannot grow stale.
"""

import json
from pathlib import Path

from schemas.programme import Conference

CONFERENCE_SCHEMA = Path(__file__).with_name("conference.schema.json")


def conference_schema() -> str:
    """The text of `conference.schema.json`: draft 2020-12, of the file's side of `Conference`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Conference.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    CONFERENCE_SCHEMA.write_text(conference_schema(), encoding="utf-8")
