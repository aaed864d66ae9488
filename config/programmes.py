"""Programme files: YAML into `schemas.programme.Conference`, with a line and a remedy for all that is wrong.

Reads files and nothing else; whether a programme is plausible (overlaps, clock changes, what is unconfirmed) is for
`domain.findings` to say. Every rule about what may stand in a file is in `schemas.programme`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from config.problems import Problem, explained, known_part
from config.yaml_lines import Path as Place
from config.yaml_lines import read_yaml
from schemas.programme import Conference

MAX_BYTES = 256 * 1024
"""Ten times a large programme. Reading YAML costs time and memory per byte."""

SUFFIXES = (".yaml", ".yml")


class ProgrammeError(Exception):
    """Files that cannot be used; `problems` says all that is wrong. Trying again helps only after a change to them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class ProgrammeFile:
    """A programme and where in its file each part stands."""

    path: Path
    conference: Conference
    lines: Mapping[Place, int]

    def line(self, session: str | None = None, *place: str | int) -> int:
        """The line of a place in a session (an id) or in the conference; of what holds it where the file lacks it."""
        ids = [one.id for one in self.conference.sessions]
        start: Place = ("sessions", ids.index(session)) if session in ids else ()
        return self.lines[known_part(self.lines, (*start, *place))]


def load_programme(path: Path) -> Conference:
    """The programme in a file, whose name must be its id.

    Raises:
        ProgrammeError: it cannot be read, is not YAML, or is not a programme.
    """
    return open_programme(path).conference


def load_programmes(folder: Path) -> dict[str, Conference]:
    """All programmes of a folder (`*.yaml`, `*.yml`) by id, in order of id. Other files are not looked at.

    Raises:
        ProgrammeError: with the problems of all files, or where two files have one id.
    """
    return {one.conference.id: one.conference for one in open_programmes(folder)}


def open_programmes(folder: Path) -> list[ProgrammeFile]:
    """As `load_programmes`, with lines."""
    if not folder.is_dir():
        raise ProgrammeError([Problem(str(folder), 1, "", "is no folder", "set CONVENOR_CONFERENCES to one")])
    opened: dict[str, ProgrammeFile] = {}
    problems: list[Problem] = []
    for path in sorted(one for one in folder.iterdir() if one.suffix in SUFFIXES):
        try:
            one = open_programme(path)
        except ProgrammeError as wrong:
            problems.extend(wrong.problems)
            continue
        first = opened.setdefault(one.conference.id, one)
        if first is not one:
            message = f"{first.path.name} has the same id"
            problems.append(Problem(str(path), one.line(None, "id"), "id", message, "keep one of the two files"))
    if problems:
        raise ProgrammeError(problems)
    return list(opened.values())


def open_programme(path: Path) -> ProgrammeFile:
    """As `load_programme`, with lines."""
    return programme_of(path, content_of(path))


def programme_of(path: Path, content: bytes) -> ProgrammeFile:
    """The same, of a file whose content has been read."""
    document = read_yaml(_text(path, content))
    problems = [Problem(str(path), one.line, "", one.message, one.remedy) for one in document.faults]
    if document.data is None and not problems:
        problems.append(Problem(str(path), 1, "", "is empty", "`convenor conference new` writes a start"))
    if document.data is None:
        raise ProgrammeError(problems)
    try:
        opened = ProgrammeFile(path, Conference.model_validate(document.data), document.lines)
    except ValidationError as wrong:
        problems.extend(explained(str(path), document, wrong))
        raise ProgrammeError(sorted(problems, key=lambda one: one.line)) from None
    if opened.conference.id != path.stem:
        remedy = f"name the file {opened.conference.id}.yaml, or make the id that of the file"
        problems.append(Problem(str(path), opened.line(None, "id"), "id", "is not the name of the file", remedy))
    if problems:
        raise ProgrammeError(problems)
    return opened


def content_of(path: Path) -> bytes:
    """What stands in a file, which need be no programme.

    Raises:
        ProgrammeError: it cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as wrong:
        remedy = "look at the path and its permissions"
        raise ProgrammeError([Problem(str(path), 1, "", f"cannot be read: {wrong.strerror}", remedy)]) from None
    if len(content) > MAX_BYTES:
        remedy = f"a programme has at most {MAX_BYTES // 1024} KiB"
        raise ProgrammeError([Problem(str(path), 1, "", "is too large", remedy)])
    return content


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        raise ProgrammeError([Problem(str(path), line, "", "is not UTF-8", "save the file as UTF-8")]) from None
