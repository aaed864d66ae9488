"""What an examination of a neighbour finds."""

from dataclasses import dataclass
from typing import Literal

State = Literal["well", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was tried, how it went, and what to do."""

    what: str
    state: State
    said: str
    remedy: str = ""
