"""The mail server of a storm: it takes letters on loopback, has every bad habit while the weather is rough, and keeps a
book of what it took, over which connection, and whether it had said so."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Final

MUTE_FOR: Final = 12.0
"""Seconds without an answer: longer than whoever sends is told to wait."""

_GREETINGS: Final = (("421 4.3.2 not now", 0.03), (None, 0.03))
_RECIPIENTS: Final = (
    ("450 4.2.0 later", 0.02), ("452 4.2.2 full", 0.01), ("451 4.7.1 greylisted", 0.03), (None, 0.01),
)  # fmt: skip
_TEXTS: Final = (("451 4.3.0 later", 0.02), ("drop-before", 0.02), ("drop-after", 0.03), ("mute", 0.005))
_SLOW, _SLOWEST = 0.05, 1.5

Answer = str | None
"""None hangs up."""


@dataclass(slots=True)
class Taken:
    """A letter that was taken; its text had come `at`. `told` once the answer that says so has been sent."""

    connection: int
    recipient: str
    text: bytes
    at: float = field(default_factory=time.monotonic)
    told: bool = False


class PostOffice:
    """Each connection has a thread. `nobody`: recipients that do not exist, whatever the weather."""

    def __init__(self, seed: int, nobody: AbstractSet[str]) -> None:
        self.rough = True
        self.taken: list[Taken] = []
        self.habits: Counter[str] = Counter()
        self.open: set[int] = set()
        self._nobody = nobody
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated, not secret
        self._lock = threading.Lock()
        self._connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._thread = threading.Thread(target=self._accept, name="post-office", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """As CONVENOR_SMTP_URL writes it."""
        return f"smtp://127.0.0.1:{self._listening.getsockname()[1]}"

    @property
    def untold(self) -> int:
        """Letters that were taken without a word: so many may come again."""
        return self.habits["drop-after"] + self.habits["mute"]

    def busy(self) -> bool:
        """Whether letters come in a row over one connection: in the middle of somebody's round."""
        last = self.taken[-3:]
        return len(last) == 3 and len({one.connection for one in last}) == 1 and time.monotonic() - last[0].at < 0.4

    def close(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def to_recipient(self, recipient: str) -> Answer:
        """The answer to RCPT."""
        if recipient in self._nobody:
            return self._noted("550 5.1.1 no such address")
        return self._one_of(_RECIPIENTS, "250 2.1.5 ok")

    def greeting(self) -> Answer:
        """The first word."""
        return self._one_of(_GREETINGS, "220 post office")

    def of_text(self) -> Answer:
        """What becomes of a letter whose text is there."""
        if self.rough and self._draw() < _SLOW:
            self._noted("slow")
            time.sleep(self._draw() * _SLOWEST)
        return self._one_of(_TEXTS, "250 2.0.0 taken")

    def take(self, letter: Taken) -> None:
        """Write a letter into the book."""
        with self._lock:
            self.taken.append(letter)

    def _one_of(self, habits: tuple[tuple[Answer, float], ...], usual: str) -> Answer:
        drawn = self._draw() if self.rough else 1.0
        for answer, share in habits:
            drawn -= share
            if drawn < 0:
                return self._noted(answer)
        return usual

    def _noted(self, answer: Answer) -> Answer:
        with self._lock:
            self.habits[answer or "hung up"] += 1
        return answer

    def _draw(self) -> float:
        with self._lock:
            return self._chance.random()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections += 1
            threading.Thread(target=self._serve, args=(connection, self._connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        self.open.add(number)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(OSError), connection, connection.makefile("rb") as lines:
                _Counter(self, connection, lines, number).serve()
        finally:
            self.open.discard(number)


@dataclass(slots=True)
class _Counter:
    """One connection, at its counter of the post office (RFC 5321, with PIPELINING)."""

    office: PostOffice
    connection: socket.socket
    lines: IO[bytes]
    number: int
    recipient: str = ""

    def serve(self) -> None:
        going = self._say(self.office.greeting())
        while going and (line := self.lines.readline()):
            going = self._obey(line.decode("utf-8", "replace").strip())

    def _obey(self, line: str) -> bool:
        match line.upper().split(" ")[0]:
            case "EHLO" | "HELO":
                return self._say("250-post office\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES")
            case "MAIL" | "RSET":
                self.recipient = ""
                return self._say("250 2.1.0 ok")
            case "RCPT":
                return self._rcpt(line.partition("<")[2].partition(">")[0])
            case "DATA" if self.recipient:
                return self._say("354 go on") and self._text()
            case "DATA":
                return self._say("554 5.5.1 no recipient")
            case "QUIT":
                self._say("221 2.0.0 bye")
                return False
        return self._say("250 2.0.0 ok")

    def _rcpt(self, address: str) -> bool:
        answer = self.office.to_recipient(address)
        if answer is not None and answer.startswith("250"):
            self.recipient = address
        return self._say(answer)

    def _text(self) -> bool:
        lines = []
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        letter = Taken(self.number, self.recipient, b"".join(lines))
        self.recipient = ""
        what = self.office.of_text()
        if what in {"250 2.0.0 taken", "drop-after", "mute"}:
            self.office.take(letter)
        if what == "mute":
            time.sleep(MUTE_FOR)
        if what in {"drop-before", "drop-after", "mute"}:
            return False
        letter.told = self._say(what)
        return letter.told

    def _say(self, answer: Answer) -> bool:
        if answer is None:
            return False
        self.connection.sendall(answer.encode() + b"\r\n")
        return True
