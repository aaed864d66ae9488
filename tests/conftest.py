"""What all tests share: both databases, and a guard on the street."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.postgres import PostgresServer
from tests.servers.postgres import postgres_server as running_postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the session, started when the first test asks for it."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind: the test runs twice."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/convenor.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


@pytest.fixture(autouse=True)
def _nobody_calls_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that opens a connection to another machine fails: it would be a letter to a stranger."""
    connect = socket.socket.connect

    def checked(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(str(address[0])):
            pytest.fail("a test opened a connection to another machine")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", checked)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
