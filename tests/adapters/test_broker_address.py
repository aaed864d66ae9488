"""One setting, two notations: Kombu's and redis-py's."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from kombu import Connection

from adapters.broker.address import FORMS, BrokerAddress, broker_address
from adapters.broker.embedded import EmbeddedBroker
from adapters.broker.errors import BrokerMisconfigured
from adapters.broker.keeper import valkey_binary
from adapters.broker.queues import ping
from tests.servers.waiting import until


@pytest.mark.parametrize(
    ("written", "celery", "client"),
    [
        ("redis://broker.example.org", "redis://broker.example.org/0", "redis://broker.example.org/0"),
        ("redis://:s%40t@[::1]:6380/2", "redis://:s%40t@[::1]:6380/2", "redis://:s%40t@[::1]:6380/2"),
        ("redis://broker.example.org?db=3", "redis://broker.example.org/3", "redis://broker.example.org/3"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0", "unix:///run/valkey.sock?db=0"),
        (
            "unix://anna:s%40t@/run/a b;c?db=4",
            "redis+socket://anna:s%40t@/run/a%20b%3Bc?virtual_host=4",
            "unix://anna:s%40t@/run/a%20b%3Bc?db=4",
        ),
        ("redis+socket:///run/s?virtual_host=1", "redis+socket:///run/s?virtual_host=1", "unix:///run/s?db=1"),
    ],
)
def test_each_reader_gets_its_own_notation(written: str, celery: str, client: str) -> None:
    assert broker_address(written) == BrokerAddress(celery, client)


def test_tls_is_verified_although_kombu_would_not() -> None:
    address = broker_address("rediss://:secret@broker.example.org:6390/1")
    with Connection(address.celery_url) as connection:
        assert connection.ssl == {"ssl_cert_reqs": 2, "ssl_check_hostname": True}  # 2: ssl.CERT_REQUIRED
    with address.client() as client:
        options = client.get_connection_kwargs()
    assert (options["ssl_cert_reqs"], options["ssl_check_hostname"]) == ("required", True)


def test_an_authority_of_ones_own_can_be_named_for_tls() -> None:
    assert broker_address("rediss://broker.example.org/0?ssl_ca_certs=/etc/ca.pem").celery_url == (
        "rediss://broker.example.org/0?ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs=%2Fetc%2Fca.pem"
    )


@pytest.mark.parametrize(
    "written",
    [
        "sentinel://:secret@one.example.org,two.example.org:26380/2?master_name=convenor",
        "sentinel://:secret@one.example.org;sentinel://two.example.org:26380/2?master_name=convenor",
    ],
)
def test_each_sentinel_is_named_whole(written: str) -> None:
    assert broker_address(written) == BrokerAddress(
        "sentinel://:secret@one.example.org/2;sentinel://:secret@two.example.org:26380/2",
        "redis://:secret@master/2",
        {"master_name": "convenor"},
        (("one.example.org", 26379), ("two.example.org", 26380)),
    )


@pytest.mark.parametrize(
    "written",
    [
        "", "secret", "amqp://:secret@broker.example.org", "redis://:secret@", "redis://:secret@host:port",
        "redis://:secret@broker.example.org/first", "redis://:secret@broker.example.org?ssl_cert_reqs=none",
        "rediss://:secret@broker.example.org?timeout=5", "unix://", "unix://:secret@relative/socket",
        "unix:///run/s?virtual_host=1", "sentinel://:secret@one.example.org/0", "redis://[:secret@host",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(BrokerMisconfigured) as refused:
        broker_address(written)
    assert str(refused.value) == FORMS
    assert refused.value.trying_again_helps is False


def test_an_address_shown_shows_no_password() -> None:
    assert "secret" not in repr(broker_address("sentinel://:secret@one.example.org/2?master_name=convenor"))


def test_both_readers_pass_a_unix_sockets_password(broker: EmbeddedBroker) -> None:
    with broker.address.client() as client:
        client.config_set("requirepass", "s@/;t")
    address = broker_address(broker.client_url.replace("unix://", "unix://:s%40%2F%3Bt@"))
    try:
        ping(address)
        with Connection(address.celery_url) as connection:
            connection.connect()
        with pytest.raises(BrokerMisconfigured):
            ping(broker.address)
    finally:
        with address.client() as client:
            client.config_set("requirepass", "")


def test_sentinels_are_asked_where_the_master_is(tmp_path: Path) -> None:
    with ExitStack() as servers:
        master = servers.enter_context(_valkey(tmp_path / "master", "requirepass secret"))
        watching = f"sentinel monitor convenor 127.0.0.1 {master} 1\nsentinel auth-pass convenor secret"
        sentinel = servers.enter_context(_valkey(tmp_path / "sentinel", watching, "--sentinel"))
        address = broker_address(f"sentinel://:secret@127.0.0.1:{sentinel}/3?master_name=convenor")
        with Connection(address.celery_url, transport_options=dict(address.transport_options)) as connection:
            queue = connection.SimpleQueue("delivery")
            queue.put("let_1")
            with address.client() as client:
                assert client.llen("delivery") == 1
            assert queue.get(timeout=5).payload == "let_1"
            queue.close()


@contextmanager
def _valkey(folder: Path, configured: str, *mode: str) -> Iterator[int]:
    """A server on a loopback port, which Sentinel needs; its port."""
    folder.mkdir()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    file = folder / "valkey.conf"
    file.write_text(f"bind 127.0.0.1\nport {port}\ndir {folder}\nlogfile log\n{configured}\n")
    server = subprocess.Popen([valkey_binary(), file, *mode])
    try:
        until(lambda: _listens(port))
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
