"""Which of an account's events is a session's.

A number in the programme has been looked at before, and wins. Nothing is guessed: where two events would do, both are
named for a person to choose.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from domain.sources.words import plain
from domain.times import WallTimeError, session_period
from schemas.programme import Session
from schemas.zoom import ZoomEventDetails

ZOOMS_DOMAINS = ("zoom.us", "zoom.com", "zoomgov.com")

LONGEST_TOPIC = 200
"""Zoom cuts what is longer."""

_REGISTRATION = re.compile(r"/(?:webinar|meeting)/register/(?:[0-9]+/)?(?![0-9]+/*$)([\w-]{16,})/*", re.ASCII)
"""The path of a registration page. The number, where there is one, is a tracking source's."""


@dataclass(frozen=True)
class Match:
    """The session's event, and how it was found."""

    event: ZoomEventDetails
    found_by: Literal["registration-address", "title-and-time"]


@dataclass(frozen=True)
class Ambiguous:
    """Several events would do, by the same sign. `numbers`: theirs, in order."""

    numbers: tuple[int, ...]
    found_by: Literal["registration-address", "title-and-time"]


def registration_token(url: str | None) -> str | None:
    """What makes a registration address of Zoom's its own: `WN_…` of a webinar, `tJ…` of a meeting.

    Its case counts. The host does not: one event is reached by a vanity name, by us02web.zoom.us, and by that of our
    emulator. Nor do the query, a slash at the end and a tracking source's number. None where it is no such address.
    """
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    found = _REGISTRATION.search(parts.path) if parts.scheme in {"http", "https"} else None
    return found[1] if found and found.end() == len(parts.path) else None


def is_zoom_registration(url: str | None) -> bool:
    """Whether people register at Zoom itself. Judged by the path alone: an account's vanity host may be any."""
    return registration_token(url) is not None


def leads_to_zoom(url: str, others: Iterable[str] = ()) -> bool:
    """Whether a link leads to Zoom: by https to one of its domains, or to the host of one of `others`, which are the
    addresses of the account's API."""
    try:
        parts = urlsplit(url)
        hosts = {urlsplit(one).hostname for one in others}
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    if "@" in parts.netloc:
        return False
    if parts.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in ZOOMS_DOMAINS):
        return True
    return parts.scheme in {"http", "https"} and host in hosts


def find(session: Session, zone: str, events: Iterable[ZoomEventDetails]) -> Match | Ambiguous | None:
    """The session's event among `events`: all those of its account, where lists may name one twice.

    By the registration address where it is one of Zoom's; else by kind, title and start, where the session's
    wall-clock times are of `zone`. None where there is none.
    """
    each = list(events)
    token = registration_token(str(session.registration or ""))
    by_address = [one for one in each if token and registration_token(one.registration_url) == token]
    if by_address:
        return _only(by_address, "registration-address")
    start = _start(session, zone)
    by_title = [
        one for one in each
        if start and starts_at(one) == start and same_title(session, one) and _of_its_kind(session, one)
    ]  # fmt: skip
    return _only(by_title, "title-and-time") if by_title else None


def same_title(session: Session, event: ZoomEventDetails) -> bool:
    """Whether the event is called as the session is, but for case, width, blanks, and what Zoom cuts off."""
    title = " ".join((session.title or "").split())
    return bool(title) and plain(event.topic) in {plain(title), plain(title[:LONGEST_TOPIC])}


def starts_at(event: ZoomEventDetails) -> datetime | None:
    """The event's start, aware and in UTC, as which Zoom gives it even where it leaves out the Z."""
    start = event.start_time
    if start is None:
        return None
    return start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)


def _only(found: list[ZoomEventDetails], by: Literal["registration-address", "title-and-time"]) -> Match | Ambiguous:
    numbers = sorted({one.id for one in found})
    return Match(found[0], by) if len(numbers) == 1 else Ambiguous(tuple(numbers), by)


def _start(session: Session, zone: str) -> datetime | None:
    try:
        return session_period(session, zone).start
    except WallTimeError:
        return None


def _of_its_kind(session: Session, event: ZoomEventDetails) -> bool:
    return session.zoom is None or session.zoom.kind == event.kind
