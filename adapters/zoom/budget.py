"""How often Zoom may be asked: one budget per account, shared through Redis by all workers of all machines.

Zoom counts calls per account, second and day, by category and plan (developers.zoom.us, "Rate limits"), and additions
of one registrant per day. We stay below what it allows: other programs may use the same account. Redis may be wiped or
away at any time; then Zoom's own refusals hold, and nothing is lost but a few calls.

Days are the conference's (a rehearsal may run through them fast), seconds the broker's. Keys hold opaque ids alone and
expire.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final, Literal

import redis
import structlog
from redis.commands.core import Script

from adapters.broker.address import BrokerAddress
from schemas.zoom import Category

log = structlog.get_logger(__name__)

Plan = Literal["free", "pro", "business"]

PER_SECOND: Final[Mapping[Plan, Mapping[Category, int]]] = {
    "free": {"light": 4, "medium": 2, "heavy": 1},
    "pro": {"light": 30, "medium": 20, "heavy": 10},
    "business": {"light": 80, "medium": 60, "heavy": 40},
}
PER_DAY: Final[Mapping[Plan, Mapping[Category, int]]] = {
    "free": {"light": 6000, "medium": 2000, "heavy": 1000},
    "pro": {"heavy": 30_000},
    "business": {"heavy": 60_000},
}
_SHARE_OF_SECOND: Final = 0.8
_SHARE_OF_DAY: Final = 0.95
_AT_ONCE: Final = 0.1
"""Of a second's calls, how many may come together. With the share above, no second ever sees more than its limit."""

_KEPT: Final = 2 * 86_400
_PAUSE: Final = 5.0
"""Seconds for which a broker that did not answer is left alone, so that not every call waits for it."""

# The generic cell rate algorithm: KEYS[1] is the instant (µs) by which all calls let through so far are due. A place
# that is near is taken at once, and the caller sleeps until it comes: nobody asks twice, and nobody overtakes.
_TAKE = """
local shut = tonumber(redis.call('GET', KEYS[3]) or '0')
if shut > tonumber(ARGV[5]) then return {'day', tostring(shut - tonumber(ARGV[5]))} end
local most = tonumber(ARGV[4])
if most > 0 and tonumber(redis.call('GET', KEYS[2]) or '0') >= most then return {'day', '0'} end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = math.max(0, due - now - tonumber(ARGV[2]))
if wait > tonumber(ARGV[3]) then return {'second', tostring(wait / 1000000)} end
due = due + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
if most > 0 then
    redis.call('INCR', KEYS[2])
    redis.call('EXPIRE', KEYS[2], ARGV[6])
end
return {'go', tostring(wait / 1000000)}
"""
_REST = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + tonumber(ARGV[1]) + tonumber(ARGV[2]))
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
"""
_ADMIT = """
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
_TAKE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the budget. Where `granted`, the call may go in `wait` seconds; else the place is not taken, and there
    may be one after them. `daily`: the day is used up; those are the conference's seconds."""

    granted: bool
    wait: float = 0.0
    daily: bool = False


class BudgetBook:
    """The way to the broker: one client per process, opened when it is needed; no error of it gets out."""

    def __init__(self, address: BrokerAddress) -> None:
        self._address = address
        self._open = ExitStack()
        self._away_until = 0.0
        self._told = False

    @cached_property
    def _client(self) -> redis.Redis:
        return self._open.enter_context(self._address.client())

    @cached_property
    def _scripts(self) -> dict[str, Script]:
        return {text: self._client.register_script(text) for text in (_TAKE, _REST, _ADMIT, _TAKE_BACK)}

    def run(self, script: str, keys: list[str], *arguments: float) -> object:
        """What a script gives; None where the broker does not answer."""
        return self._asked(lambda: self._scripts[script](keys=keys, args=list(arguments)))

    def put(self, key: str, value: float) -> None:
        """Set a key for as long as one is kept."""
        self._asked(lambda: self._client.set(key, value, ex=_KEPT))

    def close(self) -> None:
        """Leave the broker."""
        self._open.close()

    def _asked(self, question: Callable[[], object]) -> object:
        if time.monotonic() < self._away_until:
            return None
        try:
            answer = question()
        except (redis.RedisError, OSError) as wrong:
            if not self._told:
                log.warning("the shared Zoom budget is away; Zoom's own refusals hold", reason=type(wrong).__name__)
            self._told, self._away_until = True, time.monotonic() + _PAUSE
            return None
        self._told = False
        return answer


