"""The real server, in a process of its own on a loopback port."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from adapters.clock import MachineClock
from tests.web.conftest import House
from tests.web.street import HOOK, native, signed

_SERVE = """
import sys
from adapters.toolbox import build
from config.logging import configure_logging
from config.settings import load_settings
from web.server import serve
from cli.hands import hands_of

configure_logging("info", "json", "web")
toolbox = build(load_settings())
serve(toolbox, lambda task, *ids: None, hands_of(toolbox))
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def address(house: House, tmp_path: Path) -> Iterator[str]:
    """Where the server listens. It must end cleanly when it is told to."""
    port = free_port()
    settings = house.toolbox.settings
    environment = os.environ | {
        "CONVENOR_BIND": f"127.0.0.1:{port}",
        "CONVENOR_VAR": str(settings.var),
        "CONVENOR_DATABASE_URL": settings.database_url,
        "CONVENOR_HOOK_SECRETS": json.dumps(settings.hook_secrets),
        "CONVENOR_REDIS_URL": f"unix://{tmp_path}/no-broker",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-c", _SERVE], env=environment, cwd=tmp_path, stderr=log, stdout=log)
        try:
            transport = httpx2.HTTPTransport(retries=8)  # until it listens; each pause is twice as long
            with httpx2.Client(transport=transport) as client:
                client.get(f"http://127.0.0.1:{port}/livez").raise_for_status()
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            code = server.wait(30)
    assert code == 0


def test_a_signed_post_is_taken_over_a_real_connection_and_nothing_of_it_is_logged(
    address: str, tmp_path: Path
) -> None:
    headers = signed(native(), at=MachineClock().machine_now())
    answer = httpx2.post(f"{address}{HOOK}", content=native(), headers=headers)
    assert (answer.status_code, "server" in answer.headers) == (202, False)
    receipt = answer.json()["receipt"]
    assert httpx2.get(f"{address}/receipts/{receipt}").json() == {"state": "received", "reasons": []}
    log = (tmp_path / "log").read_text("utf-8")
    assert receipt in log
    assert not any(word in log.lower() for word in ("amina", "kova", "msg_1", "webhook-signature", "/receipts/"))


def test_the_query_of_an_address_may_be_a_secret_and_is_not_logged(address: str, tmp_path: Path) -> None:
    answer = httpx2.post(f"{address}/hooks/jotform/rivers-2026?key=fictitious-key", data={"formID": "1"})
    httpx2.get(f"{address}/livez")  # lines are written a turn of the loop later, so before this answer
    log = (tmp_path / "log").read_text("utf-8")
    assert (answer.status_code, "refused" in log, "fictitious-key" in log) == (401, True, False)


def test_an_endless_body_is_refused_before_it_ends(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = [
            f"POST {HOOK} HTTP/1.1",
            f"Host: {host}",
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
        ]
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        for _ in range(5):
            connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        assert connection.recv(1024).startswith(b"HTTP/1.1 413")
