"""What waits together is done together, in a thread: one group at a time, or as many as there are threads.

Nobody waits for a group to fill: whatever has come while the last one was at work is the next.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from schemas.value import value

What = TypeVar("What")
Found = TypeVar("Found")

Outcomes = Sequence[Found | BaseException]


@value
class _Waiting(Generic[What, Found]):
    what: What
    done: "asyncio.Future[Found]"


class Groups(Generic[What, Found]):
    """For one event loop. `do` is given a group and gives what came of each, in the same order; what it raises came
    of all of them.

    `most` are done together at most; `most_urgent` of them may be urgent, so that what is not moves on, too.

    Where a group costs more than what is in it, a `rest` of so many seconds after each lets the next one grow. It ends
    when a whole group waits; or, where those who were answered `come_again` at once, as senders do that have more to
    say, when as many wait as were there when the last group was done.
    """

    def __init__(
        self, do: Callable[[list[What]], Outcomes[Found]], *, name: str, most: int, most_urgent: int = 0,
        threads: int = 1, rest: float = 0.0, come_again: bool = False,
    ) -> None:  # fmt: skip
        self._do = do
        self._most, self._most_urgent = most, most_urgent
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._idle = threads
        self._rest, self._come_again = rest, come_again
        self._rests_until = 0.0
        self._enough = most
        self._timer: asyncio.TimerHandle | None = None
        self._urgent: deque[_Waiting[What, Found]] = deque()
        self._others: deque[_Waiting[What, Found]] = deque()

    def __len__(self) -> int:
        """How many wait to be begun."""
        return len(self._urgent) + len(self._others)

    async def add(self, what: What, *, urgent: bool = False, seconds: float | None = None) -> Found:
        """What came of it, or the exception raised: a TimeoutError where nothing came of it within `seconds`. Whoever
        has gone before its group has begun is left out."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Found] = loop.create_future()
        waiting = _Waiting(what, done)
        (self._urgent if urgent else self._others).append(waiting)
        if len(self) in {1, self._enough}:
            self._begin_in_time(loop)
        if seconds is None:
            return await done
        limit = loop.call_later(seconds, _give_up, done)  # asyncio.timeout() does the same at twice the price
        try:
            return await done
        finally:
            limit.cancel()

    def _begin_in_time(self, loop: asyncio.AbstractEventLoop) -> None:
        """When the rest is over, or enough wait; not now: what arrives in the same moment belongs to the group."""
        if not self._idle:
            return
        if self._timer is not None:
            self._timer.cancel()
        rest = self._rests_until - loop.time() if len(self) < self._enough else 0.0
        self._timer = loop.call_later(max(rest, 0.0), self._begin)

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        while self._idle and (group := self._next()):
            self._idle -= 1
            self._threads.submit(self._work, loop, group)

    def _next(self) -> list[_Waiting[What, Found]]:
        group = _take(self._urgent, min(self._most, self._most_urgent))
        return group + _take(self._others, self._most - len(group))

    def _work(self, loop: asyncio.AbstractEventLoop, group: list[_Waiting[What, Found]]) -> None:
        try:
            told = list(zip(group, self._do([one.what for one in group]), strict=True))
        except BaseException as wrong:  # noqa: BLE001 - whoever waits for it is told, and the next group can begin
            told = [(one, wrong) for one in group]
        loop.call_soon_threadsafe(self._tell, told)

    def _tell(self, told: list[tuple[_Waiting[What, Found], Found | BaseException]]) -> None:
        for one, outcome in told:
            if one.done.done():  # cancelled meanwhile
                continue
            if isinstance(outcome, BaseException):
                one.done.set_exception(_sayable(outcome))
            else:
                one.done.set_result(outcome)
        loop = asyncio.get_running_loop()
        self._idle += 1
        self._enough = min(self._most, len(self) + len(told)) if self._come_again else self._most
        self._rests_until = loop.time() + self._rest
        if len(self):
            self._begin_in_time(loop)


def _give_up(done: "asyncio.Future[Found]") -> None:
    if not done.done():
        done.set_exception(TimeoutError())


def _sayable(wrong: BaseException) -> Exception:
    """What a future can be told: it refuses StopIteration, and what would end a thread is not for whoever waits."""
    if isinstance(wrong, Exception) and not isinstance(wrong, StopIteration):
        return wrong
    told = RuntimeError(type(wrong).__name__)
    told.__cause__ = wrong
    return told


def _take(waiting: "deque[_Waiting[What, Found]]", most: int) -> list[_Waiting[What, Found]]:
    """The first so many for which somebody still waits."""
    taken: list[_Waiting[What, Found]] = []
    while waiting and len(taken) < most:
        one = waiting.popleft()
        if not one.done.done():
            taken.append(one)
    return taken
