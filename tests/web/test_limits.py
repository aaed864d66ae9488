"""How often one client may try."""

from datetime import timedelta

import pytest
from starlette.requests import Request

from tests.web.street import NOW
from web.limits import Limiter, client_of


def test_a_bucket_is_empty_after_so_many_tries_and_fills_evenly() -> None:
    limiter = Limiter(3, timedelta(minutes=1))
    for _ in range(3):
        assert limiter.wait("a", NOW) == 0
        limiter.take("a", NOW)
    assert limiter.wait("a", NOW) == 20
    assert limiter.wait("a", NOW + timedelta(seconds=5)) == 15
    assert limiter.wait("a", NOW + timedelta(seconds=20)) == 0
    assert limiter.wait("b", NOW) == 0


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    limiter = Limiter(1, timedelta(minutes=1))
    limiter.take("a", NOW)
    assert limiter.wait("a", NOW - timedelta(days=1)) == 60


def test_only_so_many_clients_are_remembered() -> None:
    limiter = Limiter(1, timedelta(days=1))
    for number in range(10_001):
        limiter.take(str(number), NOW)
    assert (limiter.wait("0", NOW), limiter.wait("1", NOW)) == (0, 86400)


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("not an address", "not an address"),
    ],
)
def test_an_ipv6_network_is_one_client(host: str, client: str) -> None:
    assert client_of(Request({"type": "http", "client": (host, 1)})) == client


def test_a_client_without_an_address_is_one_too() -> None:
    assert client_of(Request({"type": "http"})) == ""
