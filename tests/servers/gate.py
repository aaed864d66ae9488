"""A way to a server on loopback that can be closed without anybody being told: what is sent stays on the way, and no
connection ends, as when a firewall drops packets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Gate:
    """Passes everything on to a Unix socket while it is open."""

    def __init__(self, behind: Path) -> None:
        self._behind = behind
        self._open = threading.Event()
        self._open.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._ends: list[socket.socket] = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let nothing through any more."""
        self._open.clear()

    def end(self) -> None:
        """Hang up on everybody."""
        self._open.set()
        for one in self._ends:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                street, _ = self._listening.accept()
                inside = socket.socket(socket.AF_UNIX)
                inside.connect(str(self._behind))
                self._ends += [street, inside]
                for one, other in ((street, inside), (inside, street)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while said := one.recv(65536):
                self._open.wait()
                other.sendall(said)
            other.shutdown(socket.SHUT_WR)


@contextmanager
def a_gate(behind: Path) -> Iterator[Gate]:
    """One that is open at first."""
    one = Gate(behind)
    try:
        yield one
    finally:
        one.end()
