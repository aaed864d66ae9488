"""Whose webinars and meetings an account has."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

import structlog
from pydantic import ValidationError

from adapters.zoom.answers import ZoomRefused
from adapters.zoom.calls import Call
from adapters.zoom.line import Line
from adapters.zoom.pages import all_pages
from adapters.zoom.shapes import event_of, rows
from schemas.zoom import EventKind, Refusal, ZoomEventDetails

log = structlog.get_logger(__name__)

_KINDS: Final[tuple[EventKind, ...]] = ("webinar", "meeting")
_WITH_REGISTRATION: Final = {0, 2, 5, 8, 9}
"""Types with a fixed time; only these can have registration. 0: the list did not say."""

_NO_SUCH_HOST: Final = {200, 300, 1001, 1010, 3001}
"""No webinar licence, no such user: nothing to list there, and no reason not to look at the other hosts."""


def may_register(event: ZoomEventDetails) -> bool:
    """Whether an event of this type can have registration at all."""
    return event.type in _WITH_REGISTRATION


class Hosts:
    """The users whose events are looked through: those that the settings name, else all that Zoom lists, else the
    owner of the app."""

    def __init__(self, line: Line, named: Sequence[str]) -> None:
        self._line = line
        self._named = tuple(named)

    def events(self) -> Iterator[ZoomEventDetails]:
        """What their lists say; settings and registration addresses are mostly missing there. Each event once."""
        seen: set[tuple[EventKind, int]] = set()
        for host in self._named or self._listed():
            for kind in _KINDS:
                for event in self._of(host, kind):
                    if (kind, event.id) not in seen:  # a recurring one is listed once per occurrence
                        seen.add((kind, event.id))
                        yield event

    def _listed(self) -> Sequence[str]:
        call = Call("list-users", "GET", "/users", params={"status": "active", "page_size": 300})
        try:
            found = [
                str(row["id"])
                for page in all_pages(self._line.ask, call)
                for row in rows(page, "users")
                if row.get("id")
            ]
        except ZoomRefused as refused:
            if not _by_zoom(refused.refusal):
                raise
            found = []
        return found or ("me",)

    def _of(self, host: str, kind: EventKind) -> Iterator[ZoomEventDetails]:
        path = f"/users/{quote(host, safe='@')}/{kind}s"
        call = Call("list-events", "GET", path, kind, {"page_size": 300})
        try:
            for page in all_pages(self._line.ask, call):
                for row in rows(page, f"{kind}s"):
                    try:
                        yield event_of(row, kind)
                    except ValidationError:
                        log.warning("an event of Zoom that cannot be read", kind=kind)
        except ZoomRefused as refused:
            if refused.refusal.code not in _NO_SUCH_HOST:
                raise


def _by_zoom(refusal: Refusal) -> bool:
    """Whether Zoom itself does not want to answer; neither a limit, nor the token, nor a failure."""
    status = refusal.status
    return status is not None and 400 <= status < 500 and status not in {401, 429} and refusal.code not in {124, 429}
