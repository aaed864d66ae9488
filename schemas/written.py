"""Values as people write them into a programme file: one-line texts, days, wall-clock times, zones.

Pydantic's own dates and times take numbers for seconds since 1970 and `18:00Z` for a time; these do not.
"""

import datetime as dt
import re
from typing import Annotated
from unicodedata import bidirectional, category
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

_KEPT_OUT = {
    "Cc", "Zl", "Zp",  # ends of lines, and controls
    "Co", "Cs",  # private use, which letters have a use of their own for, and halves of characters
    "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",  # what turns the direction of all that follows
}  # fmt: skip
"""Categories and bidirectional classes of characters (Unicode, UAX 44 and UAX 9). The marks U+200E and U+200F, by which
Arabic and Hebrew place a number or a comma, are not among them."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


def fault(field: str, message: str, remedy: str) -> PydanticCustomError:
    """An error of a rule that sees several fields. `field` is where its line is; `remedy` is for the person."""
    return PydanticCustomError("rule", "{message}", {"message": message, "field": field, "remedy": remedy})


def _one_line(value: str) -> str:
    """Titles and places stand in subjects and calendar lines; a line break there would forge a header. The error names
    the characters by their numbers, since most cannot be seen."""
    found = sorted(
        {f"U+{ord(one):04X}" for one in value if not _KEPT_OUT.isdisjoint((category(one), bidirectional(one)))}
    )
    if found:
        raise ValueError(f"must be one line; take line breaks and control characters out: {', '.join(found)}")
    return value.strip()


def _known_zone(value: str) -> str:
    """An area and a city, or UTC. The tz database also knows `CET`, which is not what Vienna's clocks show in June."""
    try:
        known = value == "UTC" or ("/" in value and ZoneInfo(value) is not None)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    if not known:
        raise ValueError("is not an IANA time zone; write for example Europe/Vienna")
    return value


def _day(value: object) -> object:
    """Pydantic reads numbers as seconds since 1970; a programme has none."""
    if isinstance(value, dt.date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("must be a date; write it as year-month-day: 2021-06-14")


def _wall_clock(value: object) -> object:
    """Only `18:00` (`18:00:00` is how JSON has it): a number would be read as seconds since midnight, and an offset
    would contradict the conference's zone."""
    if isinstance(value, dt.time) or (isinstance(value, str) and re.fullmatch(f"{_CLOCK}(:00)?", value)):
        return value
    raise ValueError("must be a time of day; write two digits each, without a zone: 09:30 or 18:00")


Day = Annotated[dt.date, BeforeValidator(_day)]
WallTime = Annotated[
    dt.time, BeforeValidator(_wall_clock), WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK}$"})
]
"""A wall-clock time in the conference's zone."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_one_line)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
