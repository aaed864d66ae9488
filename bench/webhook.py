"""The webhook under load: signed registrations of 1 KB over 16 connections, to one process of the web part.

`convenor web` as it is run, with its log, its embedded broker, and a database that loses nothing at a power cut: SQLite
as the product sets it up, PostgreSQL with `fsync` (the tests' own). Nobody works on what is recorded meanwhile. The
limit beside it is an ASGI application under the same server that reads the body and answers 202.

Client, server and database share the machine's cores.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from pathlib import Path

import httpx2
from sqlalchemy import func, select
from starlette.types import Receive, Scope, Send

from adapters.broker.embedded import EmbeddedBroker
from adapters.database.schema import migrate
from adapters.database.tables import EnvelopeRow
from adapters.toolbox import build
from bench.knocking import Rush, rush
from config.settings import Settings
from tests.house import settings_for
from tests.servers.postgres import postgres_server
from workers.programme import put_in_force

CONNECTIONS = 16
REQUESTS = 8_000
_WARM = 1_000
_BYTES = 1024
_SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
_ADDRESS = "/hooks/standard/alliance-2021"


@dataclass(frozen=True, slots=True)
class Reception:
    """What one run took. `cpu`: seconds of the server's process."""

    what: str
    rush: Rush
    cpu: float


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """The limit: an application that reads the body and answers."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    answer = b'{"receipt":"env_00000000000000000000000000"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def receptions() -> Iterator[Reception]:
    """The limit, then the webhook on both databases."""
    yield _limit()
    with tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder:
        yield _reception("SQLite", Path(folder), f"sqlite:///{folder}/convenor.db")
    with (
        tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder,
        postgres_server(durable=True) as server,
        server.database() as url,
    ):
        yield _reception("PostgreSQL", Path(folder), url)


def _limit() -> Reception:
    port = _free_port()
    command = ["uvicorn", "bench.webhook:nothing", f"--port={port}", "--loop=uvloop", "--http=httptools",
               "--no-access-log", "--log-level=warning"]  # fmt: skip
    with _serving(port, command, dict(os.environ)) as pid:
        return _measured("limit: the body read and answered", port, pid)


def _reception(name: str, folder: Path, database_url: str) -> Reception:
    port = _free_port()
    settings = settings_for(folder, database_url, "smtp://127.0.0.1:9")
    with ExitStack() as stack:
        broker = EmbeddedBroker(settings.var / "broker")
        broker.start()
        stack.callback(broker.stop)
        broker.wait_ready()
        toolbox = build(settings)
        stack.callback(toolbox.close)
        migrate(toolbox.database)
        put_in_force(toolbox, settings.conferences)
        pid = stack.enter_context(_serving(port, ["cli.main", "web"], _environment(settings, port)))
        found = _measured(f"webhook, {name}", port, pid)
        with toolbox.database.read() as session:
            kept = session.scalar(select(func.count()).select_from(EnvelopeRow))
    assert (kept, found.rush.statuses) == (_WARM + REQUESTS, {202: REQUESTS}), (kept, found.rush.statuses)
    return found


def _environment(settings: Settings, port: int) -> dict[str, str]:
    return os.environ | {
        "CONVENOR_VAR": str(settings.var), "CONVENOR_DATABASE_URL": settings.database_url,
        "CONVENOR_BIND": f"127.0.0.1:{port}", "CONVENOR_HOOK_SECRETS": json.dumps({"standard": _SECRET}),
        "CONVENOR_MAIL_FROM": settings.mail_from, "CONVENOR_SMTP_URL": "smtp://127.0.0.1:9",
    }  # fmt: skip


@contextmanager
def _serving(port: int, command: list[str], environment: dict[str, str]) -> Iterator[int]:
    """The process id of a server that listens. Its log goes to a file, as it would to a collector."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=log, stderr=log)
        try:
            transport = httpx2.HTTPTransport(retries=8)  # until it listens; each pause is twice as long
            with httpx2.Client(transport=transport) as client:
                client.get(f"http://127.0.0.1:{port}/livez")
            yield server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _measured(what: str, port: int, pid: int) -> Reception:
    rush(port, _requests("warm", _WARM), connections=CONNECTIONS)
    requests = list(_requests("run", REQUESTS))
    before = _cpu(pid)
    found = rush(port, iter(requests), connections=CONNECTIONS)
    return Reception(what, found, _cpu(pid) - before)


def _requests(name: str, number: int) -> Iterator[bytes]:
    """Registrations of different people, signed now."""
    key, now = b64decode(_SECRET.removeprefix("whsec_")), int(time.time())
    for one in range(number):
        body = _body(f"{name}-{one}")
        message_id = f"msg_{name}_{one}"
        signature = b64encode(digest(key, f"{message_id}.{now}.".encode() + body, sha256)).decode()
        yield (
            f"POST {_ADDRESS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nwebhook-id: {message_id}\r\nwebhook-timestamp: {now}\r\n"
            f"webhook-signature: v1,{signature}\r\n\r\n"
        ).encode() + body


def _body(person: str) -> bytes:
    data = {
        "full_name": f"Person {person}", "email": f"{person}@ngo.example.org", "language": "en",
        "sessions": ["survivor-voices"], "interpretation": "ru", "time_zone": "Europe/Kyiv", "needs": "",
    }  # fmt: skip
    message = {"type": "registration.submitted", "data": data}
    data["needs"] = "x" * (_BYTES - len(json.dumps(message)))
    return json.dumps(message).encode()


def _cpu(pid: int) -> float:
    """Seconds that a process has used, its own and the kernel's for it."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    for one in receptions():
        print(
            f"{one.what}: {one.rush.rate:,.0f}/s, p50 {one.rush.share(50) * 1e3:.1f} ms, "
            f"p99 {one.rush.share(99) * 1e3:.1f} ms, CPU {one.cpu / len(one.rush.waits) * 1e6:.0f} us, "
            f"load {os.getloadavg()[0]:.1f}"
        )
