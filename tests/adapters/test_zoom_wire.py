"""One request on the wire, with everything bounded."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest

from adapters.zoom import wire
from adapters.zoom.wire import connections, exchange

Answering = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def a_server(answer: Answering) -> Iterator[tuple[str, list[int]]]:
    """A server on this machine: its address, and a mark for each connection that was made to it."""
    made: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            made.append(1)
            super().setup()

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", made
        server.shutdown()
        thread.join(5)


def plainly(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"{}")


def endlessly(handler: BaseHTTPRequestHandler) -> None:
    """A body that never ends, in pieces that come quickly."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65_536)
    except OSError:
        handler.close_connection = True


def test_calls_to_one_account_share_a_connection() -> None:
    with a_server(plainly) as (url, made), connections() as client:
        for _ in range(5):
            assert exchange(client, client.build_request("GET", url), again=False).body == b"{}"
    assert len(made) == 1


def test_an_answer_that_takes_too_long_in_all_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_IN_ALL", 0.0)
    with a_server(endlessly) as (url, made), connections() as client, pytest.raises(httpx2.ReadTimeout):
        exchange(client, client.build_request("GET", url), again=True)
    assert len(made) == 1


def test_an_answer_that_is_too_long_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_LONGEST", 100_000)
    with a_server(endlessly) as (url, made), connections() as client, pytest.raises(httpx2.DecodingError):
        exchange(client, client.build_request("GET", url), again=True)
    assert len(made) == 1


def test_every_wait_has_an_end() -> None:
    with connections() as client:
        assert client.timeout == httpx2.Timeout(connect=5, read=15, write=15, pool=5)


def test_no_proxy_stands_between_us_and_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with a_server(plainly) as (url, _), connections() as client:
        assert exchange(client, client.build_request("GET", url), again=False).status == 200
