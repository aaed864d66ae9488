"""What a storm does to a running Convenor. Each blow says what it did; those that take something away give it back."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import redis

from adapters.broker.address import broker_address
from adapters.broker.folder import BrokerFolder
from bench.storm.post_office import PostOffice
from tests.journeys.town import Town
from tests.servers.postgres import PrivatePostgres

KILLS: Final = {
    "kill a child of the worker": ("worker", "--queues=intake"),
    "kill the worker": ("worker", "--queues=intake"),
    "kill a child of delivery": ("worker", "--queues=delivery"),
    "kill delivery": ("worker", "--queues=delivery"),
    "kill the clock": ("cli.main", "clock"),
    "kill the web": ("cli.main", "web"),
    "kill the broker's keeper": ("adapters.broker.keeper",),
    "kill the broker": ("valkey-server",),
}
"""SIGKILL; by words of the command line."""
OTHERS: Final = (
    "delete the broker's data", "empty the broker", "freeze the broker", "fill the broker's memory",
    "fill the broker's disk", "take the database away",
)  # fmt: skip

WAITS: Final = 10.0
"""Seconds that a blow waits for what it is to hit."""

ROUND_WITHIN: Final = 5.0
"""The same for a round of delivery to be struck in the middle."""


@dataclass(slots=True)
class Weather:
    """Strikes one town. `exposed`: connections to the mail server that were open when somebody who delivers was
    killed: each may repeat one letter."""

    town: Town
    office: PostOffice
    postgres: PrivatePostgres | None
    exposed: int = 0
    struck: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)

    def strike(self, blow: str, seconds: float) -> None:
        """Do it, for so many seconds where it lasts. What is not there is waited for a little."""
        until, done = time.monotonic() + WAITS, False
        while not done and time.monotonic() < until:
            try:
                done = self._kill(blow) if blow in KILLS else self._take_away(blow, seconds)
            except (redis.RedisError, FileNotFoundError):
                done = False
            time.sleep(0 if done else 0.5)
        counted = self.struck if done else self.missed
        counted[blow] = counted.get(blow, 0) + 1

    def _kill(self, blow: str) -> bool:
        if "delivery" in blow:
            self._await_a_round()
        found = self.town.processes(*KILLS[blow])
        parents = _parents()
        mains = [pid for pid in found if parents.get(pid) not in found]
        children = [pid for pid in found if pid not in mains]
        victims = children[:1] if "child" in blow else mains
        open_before = len(self.office.open)
        hit = 0
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                hit += 1
        if hit and "delivery" in blow:
            self.exposed += min(1, open_before) if "child" in blow else max(open_before, len(self.office.open))
        return hit > 0

    def _await_a_round(self) -> None:
        """Who delivers is best hit between two letters. Where there are too few to be sent in a row, at any time."""
        until = time.monotonic() + ROUND_WITHIN
        while not self.office.busy() and time.monotonic() < until:
            time.sleep(0.001)

    def _take_away(self, blow: str, seconds: float) -> bool:
        match blow:
            case "delete the broker's data":
                shutil.rmtree(self._broker.data, ignore_errors=True)
                return self.town.kill("valkey-server") > 0
            case "empty the broker":
                with self._client() as client:
                    client.flushall()
            case "freeze the broker":
                return self._freeze_broker(seconds)
            case "fill the broker's memory":
                with self._client() as client:
                    client.config_set("maxmemory", "1kb")
                    time.sleep(seconds)
                    client.config_set("maxmemory", "256mb")
            case "fill the broker's disk":
                return self._fill_disk(seconds)
            case "take the database away":
                self._take_database(seconds)
        return True

    def _freeze_broker(self, seconds: float) -> bool:
        with _frozen(self.town.processes("valkey-server")) as any_of_them:
            time.sleep(seconds)
        return any_of_them

    def _fill_disk(self, seconds: float) -> bool:
        """The next file of its log is /dev/full: every write fails with ENOSPC, as on a full disk, for root too. At a
        rewrite of the log the server opens that file; the rewrite after it leads to a real one again."""
        with self._client() as client:
            _rewrite(client)
            full = self._broker.data / f"appendonly.aof.{max(self._logs(), default=0) + 1}.incr.aof"
            full.symlink_to("/dev/full")
            _rewrite(client)
            time.sleep(seconds)
            hit = bool(client.info("persistence")["aof_last_write_status"] != "ok")
            full.unlink(missing_ok=True)
            _rewrite(client)
        return hit

    def _take_database(self, seconds: float) -> None:
        if self.postgres is None:
            file = self.town.toolbox.settings.database_url.removeprefix("sqlite:///")
            with sqlite3.connect(file, timeout=60, isolation_level=None) as mine:
                mine.execute("BEGIN EXCLUSIVE")
                time.sleep(seconds)
                mine.execute("ROLLBACK")
            mine.close()
        elif seconds < 4:
            self.postgres.signal_all(signal.SIGSTOP)
            time.sleep(seconds)
            self.postgres.signal_all(signal.SIGCONT)
        else:
            self.postgres.end(signal.SIGQUIT)
            time.sleep(seconds)
            self.postgres.start()

    @property
    def _broker(self) -> BrokerFolder:
        return BrokerFolder((self.town.folder / "var" / "broker").resolve())

    def _client(self) -> AbstractContextManager[redis.Redis]:
        return broker_address(self._broker.client_url).client(2.0)

    def _logs(self) -> list[int]:
        return [int(one.name.split(".")[2]) for one in self._broker.data.glob("appendonly.aof.*.incr.aof")]


def _rewrite(client: redis.Redis) -> None:
    """Have the broker begin a new log, and be done with it: what is asked for meanwhile would come later, and hit the
    file that stands for another blow."""
    asked = False
    until = time.monotonic() + WAITS
    while time.monotonic() < until:
        told = client.info("persistence")
        if not told["aof_rewrite_in_progress"] and not told["aof_rewrite_scheduled"]:
            if asked:
                return
            client.bgrewriteaof()
            asked = True
        time.sleep(0.05)


def _parents() -> dict[int, int]:
    ps = ["ps", "-e", "-o", "pid=,ppid="]
    listed = subprocess.run(ps, check=True, capture_output=True, text=True).stdout
    return {int(pid): int(parent) for pid, parent in (line.split() for line in listed.splitlines())}


@contextmanager
def _frozen(pids: list[int]) -> Iterator[bool]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield bool(pids)
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def leave_room(folder: Path) -> None:
    """Take away what stands for a full disk, if a broker died on it."""
    for one in folder.glob("**/*.aof"):
        if one.is_symlink():
            one.unlink()
