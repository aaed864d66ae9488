"""What the broker holds, read directly: how many messages wait, for how long, and how full it is.

Celery's own inspection asks the workers and always lasts a second; this asks the server, once, and gives up soon.
"""

import datetime as dt
import json
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis

from adapters.broker.address import BrokerAddress
from adapters.broker.errors import BrokerMisconfigured, BrokerUnavailable

QUEUES = ("intake", "conferencing", "delivery", "housekeeping")
"""The corridor's queues, in the order in which a registration passes through them."""

ENQUEUED_AT = "enqueued_at"

# Kombu keeps a list per priority (kombu/transport/redis.py, Channel.sep and PRIORITY_STEPS): the queue's own name
# stands for 0, the most urgent; the others have it with a suffix.
_PRIORITIES = ("", "\x06\x163", "\x06\x166", "\x06\x169")


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue: messages that wait, and how long the oldest has (None where none waits, or none tells)."""

    name: str
    depth: int
    oldest: dt.timedelta | None


@dataclass(frozen=True, slots=True)
class BrokerState:
    """The broker at one moment. Memory in bytes; a limit of 0 is none.

    Unacknowledged messages are being worked on, or will go back to their queue when the visibility timeout has passed.
    """

    queues: tuple[QueueState, ...]
    unacknowledged: int
    oldest_unacknowledged: dt.timedelta | None
    memory_used: int
    memory_limit: int

    @property
    def memory_share(self) -> float:
        """Used memory from 0 to 1, where 1 means that nothing more is accepted; 0 where there is no limit."""
        return self.memory_used / self.memory_limit if self.memory_limit else 0.0


def stamp(headers: MutableMapping[str, object], machine_now: dt.datetime) -> None:
    """Write into a message's headers when it was put into its queue, which Celery does not.

    For a handler of `before_task_publish`. The machine's time, not the conference's: an age is a real duration.
    """
    headers[ENQUEUED_AT] = machine_now.isoformat()


def ping(address: BrokerAddress, *, timeout: float = 1.0) -> None:
    """Return if the broker answers.

    Raises:
        BrokerUnavailable: it does not, now.
        BrokerMisconfigured: it refuses us.
    """
    with _asking(address, timeout) as client:
        client.ping()


def broker_state(
    address: BrokerAddress, machine_now: dt.datetime, *, queues: Sequence[str] = QUEUES, timeout: float = 1.0
) -> BrokerState:
    """What the broker holds, in one round trip of at most about `timeout` seconds.

    Raises:
        BrokerUnavailable: it does not answer, now.
        BrokerMisconfigured: it refuses us.
    """
    with _asking(address, timeout) as client:
        asked = client.pipeline(transaction=False)
        for queue in queues:
            for priority in _PRIORITIES:
                asked.llen(queue + priority)
                asked.lindex(queue + priority, -1)  # pushed on the left, taken from the right: the next one to go
        asked.hlen("unacked")
        asked.zrange("unacked_index", 0, 0, withscores=True)
        asked.info("memory")
        *lists, unacknowledged, index, memory = asked.execute()
    width = 2 * len(_PRIORITIES)
    return BrokerState(
        queues=tuple(
            _queue_state(queue, lists[at * width : (at + 1) * width], machine_now) for at, queue in enumerate(queues)
        ),
        unacknowledged=unacknowledged,
        oldest_unacknowledged=_since(dt.datetime.fromtimestamp(index[0][1], dt.UTC), machine_now) if index else None,
        memory_used=memory["used_memory"],
        memory_limit=memory["maxmemory"],
    )


def forget(address: BrokerAddress, queue: str, *, timeout: float = 1.0) -> None:
    """Delete what waits in a queue that nobody will consume any more.

    Raises:
        BrokerUnavailable, BrokerMisconfigured: as `ping`.
    """
    with _asking(address, timeout) as client:
        client.delete(*(queue + priority for priority in _PRIORITIES))


@contextmanager
def _asking(address: BrokerAddress, timeout: float) -> Iterator[redis.Redis]:
    try:
        with address.client(timeout) as client:
            yield client
    except (redis.AuthenticationError, redis.exceptions.AuthorizationError, redis.ResponseError) as refused:
        raise BrokerMisconfigured(f"the broker refuses us ({type(refused).__name__})") from refused
    except (redis.ConnectionError, redis.TimeoutError) as gone:
        raise BrokerUnavailable(f"the broker does not answer ({type(gone).__name__})") from gone


def _queue_state(name: str, answers: Sequence[Any], machine_now: dt.datetime) -> QueueState:
    ages = [age for message in answers[1::2] if message and (age := _age(message, machine_now)) is not None]
    return QueueState(name, sum(answers[0::2]), max(ages, default=None))


def _age(message: bytes, machine_now: dt.datetime) -> dt.timedelta | None:
    """None for a message that says nothing, or nothing readable: another program may have put it there."""
    try:
        return _since(dt.datetime.fromisoformat(json.loads(message)["headers"][ENQUEUED_AT]), machine_now)
    except (ValueError, KeyError, TypeError):
        return None


def _since(then: dt.datetime, machine_now: dt.datetime) -> dt.timedelta:
    """Never negative: two machines' clocks need not agree."""
    return max(machine_now - then, dt.timedelta())
