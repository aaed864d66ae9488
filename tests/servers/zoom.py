"""The emulated Zoom on a real socket, in a thread of the test's own process."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from web.zoom_emulator.accounts import EmulatedAccount
from web.zoom_emulator.app import create_emulator
from web.zoom_emulator.emulator import Emulator


@dataclass(frozen=True, slots=True)
class ZoomServer:
    """A running emulator. `emulator` looks inside, seeds and injects faults."""

    emulator: Emulator
    url: str

    @property
    def oauth_url(self) -> str:
        """Of the token endpoint."""
        return f"{self.url}/oauth/token"

    @property
    def api_url(self) -> str:
        """Of the API, with its version."""
        return f"{self.url}/v2"

    def account(self, name: str) -> dict[str, Any]:
        """As CONVENOR_ZOOM_ACCOUNTS writes it."""
        one = self.emulator.account(name)
        return {
            "account_id": one.account_id, "client_id": one.client_id, "client_secret": one.client_secret,
            "webhook_secret": one.webhook_secret, "oauth_url": self.oauth_url, "api_url": self.api_url,
            "plan": one.plan,
        }  # fmt: skip


def an_account(name: str, **changes: Any) -> EmulatedAccount:
    """An account with secrets that follow from its name."""
    usual = {"account_id": f"account-{name}", "client_id": f"client-{name}", "client_secret": f"secret-{name}",
             "webhook_secret": f"webhook-{name}"}  # fmt: skip
    return EmulatedAccount(name, **{**usual, **changes})


@contextmanager
def a_zoom(
    folder: Path, *, accounts: dict[str, EmulatedAccount] | None = None, now: Callable[[], datetime] | None = None,
    machine_now: Callable[[], datetime] | None = None, **options: Any,
) -> Iterator[ZoomServer]:  # fmt: skip
    """A server on 127.0.0.1, with the accounts `osce-org` and `odihr-pl` where none are given."""
    known = accounts or {name: an_account(name) for name in ("osce-org", "odihr-pl")}
    clock = now or _machine_now
    with _port() as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        emulator = Emulator(folder, url, accounts=known, now=clock, machine_now=machine_now or _machine_now)
        emulator.configure(**options)
        config = uvicorn.Config(create_emulator(emulator), log_config=None, access_log=False)
        try:
            with serving(config, listening):
                yield ZoomServer(emulator, url)
        finally:
            emulator.close()


@contextmanager
def serving(config: uvicorn.Config, listening: socket.socket | None = None) -> Iterator[str]:
    """An application on a port of its own, in a thread; its address."""
    config.timeout_graceful_shutdown = 2
    server = uvicorn.Server(config)
    with listening or _port() as port:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.005)
            yield f"http://127.0.0.1:{port.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


def _port() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def _machine_now() -> datetime:
    return datetime.now(UTC)
