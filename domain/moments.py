"""Instants as the secretariat reads them: `2021-06-14 18:00 CEST`, by the clocks of a zone."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

VIENNA: Final = "Europe/Vienna"


def written(moment: datetime, zone: str = VIENNA) -> str:
    """An instant, by the clocks of `zone` (IANA)."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"
