"""The occurrences of a recurring event with fixed times, at the same wall-clock time in the event's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from web.zoom_emulator.refusals import invalid
from web.zoom_emulator.work import Body, zoom_time

_RECURRING = (8, 9)
_DAYS = {1: 1, 2: 7}
_MOST = 60


def occurrences(details: Body) -> list[Body]:
    """Daily and weekly ones; the day of the week is that of the start. An empty list for any other event.

    Raises Refusal (300) where `recurrence` cannot be read; monthly ones are not emulated.
    """
    if details["type"] not in _RECURRING:
        return []
    try:
        rule = details["recurrence"]
        step = timedelta(days=_DAYS[rule["type"]] * int(rule.get("repeat_interval", 1)))
        times = min(int(rule.get("end_times", 1)), _MOST)
        first = datetime.fromisoformat(details["start_time"]).astimezone(ZoneInfo(details["timezone"]))
    except (KeyError, TypeError, ValueError):
        raise invalid("recurrence") from None
    starts = [(first + step * count).astimezone(UTC) for count in range(times)]
    return [
        {
            "occurrence_id": str(round(start.timestamp() * 1000)), "start_time": zoom_time(start),
            "duration": details["duration"], "status": "available",
        }
        for start in starts
    ]  # fmt: skip
