"""One call of Zoom's API, before it is sent: what is asked, of which endpoint, at which price.

The labels (Light, Medium, Heavy) are those of Zoom's API reference; they decide from which budget a call is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from schemas.zoom import Category, Endpoint, EventKind

CATEGORIES: Final[Mapping[Endpoint, Category]] = {
    "token": "light",
    "list-users": "medium",
    "list-events": "medium",
    "get-event": "light",
    "update-event": "light",
    "add-registrant": "light",
    "batch-registrants": "heavy",
    "list-registrants": "medium",
    "get-registrant": "light",
    "set-status": "medium",
    "get-questions": "light",
    "user-settings": "medium",
}


BATCH: Final = 30
"""Registrants in one batch or one change of status, at most."""


def event_path(kind: EventKind, number: int) -> str:
    """Where an event is."""
    return f"/{kind}s/{number}"


@dataclass(frozen=True, slots=True)
class Call:
    """`path` begins with a slash and follows the API's base address; it can hold the id of a registrant, and `body`
    names people: no repr shows them."""

    endpoint: Endpoint
    method: Literal["GET", "POST", "PUT", "PATCH"]
    path: str = field(repr=False)
    kind: EventKind | None = None
    params: Mapping[str, str | int] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def category(self) -> Category:
        """The budget from which it is taken."""
        return CATEGORIES[self.endpoint]

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice changes nothing. Of the others nobody knows, without an answer, what they did."""
        return self.method == "GET" or self.endpoint == "token"
