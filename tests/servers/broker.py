"""What is done to a broker in tests."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.broker.embedded import EmbeddedBroker


@contextmanager
def a_broker(folder: Path, *, max_memory: str = "64mb") -> Iterator[EmbeddedBroker]:
    """A real one with its data in `folder`, started and ready."""
    broker = EmbeddedBroker(folder, max_memory=max_memory)
    broker.start()
    try:
        broker.wait_ready()
        yield broker
    finally:
        broker.stop()


def server_pid(broker: EmbeddedBroker) -> int:
    """The process number of the server itself, behind its keeper."""
    with broker.address.client() as client:
        return int(client.info("server")["process_id"])


def keeper_pid(broker: EmbeddedBroker) -> int:
    """The process number of its keeper."""
    assert broker._keeper is not None
    return broker._keeper.pid


def kill(broker: EmbeddedBroker) -> None:
    """SIGKILL the server, and return when its keeper has seen it."""
    pid = server_pid(broker)
    os.kill(pid, signal.SIGKILL)
    assert ended_with(broker) == 128 + signal.SIGKILL


def ended_with(broker: EmbeddedBroker) -> int:
    """The exit code of the broker's keeper, when it has ended."""
    assert broker._keeper is not None
    return broker._keeper.wait(20)


def restart(broker: EmbeddedBroker) -> None:
    """Start it again, as the supervisor does, and return when it is ready."""
    broker.start()
    broker.wait_ready()
