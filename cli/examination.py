"""What an examination of a neighbour finds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy.orm import Session

from adapters.database.engine import DatabaseUnavailable
from adapters.database.schema import is_current
from adapters.toolbox import Toolbox

Answer = TypeVar("Answer")
State = Literal["well", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was tried, how it went, and what to do."""

    what: str
    state: State
    said: str
    remedy: str = ""


def known_here(toolbox: Toolbox, question: Callable[[Session], Answer], otherwise: Answer) -> Answer:
    """What the database answers; `otherwise` where it is away or has another form, which is a finding of its own and
    must not hide the others."""
    try:
        if not is_current(toolbox.database):
            return otherwise
        with toolbox.database.read() as session:
            return question(session)
    except DatabaseUnavailable:
        return otherwise
