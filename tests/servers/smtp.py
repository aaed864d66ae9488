"""A mail server on loopback that does what it is told: each command answered as scripted, and every bad habit that
mail servers have. It counts what it took."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HANG_UP = None

USUAL = {
    "HELO": "250 here", "MAIL": "250 2.1.0 ok", "RCPT": "250 2.1.5 ok", "DATA": "354 go on", "DOT": "250 2.0.0 taken",
    "RSET": "250 2.0.0 ok", "QUIT": "221 2.0.0 bye", "STARTTLS": "220 2.0.0 go on", "AUTH": "235 2.7.0 known",
}  # fmt: skip


@dataclass
class Habits:
    """How a server behaves. `script`: an answer by command (`DOT` is a letter's end; `greeting`), HANG_UP for none;
    a command may be narrowed to the recipient of its transaction, `RCPT anna@example.org`. `closes_after`: so many
    letters, then it hangs up. `in_two`: each answer in two packets. `takes_to_nobody`: DATA is welcome without a
    recipient. `mute_from`: the letter to which, and to all after it, it never answers."""

    script: dict[str, str | None] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING", "ENHANCEDSTATUSCODES")
    closes_after: int | None = None
    says_goodbye: bool = False
    in_two: bool = False
    takes_to_nobody: bool = False
    mute_from: int | None = None
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that was taken, or whose text came at all."""

    sender: str
    recipient: str
    text: bytes
    connection: int


class MailServer:
    """Each connection is served by a thread of its own."""

    def __init__(self, habits: Habits, context: ssl.SSLContext | None = None, *, tls_at_once: bool = False) -> None:
        self.habits = habits
        self._context, self._tls_at_once = context, tls_at_once
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0
        self.heard: list[str] = []
        self.taken: list[Taken] = []
        self.received = 0
        self.before_answer: Callable[[int], None] = lambda _: None
        self.packets: list[bytes] = []
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on everybody."""
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes the accept; closing alone would not
        self._listening.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _accept(self) -> None:
        threads = []
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                break
            self.connections += 1
            self._open.append(connection)
            threads.append(threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(5)

    def _serve(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError):
            if self._tls_at_once and self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            conversation = _Conversation(self, connection, number, self._context)
            try:
                conversation.run()
            finally:
                conversation.connection.close()  # another one than at first, where TLS has begun since


class _Conversation:
    def __init__(
        self, server: MailServer, connection: socket.socket, number: int, context: ssl.SSLContext | None
    ) -> None:
        self.server, self.habits, self.connection, self.number = server, server.habits, connection, number
        self.context, self.waiting = context, b""
        self.sender = self.recipient = ""
        self.letters = 0

    def run(self) -> None:
        self.say(self.habits.script.get("greeting", "220 here"))
        while line := self.line():
            word = line.split(" ")[0].upper()
            self.server.heard.append(word)
            if not self.obey(word, line):
                return

    def obey(self, word: str, line: str) -> bool:
        if word == "EHLO":
            usual = "\r\n".join([*(f"250-{one}" for one in ("here", *self.habits.extensions)), "250 HELP"])
            return self.say(self.habits.script.get("EHLO", usual))
        if word == "RSET":
            self.sender = self.recipient = ""
        if word == "MAIL" and self.sender:
            return self.say("503 5.5.1 nested")
        answer = self.scripted(word, line)
        if word == "DATA" and not self.recipient and not self.habits.takes_to_nobody:
            answer = "554 5.5.1 no valid recipients"
        if answer is not None and answer[0] == "2":
            self.sender = _address(line) if word == "MAIL" else self.sender
            self.recipient = _address(line) if word == "RCPT" else self.recipient
        if not self.say(answer):
            return False
        if word == "STARTTLS" and answer == USUAL["STARTTLS"]:
            assert self.context is not None
            self.connection, self.waiting = self.context.wrap_socket(self.connection, server_side=True), b""
        return self.text() if answer is not None and answer.startswith("354") else word != "QUIT"

    def scripted(self, word: str, line: str) -> str | None:
        script = self.habits.script
        whom = _address(line) if word == "RCPT" else self.recipient
        return script.get(f"{word} {whom}", script.get(word, USUAL.get(word, "500 5.5.2 what is that")))

    def text(self) -> bool:
        self.waiting = b"\r\n" + self.waiting  # the end may come first
        while b"\r\n.\r\n" not in self.waiting:
            if not self.more():
                return False
        stuffed, _, self.waiting = self.waiting.partition(b"\r\n.\r\n")
        text = stuffed.replace(b"\r\n.", b"\r\n")[2:] + b"\r\n"
        self.server.heard.append("DOT")
        answer = self.scripted("DOT", "") if self.recipient else "554 5.5.1 no valid recipients"
        self.server.received += 1
        self.server.before_answer(self.server.received)
        if self.habits.mute_from is not None and self.server.received >= self.habits.mute_from:
            self.server.taken.append(Taken(self.sender, self.recipient, text, self.number))
            time.sleep(60)
        time.sleep(self.habits.pause)
        if answer is not None and answer[0] == "2":
            self.server.taken.append(Taken(self.sender, self.recipient, text, self.number))
        self.sender = self.recipient = ""
        self.letters += 1
        alive = self.say(answer)
        if self.letters == self.habits.closes_after:
            if self.habits.says_goodbye:
                self.line()
                self.say("421 4.7.0 enough")
            return False
        return alive

    def say(self, answer: str | None) -> bool:
        if answer is None:
            return False
        packet = answer.encode() + b"\r\n"
        half = len(packet) // 2 if self.habits.in_two else 0
        if half:
            self.connection.sendall(packet[:half])
            time.sleep(0.01)
        self.connection.sendall(packet[half:])
        return True

    def line(self) -> str:
        return self.raw().decode().rstrip("\r\n")

    def raw(self) -> bytes:
        while b"\r\n" not in self.waiting:
            if not self.more():
                return b""
        line, _, self.waiting = self.waiting.partition(b"\r\n")
        return line + b"\r\n"

    def more(self) -> bool:
        packet = self.connection.recv(65536)
        if len(self.server.packets) < 100:
            self.server.packets.append(packet)
        self.waiting += packet
        return bool(packet)


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


@contextmanager
def a_mail_server(
    habits: Habits | None = None, context: ssl.SSLContext | None = None, *, tls_at_once: bool = False
) -> Iterator[MailServer]:
    """A server on a port of its own."""
    server = MailServer(habits or Habits(), context, tls_at_once=tls_at_once)
    try:
        yield server
    finally:
        server.close()


def a_certificate(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """What a server named so shows, and the file by which it can be verified."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file, secret = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return context, file
