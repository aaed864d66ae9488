"""A client that keeps so many connections busy: each sends its next request when it has the answer to its last.

It is cheap, because it shares the machine's cores with the server that it measures: requests are bytes that were made
before, an answer is read as far as its status and its length, and there is no library between it and the sockets.
"""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(slots=True)
class Rush:
    """What came of it: seconds in all, seconds until each answer, and how many answers had each status."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    def share(self, percent: float) -> float:
        """Within how many seconds so many per cent of the answers came."""
        return sorted(self.waits)[min(int(len(self.waits) * percent / 100), len(self.waits) - 1)]


@dataclass(slots=True)
class _Connection:
    """One of them; `answer` is what has come of the one it waits for."""

    socket: socket.socket
    sent: float = 0.0
    answer: bytes = b""

    def send(self, request: bytes) -> None:
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def status(self) -> int:
        """That of the answer once it is complete, until then 0.

        Raises:
            ConnectionError: where the server has closed.
        """
        came = self.socket.recv(65536)
        if not came:
            raise ConnectionError("the server has closed the connection")
        self.answer += came
        head, end, body = self.answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if not end or (length is not None and len(body) < int(length[1])):
            return 0
        self.answer = b""
        return int(head[9:12])


def rush(port: int, requests: Iterator[bytes], *, connections: int) -> Rush:
    """Send all requests, each once, over so many connections to a port of this machine."""
    found = Rush()
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            selector.register(socket.create_connection(("127.0.0.1", port)), selectors.EVENT_READ)
        begun = time.perf_counter()
        busy = {key.fd: _Connection(key.fileobj) for key in selector.get_map().values()}  # type: ignore[arg-type]
        for one in busy.values():
            one.send(next(requests))
        while busy:
            for key, _ in selector.select():
                one = busy[key.fd]
                if not (status := one.status()):
                    continue
                now = time.perf_counter()
                found.waits.append(now - one.sent)
                found.statuses[status] = found.statuses.get(status, 0) + 1
                if request := next(requests, None):
                    one.send(request)
                else:
                    selector.unregister(one.socket)
                    one.socket.close()
                    del busy[key.fd]
        found.seconds = time.perf_counter() - begun
    return found
