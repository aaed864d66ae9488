"""Putting programmes in force: from the files of the conferences folder into the database."""

from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.orm import Session as DatabaseSession

from adapters.database import programmes, zoom_events
from adapters.database.zoom_events import Planned
from adapters.toolbox import Toolbox
from config.problems import Problem
from config.programmes import SUFFIXES, ProgrammeError, content_of, programme_of
from domain.findings import findings
from domain.registration import wants_link
from domain.times import WallTimeError, session_period
from schemas.programme import Conference, Session

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the files: conferences in force, those whose file differs from what is in force, and problems."""

    in_force: tuple[str, ...]
    differing: tuple[str, ...]
    problems: tuple[Problem, ...]


def put_in_force(toolbox: Toolbox, folder: Path) -> Outcome:
    """Put every sound programme of a folder in force where that changes nothing that participants were told.

    A file with problems keeps neither the others nor the programme that is in force from working.
    """
    in_force: list[str] = []
    differing: list[str] = []
    problems: list[Problem] = []
    for file in sorted(one for one in folder.iterdir() if one.suffix in SUFFIXES) if folder.is_dir() else ():
        try:
            conference = sound(file)
        except ProgrammeError as wrong:
            problems.extend(wrong.problems)
            log.error(  # noqa: TRY400 - what is wrong stands in the problems, not in our code
                "a programme has problems and is not put in force", file=file.name, count=len(wrong.problems)
            )
            continue
        domain = toolbox.settings.sender[1].rpartition("@")[2]
        with toolbox.database.write() as session:
            is_in_force = programmes.put_in_force(session, conference, domain, toolbox.clock.now())
            if is_in_force:
                follow(toolbox, session, conference)
        (in_force if is_in_force else differing).append(conference.id)
        if not is_in_force:
            log.warning("a programme's file differs from the one in force, under which people have registered; "
                        "nothing was changed. See: convenor conference plan", conference=conference.id)  # fmt: skip
    return Outcome(tuple(in_force), tuple(differing), tuple(problems))


def zoom_event_of(conference: Conference, planned: Session) -> Planned:
    """What the programme says of the Zoom event behind a session."""
    try:
        ends_at = session_period(planned, conference.time_zone).end
    except WallTimeError:
        ends_at = None
    return Planned(conference.id, planned.id, planned.zoom, ends_at)


def follow(toolbox: Toolbox, session: DatabaseSession, conference: Conference) -> None:
    """Every session with links to be had has its Zoom event looked after from now on, before anybody registers."""
    machine_now = toolbox.clock.machine_now()
    for planned in conference.sessions:
        if wants_link(planned) and not planned.cancelled:
            zoom_events.follow_programme(session, zoom_event_of(conference, planned), machine_now)


def file_of(folder: Path, conference: str) -> Path:
    """The file of a programme.

    Raises:
        ProgrammeError: where there is none.
    """
    found = [path for suffix in SUFFIXES if (path := folder / f"{conference}{suffix}").is_file()]
    if not found:
        remedy = "write it, or look at CONVENOR_CONFERENCES"
        raise ProgrammeError([Problem(str(folder / f"{conference}.yaml"), 1, "", "is not there", remedy)])
    return found[0]


def sound(file: Path) -> Conference:
    """The programme in a file, if no letter that follows from it could be wrong.

    Raises:
        ProgrammeError: where it cannot be read, or something found in it is an error.
    """
    return _sound(file, content_of(file))


class Files:
    """Programmes' files, each read into a programme once for what stands in it: that costs tens of milliseconds, and
    far more than looking whether it still stands there."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[bytes, Conference | tuple[Problem, ...]]] = {}

    def sound(self, file: Path) -> Conference:
        """As `sound`."""
        content = content_of(file)
        known = self._known.get(file)
        if known is None or known[0] != content:
            known = self._known[file] = content, _judged(file, content)
        if isinstance(known[1], Conference):
            return known[1]
        raise ProgrammeError(known[1])


def _judged(file: Path, content: bytes) -> Conference | tuple[Problem, ...]:
    try:
        return _sound(file, content)
    except ProgrammeError as wrong:
        return wrong.problems


def _sound(file: Path, content: bytes) -> Conference:
    opened = programme_of(file, content)
    errors = [
        Problem(str(file), opened.line(one.session, *one.place), one.session or "", one.sentence, one.remedy)
        for one in findings(opened.conference)
        if one.severity == "error"
    ]
    if errors:
        raise ProgrammeError(errors)
    return opened.conference
