"""Rows of Zoom's answers as our shapes, forgiving in what may be missing or written otherwise.

Zoom's samples give ids as numbers and as texts, leave fields out, or write them as null; an unreadable row of a list
must not hide the others.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from pydantic import ValidationError

from schemas.zoom import EventKind, NewRegistrant, RegistrantStatus, ZoomEventDetails, ZoomRegistrant

log = structlog.get_logger(__name__)

_STATUSES = {"pending", "approved", "denied"}
_ALWAYS_TOLD = {"email", "first_name", "last_name"}


def rows(told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list of this name; none where there is no list."""
    found = told.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def event_of(row: Mapping[str, Any], kind: EventKind) -> ZoomEventDetails:
    """A webinar or meeting. An instant without an offset is in the event's own `timezone`.

    Raises:
        pydantic.ValidationError: where even its number cannot be read.
    """
    known = _without_nulls(row)
    details = ZoomEventDetails.model_validate(known | {"kind": kind})
    start = details.start_time
    if start is None:
        return details
    if start.tzinfo is None:
        start = start.replace(tzinfo=_zone(known.get("timezone")))
    return details.model_copy(update={"start_time": start.astimezone(UTC)})


def registrant_of(
    row: Mapping[str, Any], status: RegistrantStatus | None = None, who: NewRegistrant | None = None
) -> ZoomRegistrant:
    """A registrant. `status` is that of the list in which the row stood, `who` whom this answers to have been added:
    for what is missing.

    Raises:
        pydantic.ValidationError: where it has no id or no address.
    """
    known = {name: value for name, value in row.items() if value is not None and value != ""}
    said = str(known.get("status")).lower()
    known["status"] = said if said in _STATUSES else status
    if who is not None:
        # Answers to additions call the person's id registrant_id; their id is the event's number.
        known = who.model_dump() | known | {"id": known.get("registrant_id")}
    if known.get("id") is not None:
        known["id"] = str(known["id"])
    return ZoomRegistrant.model_validate(known)


def registrants_of(found: list[Mapping[str, Any]], status: RegistrantStatus | None = None) -> Iterator[ZoomRegistrant]:
    """Those that can be read. How many cannot is logged."""
    unreadable = 0
    for row in found:
        try:
            one = registrant_of(row, status)
        except ValidationError:
            unreadable += 1
            continue
        yield one
    if unreadable:
        log.warning("registrants of Zoom that cannot be read", count=unreadable)


def names_of(told: object) -> frozenset[str]:
    """Names in a list, or in a text with commas."""
    parts = told.split(",") if isinstance(told, str) else told if isinstance(told, list) else []
    return frozenset(part.strip() for part in parts if isinstance(part, str) and part.strip())


def required_of(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Which questions of a registration page must be answered: Zoom's names of its own, but for address and name, and
    `custom` for those that somebody has made."""
    named = [row.get("field_name") for row in rows(told, "questions") if row.get("required") is True]
    own = ["custom" for row in rows(told, "custom_questions") if row.get("required") is True]
    return tuple(dict.fromkeys(one for one in (*named, *own) if isinstance(one, str) and one not in _ALWAYS_TOLD))


def _without_nulls(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _cleaned(value) for name, value in row.items() if value is not None}


def _cleaned(value: object) -> object:
    if isinstance(value, list):
        return [_cleaned(one) for one in value if one is not None]
    return _without_nulls(value) if isinstance(value, dict) else value


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(name if isinstance(name, str) and name else "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
