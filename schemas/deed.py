"""What came of a deed that an admin has asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """`what`: the action as audits have it, with the `audit`'s id and details; or, without one, the code of why nothing
    was done. domain.deeds has the words for both."""

    what: str
    audit: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
