"""A mail server on loopback that keeps every letter as a file and hands none on: for demonstrations and rehearsals."""

import asyncio
import threading
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailCatcher:
    """Takes letters on 127.0.0.1 and writes each to `folder/NNNN.eml`, as received, in order.

    `smtputf8`: whether it takes addresses in all letters (RFC 6531), as not every mail server does.
    """

    def __init__(self, folder: Path, *, smtputf8: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._smtputf8 = smtputf8
        self._caught: list[Path] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail-catcher", daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def caught(self) -> tuple[Path, ...]:
        """The files written so far, in order."""
        return tuple(self._caught)

    @property
    def url(self) -> str:
        """As CONVENOR_SMTP_URL writes it."""
        assert self._server is not None, "start() comes first"  # noqa: S101
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def start(self) -> None:
        """Listen, in a thread of its own, on a free port."""
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """Stop listening."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's names
        """Keep one letter. One thread handles them all, one after the other."""
        file = self._folder / f"{len(self._caught) + 1:04}.eml"
        file.write_bytes(envelope.original_content or b"")
        self._caught.append(file)
        return "250 2.0.0 kept"

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._reception, "127.0.0.1", 0)

    def _reception(self) -> SMTP:
        return SMTP(self, loop=self._loop, enable_SMTPUTF8=self._smtputf8)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
