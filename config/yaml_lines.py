"""YAML 1.2 as plain data, with the line of every value.

What stands in a programme is text, whole numbers, true, false, null, lists and fields. Everything else that YAML can
do is refused here: anchors and aliases (nine lines of them unfold to a billion values), tags, several documents,
the rules of YAML 1.1 (which read 18:00 as the number 1080 and `no` as false). Dates and times stay text, as written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

MAX_DEPTH = 12
"""A form's answers are six levels down. The composer recurses, so that depth must be bounded before it runs."""

Path = tuple[str | int, ...]

_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_TAG = "tag:yaml.org,2002:"
_REMEDIES = {
    "mapping values are not allowed": "put a text with a colon and a space in double quotes, or mend the indentation",
    "cannot start any token": "indent with spaces, not tabs; put a text that begins with a sign between double quotes",
    "block mapping": "look at the indentation, here and in the line above",
    "block collection": "look at the indentation, here and in the line above",
    "quoted scalar": "close the quotation mark",
    "single document": "keep one programme in one file, without --- between",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong in which line (counted from 1), and what to do."""

    line: int
    message: str
    remedy: str


@dataclass
class Document:
    """`data` with the line of each path in it; `faults` leave `data` usable unless `data` is None."""

    data: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_yaml(text: str) -> Document:
    """The one document in `text`. Never raises for what stands in it: that is in `faults`."""
    document = Document()
    try:
        document.faults.extend(_refused(text))
        if not document.faults:
            document.data = _value(_yaml().compose(text), (), document)
    except YAMLError as wrong:
        document.faults.append(_syntax(wrong, text))
    return document


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def _refused(text: str) -> Iterator[Fault]:
    """What YAML allows and a programme does not, found in the flat stream of events, before anything is built."""
    depth = 0
    for event in _yaml().parse(text):
        line = event.start_mark.line + 1
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            yield Fault(line, "is nested too deep", f"a programme needs no more than {MAX_DEPTH} levels")
            return
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            yield Fault(line, "anchors (&) and aliases (*) are not read", "write the value out, or put it in quotes")
        elif getattr(event, "tag", None):
            yield Fault(line, "tags (!) are not read", "leave the tag out, or put the text in quotes")
        elif isinstance(event, DocumentStartEvent) and event.version not in {None, (1, 2)}:
            yield Fault(line, "only YAML 1.2 is read", "leave the %YAML line out")


def _value(node: Node | None, path: Path, document: Document) -> object:
    """The plain value of a node; the lines of all that it holds go into the document."""
    if node is None:
        return None
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, MappingNode):
        return _fields(node, path, document)
    return [_value(one, (*path, number), document) for number, one in enumerate(node.value)]


def _fields(node: MappingNode, path: Path, document: Document) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode) or not key.value.isprintable():
            document.faults.append(Fault(line, "a field's name must be a plain word", "put the text in quotes"))
        elif key.value in values:
            first = document.lines[*path, key.value]
            document.faults.append(
                Fault(line, f"`{key.value}` stands twice, first in line {first}", "keep one of them")
            )
        else:
            document.lines[*path, key.value] = line
            values[key.value] = _value(value, (*path, key.value), document)
    return values


def _scalar(node: ScalarNode) -> object:
    """Only null, booleans and whole numbers are more than text; quoted ones are text already."""
    text = str(node.value)
    if node.tag == _TAG + "null":
        return None
    if node.tag == _TAG + "bool":
        return text.lower() == "true"
    return int(text) if node.tag == _TAG + "int" and _WHOLE_NUMBER.fullmatch(text) else text


def _syntax(wrong: YAMLError, text: str) -> Fault:
    """The parser's own error, in its words, with a remedy where the words are usual."""
    if not isinstance(wrong, MarkedYAMLError):  # a character that YAML does not allow; its position is a number
        position = getattr(wrong, "position", 0)
        line = text.count("\n", 0, position if isinstance(position, int) else 0) + 1
        return Fault(line, "has a character that cannot be printed", "delete it; it often comes from a PDF")
    # What is still open at the end of the file went wrong where it was opened.
    at_the_end = any(words in (wrong.problem or "") for words in ("end of stream", "stream end"))
    mark = (wrong.context_mark if at_the_end else wrong.problem_mark) or wrong.problem_mark
    message = "; ".join(part for part in (wrong.context, wrong.problem) if part)
    remedy = next((what for words, what in _REMEDIES.items() if words in message), "compare with another programme")
    return Fault(mark.line + 1 if mark else 1, f"is not YAML: {message}", remedy)
