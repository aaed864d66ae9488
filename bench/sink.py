"""A mail server that takes every letter and keeps none, where Postfix's `smtp-sink` is not at hand: a process of its
own, which does as little as a server can, because it shares the cores with what is measured.

    python -m bench.sink

It prints its port and serves until it is ended.
"""

import asyncio

_ANSWERS = {
    b"EHLO": b"250-bench.example.org\r\n250-PIPELINING\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}  # fmt: skip
_END = b"\r\n.\r\n"


class _Reception(asyncio.Protocol):
    """One connection. `text` is true from DATA to the dot."""

    def __init__(self) -> None:
        self._waiting = b""
        self._text = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 bench.example.org ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer all that is complete, in one packet."""
        self._waiting += data
        answers = []
        while True:
            said, end, rest = self._waiting.partition(_END if self._text else b"\r\n")
            if not end:
                break
            self._waiting = rest
            answers.append(
                b"250 2.0.0 taken\r\n" if self._text else _ANSWERS.get(said[:4].upper(), b"250 2.0.0 ok\r\n")
            )
            self._text = not self._text and said[:4].upper() == b"DATA"
        self._transport.write(b"".join(answers))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Reception, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
