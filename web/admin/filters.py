"""What lists of the monitor are filtered by: read from an address, and written into one. Ids, codes and times only."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

PAGE: Final = 50
_VIENNA: Final = ZoneInfo("Europe/Vienna")


def chosen(query: QueryParams, name: str) -> str | None:
    """What was chosen for a filter; None for anything."""
    said = query.get(name, "").strip()[:128]
    return said if said and said.isprintable() else None


def ids(given: Iterable[object], most: int = PAGE) -> list[str]:
    """The ids among what was chosen."""
    return [one for one in given if isinstance(one, str) and one and one.isprintable()][:most]


def number(said: str) -> int | None:
    """A number as our own addresses have it; None for any other, and for one that nobody could mean."""
    return int(said) if said.isdecimal() and len(said) < 18 else None


def moment(query: QueryParams, name: str) -> datetime | None:
    """A moment by the clocks of Vienna, as browsers write it (`2021-06-14T18:00`), in UTC; None where it is none."""
    try:
        return datetime.fromisoformat(query.get(name, "")).replace(tzinfo=_VIENNA).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def position(query: QueryParams) -> tuple[datetime, str] | None:
    """Where the page before ended; None for the first."""
    at, _, last = query.get("after", "").partition("~")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (found, last[:64]) if found.tzinfo is not None and last.isprintable() and last else None


def address(filters: Mapping[str, str | None], ended: tuple[datetime, str] | None = None) -> str:
    """The query of an address with these filters, and the page that follows on `ended`."""
    given = {name: value for name, value in filters.items() if value}
    if ended is not None:
        given["after"] = f"{ended[0].isoformat()}~{ended[1]}"
    return urlencode(given)
