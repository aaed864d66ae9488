"""What all tests share: both databases, a broker, and a guard on the street."""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from adapters.broker.embedded import EmbeddedBroker
from tests.servers.broker import a_broker
from tests.servers.postgres import NoPostgres, PostgresServer
from tests.servers.postgres import postgres_server as running_postgres

# The suite tries the same examples each time, however slow the machine: a change breaks it, and nothing else does. With
# --hypothesis-profile=search others are looked for; what is found becomes an @example.
settings.register_profile(
    "suite", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("suite")

_called_outside: list[str] = []


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the session, started when the first test asks for it."""
    try:
        with running_postgres() as server:
            yield server
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind: the test runs twice."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/convenor.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A broker of the test's own."""
    with a_broker(tmp_path / "broker") as one:
        yield one


@pytest.fixture(autouse=True)
def _nobody_calls_outside() -> Iterator[None]:
    """A test that turns to another machine fails, also where the attempt was caught: a letter could go to a stranger.

    Seen is what Python does, in every thread of this process; not what other processes or libraries in C do.
    """
    _called_outside.clear()
    yield
    assert _called_outside == [], "a test turned to another machine"


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        one, address = arguments
        host = address[0] if address and one.family in {socket.AF_INET, socket.AF_INET6} else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]  # asking for a name's address is a call, too: to the name server
    else:
        return
    if host and not _is_here(host if isinstance(host, str) else bytes(host).decode()):
        _called_outside.append(event)
        raise PermissionError("tests do not turn to other machines")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


sys.addaudithook(_look)
