"""A mail server on loopback that keeps every letter as a file and hands none on: for demonstrations and rehearsals."""

import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailCatcher:
    """Takes letters on 127.0.0.1 and writes each to `folder/NNNN.eml`, as received, in order."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._caught: list[Path] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=0, ready_timeout=10)

    @property
    def caught(self) -> tuple[Path, ...]:
        """The files written so far, in order."""
        with self._lock:
            return tuple(self._caught)

    @property
    def url(self) -> str:
        """As CONVENOR_SMTP_URL writes it."""
        server = self._controller.server
        assert server is not None, "start() comes first"  # noqa: S101
        return f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]

    def start(self) -> None:
        """Listen, in a thread of its own, on a free port."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's names
        """Keep one letter."""
        with self._lock:
            file = self._folder / f"{len(self._caught) + 1:04}.eml"
            content = envelope.original_content or b""
            file.write_bytes(content)
            self._caught.append(file)
        return "250 2.0.0 kept"