class Budget:
    """That of one account. `account` is opaque; `now` is the conference's time, UTC."""

    def __init__(
        self, book: BudgetBook, account: str, plan: Plan, now: Callable[[], datetime], *, additions_per_day: int = 3
    ) -> None:
        self._book = book
        self._prefix = f"convenor:zoom:{account}"
        self._plan: Plan = plan
        self._now = now
        self.additions_per_day = additions_per_day

    def take(self, category: Category, longest_wait: float) -> Place:
        """A place for one call that is at most `longest_wait` seconds away."""
        now = self._now()
        keys = [self._pace(category), f"{self._prefix}:day:{category}:{_day(now)}", self._shut(category)]
        most = int(PER_DAY[self._plan].get(category, 0) * _SHARE_OF_DAY)
        answer = self._book.run(
            _TAKE, keys, self._interval(category), self._tolerance(category), longest_wait * 1e6, most,
            now.timestamp(), _KEPT,
        )  # fmt: skip
        if not isinstance(answer, list):
            return Place(granted=True)
        verdict, seconds = (part.decode() for part in answer)
        if verdict == "day":
            return Place(granted=False, wait=float(seconds) or _until_midnight(now), daily=True)
        return Place(granted=verdict == "go", wait=float(seconds))

    def rest(self, category: Category, seconds: float) -> None:
        """No call of this category for so long."""
        self._book.run(_REST, [self._pace(category)], seconds * 1e6, self._tolerance(category))

    def end_day(self, category: Category, seconds: float | None) -> None:
        """No call of this category for so many of the conference's seconds; until 00:00 UTC where it is not known."""
        now = self._now()
        self._book.put(self._shut(category), now.timestamp() + (seconds or _until_midnight(now)))

    def reopen(self) -> None:
        """Forget what Zoom has said of its limits: a person knows better. What was counted stays."""
        for category in ("light", "medium", "heavy"):
            self._book.put(self._shut(category), 0)

    def admit(self, person: str) -> bool:
        """Count one addition of a person; False where there were enough today, at whatever event of this account."""
        return self._book.run(_ADMIT, [self._person(person)], self.additions_per_day, _KEPT) != 0

    def take_back(self, person: str) -> None:
        """The call was no addition."""
        self._book.run(_TAKE_BACK, [self._person(person)])

    def use_up(self, person: str) -> None:
        """Zoom says that this person was added often enough today."""
        self._book.put(self._person(person), self.additions_per_day)

    def _interval(self, category: Category) -> float:
        return 1e6 / (PER_SECOND[self._plan][category] * _SHARE_OF_SECOND)

    def _tolerance(self, category: Category) -> float:
        together = max(1, round(PER_SECOND[self._plan][category] * _AT_ONCE))
        return (together - 1) * self._interval(category)

    def _pace(self, category: Category) -> str:
        return f"{self._prefix}:pace:{category}"

    def _shut(self, category: Category) -> str:
        return f"{self._prefix}:shut:{category}"

    def _person(self, person: str) -> str:
        return f"{self._prefix}:person:{person}:{_day(self._now())}"


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _until_midnight(now: datetime) -> float:
    """Seconds until the next 00:00 UTC, when Zoom begins to count anew."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (start + timedelta(days=1) - now).total_seconds()
