"""What is wrong with a programme's data, in words for the person who wrote the file: line, place, message, remedy.

Pydantic's own messages speak of tuples and models. A new kind of error that is not in the tables below still comes
out, in pydantic's words.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.yaml_lines import Document
from config.yaml_lines import Path as Place
from schemas.programme import IDENTIFIER, LANGUAGE, Conference

_PATTERNS = {
    IDENTIFIER: ("must be lower-case words joined by hyphens", "write it like survivor-voices"),
    LANGUAGE: ("must be a language's code", "write two or three lower-case letters: en, fr, uk"),
}
_MESSAGES = {
    "string_type": ("must be text", "put a number between double quotes, or leave the field out"),
    "tuple_type": ("must be a list", "begin each entry with a hyphen, or write [one, two]"),
    "dict_type": ("must be pairs of a name and a value", "write them as name: value, one a line"),
    "model_type": ("must have fields of its own", "write them below it, indented: name: value"),
    "date_parsing": ("is not a day of the calendar", "look at the length of the month"),
    "date_from_datetime_parsing": ("is not a day of the calendar", "look at the length of the month"),
    "bool_parsing": ("must be true or false", "write true or false"),
    "bool_type": ("must be true or false", "write true or false"),
    "int_parsing": ("must be a whole number", "write digits only"),
    "url_parsing": ("must be an address of a web page", "write it whole, from https:// to its end"),
    "url_type": ("must be an address of a web page", "write it whole, from https:// to its end"),
    "url_scheme": ("must begin with https:// or http://", "write it whole, from https:// to its end"),
    "string_too_short": ("is empty", "write something, or leave the field out"),
}
_ELSE = "compare with docs/programmes.md"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: in which file and line (from 1), at which place, what, and what to do."""

    file: str
    line: int
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        what = f"{self.path}: {self.message}" if self.path else self.message
        return f"{self.file}:{self.line}: {what} — {self.remedy}"


def explained(file: str, document: Document, wrong: ValidationError) -> Iterator[Problem]:
    """One problem per place: where a field may be of two kinds, pydantic reports each kind that it is not."""
    seen = set()
    for error in wrong.errors(include_url=False, include_input=False):
        place = known_part(document.lines, (*error["loc"], error.get("ctx", {}).get("field", "")))
        missing = error["type"] == "missing"
        if (place, error["loc"][-1:] if missing else ()) not in seen:
            seen.add((place, error["loc"][-1:] if missing else ()))
            message, remedy = _words(error)
            yield Problem(file, document.lines[place], _spelled(document.data, place), message, remedy)


def known_part(lines: Mapping[Place, int], place: Place) -> Place:
    """The part of a place that the file has: without missing fields, and without the names of a union's kinds."""
    known: Place = ()
    for part in place:
        if (*known, part) in lines:
            known = (*known, part)
    return known


def _spelled(data: object, place: Place) -> str:
    """`sessions[survivor-voices].start`; entries without an id are counted from 1."""
    words = ""
    for part in place:
        if isinstance(part, str):
            data = data[part] if isinstance(data, dict) else None
            words += f".{part}" if words else part
        else:
            data = data[part] if isinstance(data, list) else None
            named = str(data.get("id", "")) if isinstance(data, dict) else ""
            # An id that is none may hold anything, such as a terminal's escape sequences.
            words += f"[{named if re.fullmatch(IDENTIFIER, named) else part + 1}]"
    return words


def _words(error: ErrorDetails) -> tuple[str, str]:
    """What is wrong, and the remedy."""
    kind, context = error["type"], error.get("ctx", {})
    name = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "rule":
        return context["message"], context["remedy"]
    if kind == "missing":
        return f"`{name}` is missing", f"add {name}:"
    if kind == "extra_forbidden":
        return "is not a field that programmes have here", _did_you_mean(error["loc"])
    if kind == "literal_error":
        return "is not one of the words allowed here", f"write {context['expected']}"
    if kind == "string_too_long":
        return f"is longer than {context['max_length']} signs", "shorten it"
    if kind == "string_pattern_mismatch":
        return _PATTERNS[context["pattern"]]
    message, _, remedy = error["msg"].removeprefix("Value error, ").partition("; ")
    return _MESSAGES.get(kind, (message, remedy or _ELSE))


def _did_you_mean(loc: tuple[str | int, ...]) -> str:
    names = list(_shape(loc[:-1]).model_fields)
    close = difflib.get_close_matches(str(loc[-1]), names, n=1)
    return f"did you mean {close[0]}?" if close else f"leave it out; there are {', '.join(names)}"


def _shape(loc: tuple[str | int, ...]) -> type[BaseModel]:
    """The shape at a place, found through the annotations, so that no second list of fields can grow stale."""
    shape: type[BaseModel] = Conference
    for part in loc:
        if field := shape.model_fields.get(str(part)):
            shape = next(_shapes_in(field.annotation), shape)
    return shape


def _shapes_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _shapes_in(inner)
