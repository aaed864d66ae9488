"""How fast letters could go where Postfix's `smtp-source` is not at hand: one message, over and over, from one process,
with nothing to look up, to render or to remember."""

import socket
import time

from adapters.smtp_line import stuffed

_ENVELOPE = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"


def pipelined(port: int, letters: int, message: bytes) -> float:
    """Letters a second over one connection, each letter's commands behind the text of the one before."""
    text = stuffed(message) + b".\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as answers:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"EHLO bench.example.org\r\n")
        while not answers.readline().startswith(b"250 "):
            pass
        begun = time.perf_counter()
        connection.sendall(_ENVELOPE)
        for number in range(letters):
            while not answers.readline().startswith(b"354"):
                pass
            connection.sendall(text + _ENVELOPE if number + 1 < letters else text)
        answers.readline()
        return letters / (time.perf_counter() - begun)
