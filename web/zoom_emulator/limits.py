"""How often Zoom lets itself be called: per second and day for an account, per day for a registrant and a host.

Seconds are the machine's; days are UTC days of the time that events live in. Refused calls are not counted.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from schemas.zoom import Category
from web.zoom_emulator.accounts import Plan
from web.zoom_emulator.refusals import CASES, Refusal, refusal
from web.zoom_emulator.work import Work, zoom_time

PER_SECOND: Final[dict[Plan, dict[Category, int]]] = {
    "free": {"light": 4, "medium": 2, "heavy": 1},
    "pro": {"light": 30, "medium": 20, "heavy": 10},
    "business": {"light": 80, "medium": 60, "heavy": 40},
}
PER_DAY: Final[dict[Plan, dict[Category, int]]] = {
    "free": {"light": 6_000, "medium": 2_000, "heavy": 1_000},
    "pro": {"heavy": 30_000},
    "business": {"heavy": 60_000},
}
_NOTHING: Mapping[str, object] = MappingProxyType({})
_ADDITIONS = 3
_STATUS_CHANGES = 10
_EVENTS_OF_HOST = 100


def take_call(work: Work, account: str, plan: Plan, category: Category) -> dict[str, str]:
    """Count a call of the account; the headers that its answer carries.

    Raises Refusal (429) where the second or the day is used up.
    """
    if not work.options.limits:
        return {}
    second, day = int(work.machine_now.timestamp()), _day(work)
    per_second, per_day = PER_SECOND[plan][category], PER_DAY[plan].get(category)
    keys = f"{account}/{category}/second", f"{account}/{category}/day"
    used = _used(work, keys[0], second)
    if used >= per_second:
        raise limited(work, "rate_per_second", category=category, limit=per_second)
    if per_day is not None and _used(work, keys[1], day) >= per_day:
        raise limited(work, "rate_daily", category=category, limit=per_day)
    _count(work, keys[0], second)
    _count(work, keys[1], day)
    return headers(work, category, "QPS", per_second, per_second - used - 1)


def take_addition(work: Work, account: str, number: int, address: str, what: str, *, batch: bool = False) -> None:
    """Count an attempt to add this address. Raises Refusal (429) where it was tried thrice today."""
    scope = {"event": str(number), "account": account, "off": ""}[work.options.person_limit]
    if scope and work.options.limits and (work.options.person_limit_in_batches or not batch):
        _take_daily(work, f"add/{scope}/{address}", _ADDITIONS, "rate_same_registrant", what, address)


def take_status_change(work: Work, number: int, address: str, what: str) -> None:
    """Count a change of a registrant's status."""
    if work.options.limits:
        _take_daily(work, f"status/{number}/{address}", _STATUS_CHANGES, "rate_status_10", what, address)


def take_event_change(work: Work, host_id: str) -> None:
    """Count an event that is created or updated for a host."""
    if work.options.limits:
        _take_daily(work, f"events/{host_id}", _EVENTS_OF_HOST, "rate_create_update_100", "", "")


def limited(
    work: Work, case: str, values: Mapping[str, object] = _NOTHING, *, category: str = "", limit: int = 0
) -> Refusal:
    """The 429 of this name, with its headers."""
    refused = refusal(case, values)
    usual = CASES[case].rate or ("", "", 0)
    refused.headers = headers(work, category or usual[0], usual[1], limit or usual[2], 0)
    if CASES[case].daily and work.options.rate_headers:
        refused.headers["Retry-After"] = zoom_time(next_day(work.now))
    return refused


def headers(work: Work, category: str, kind: str, limit: int, remaining: int) -> dict[str, str]:
    """The documented headers; none where Zoom leaves them out."""
    if not work.options.rate_headers:
        return {}
    said = {"Category": category.capitalize(), "Type": kind, "Limit": str(limit), "Remaining": str(remaining)}
    return {f"X-RateLimit-{name}": value for name, value in said.items() if value}


def next_day(now: datetime) -> datetime:
    """The next 00:00 UTC."""
    return (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _take_daily(work: Work, key: str, most: int, case: str, what: str, address: str) -> None:
    if _used(work, key, _day(work)) >= most:
        raise limited(work, case, {"what": what, "address": address})
    _count(work, key, _day(work))


def _day(work: Work) -> int:
    return work.now.astimezone(UTC).toordinal()


def _used(work: Work, key: str, period: int) -> int:
    return work.number("SELECT count FROM counters WHERE key = ? AND period = ?", key, period)


def _count(work: Work, key: str, period: int) -> None:
    work.run(
        "INSERT INTO counters VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE SET "
        "count = CASE WHEN period = excluded.period THEN count + 1 ELSE 1 END, period = excluded.period",
        key, period,
    )  # fmt: skip
