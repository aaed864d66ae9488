"""Server-to-Server OAuth: one token for all processes of a host."""

import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from adapters.zoom.accounts import ZoomAccounts
from adapters.zoom.base_address import api_base
from adapters.zoom.client import ZoomRefused
from adapters.zoom.tokens import Token, Tokens
from config.settings import Settings
from schemas.zoom import Refusal
from tests.adapters.zoom_lab import NAME, Desk, RecordedZoom, a_desk, a_vault, an_account, nobody, sample

OAUTH = ("POST", "/oauth/token")
DOWN = httpx2.Response(503, html="<h1>Unavailable</h1>")


def given(text: str, **more: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"access_token": text, "token_type": "bearer", "expires_in": 3600} | more)


def zoom_giving(*answers: httpx2.Response | Exception) -> RecordedZoom:
    return RecordedZoom({OAUTH: list(answers)})


def tokens(desk: Desk) -> Tokens:
    return desk.client._tokens


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return a_desk(tmp_path, zoom_giving(given("first"), given("second"), given("third")))


def test_a_token_is_asked_for_as_zoom_documents(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    assert tokens(desk).get() == Token(
        text=sample("oauth_token_response")["access_token"],
        begun=datetime(2026, 10, 1, 9, 30, tzinfo=UTC), ends=datetime(2026, 10, 1, 10, 30, tzinfo=UTC),
        scopes=frozenset(sample("oauth_token_response")["scope"].split()), api_url="https://api-eu.zoom.us/v2",
    )  # fmt: skip
    (request,) = desk.zoom.asked
    assert (str(request.url), request.content, request.headers["authorization"], request.headers["content-type"]) == (
        "https://zoom.us/oauth/token",
        b"grant_type=account_credentials&account_id=25rIOd01-t6Ro88g0vcryG",
        "Basic ZmljdENsaWVudElkOmZpY3RDbGllbnRTZWNyZXQ=",
        "application/x-www-form-urlencoded",
    )


def test_a_token_is_used_until_ten_minutes_before_its_end(desk: Desk) -> None:
    texts = []
    for minutes in (0, 50, 1):
        desk.machine.pass_by(minutes=minutes)
        texts.append(tokens(desk).get().text)
    assert texts == ["first", "first", "second"]


def test_a_shorter_token_is_used_until_a_sixth_before_its_end(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, zoom_giving(given("first", expires_in="60"), given("second")))
    texts = []
    for seconds in (0, 49, 2):
        desk.machine.pass_by(seconds=seconds)
        texts.append(tokens(desk).get().text)
    assert texts == ["first", "first", "second"]


@pytest.mark.parametrize("life", [None, "soon", -5, 0, "nan", 1e9, [1]])
def test_a_life_that_cannot_be_read_is_an_hour(tmp_path: Path, life: object) -> None:
    desk = a_desk(tmp_path, zoom_giving(given("first", expires_in=life)))
    token = tokens(desk).get()
    assert token.ends - token.begun == timedelta(hours=1)


def test_another_process_of_this_host_reads_what_the_first_one_got(desk: Desk, tmp_path: Path) -> None:
    assert tokens(desk).get().text == "first"
    other = a_desk(tmp_path, zoom_giving(given("another")))
    assert tokens(other).get().text == "first"
    assert other.zoom.asked == []


def test_the_file_is_its_owners_alone_and_sealed(desk: Desk, tmp_path: Path) -> None:
    tokens(desk).get()
    (file,) = (tmp_path / "zoom").glob("*.token")
    assert (file.stat().st_mode & 0o777, (tmp_path / "zoom").stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"first" not in file.read_bytes()
    assert NAME not in file.name
    assert {one.suffix for one in (tmp_path / "zoom").iterdir()} == {".token", ".lock"}


@pytest.mark.parametrize(
    "changes", [{"client_id": "another"}, {"account_id": "another"}, {"oauth_url": "https://zoomgov.com/oauth/token"}]
)
def test_other_settings_do_not_use_an_old_token(desk: Desk, tmp_path: Path, changes: dict[str, Any]) -> None:
    tokens(desk).get()
    assert tokens(a_desk(tmp_path, zoom_giving(given("another")), **changes)).get().text == "another"


@pytest.mark.parametrize("content", [b"", b"\x01rubbish", b"x" * 5000, None])
def test_a_damaged_file_is_replaced(desk: Desk, tmp_path: Path, content: bytes | None) -> None:
    tokens(desk).get()
    (file,) = (tmp_path / "zoom").glob("*.token")
    if content is None:
        file.unlink()
        file.mkdir()  # cannot be read, and not replaced either
    else:
        file.write_bytes(content)
    other = a_desk(tmp_path, zoom_giving(given("another")))
    assert [tokens(other).get().text for _ in range(2)] == ["another"] * 2
    assert len(other.zoom.asked) == 1


def test_a_token_sealed_for_other_settings_is_not_opened(desk: Desk, tmp_path: Path) -> None:
    tokens(desk).get()
    (file,) = (tmp_path / "zoom").glob("*.token")
    other = a_desk(tmp_path, zoom_giving(given("another"), given("more")), client_id="another")
    tokens(other).get()
    (theirs,) = set((tmp_path / "zoom").glob("*.token")) - {file}
    theirs.write_bytes(file.read_bytes())
    third = a_desk(tmp_path, zoom_giving(given("third")), client_id="another")
    assert tokens(third).get().text == "third"


def test_where_nothing_can_be_written_each_process_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "zoom").write_text("a file where a folder should be")
    for text in ("first", "second"):
        one = a_desk(tmp_path, zoom_giving(given(text)))
        assert [tokens(one).get().text for _ in range(2)] == [text] * 2
        assert len(one.zoom.asked) == 1


def test_a_refused_token_is_renewed_once_for_all_processes(desk: Desk, tmp_path: Path) -> None:
    other = a_desk(tmp_path, zoom_giving(given("another")))
    refused = tokens(desk).get()
    assert tokens(other).get() == refused
    assert [tokens(one).renew(refused).text for one in (desk, other, desk)] == ["second"] * 3
    assert [len(one.zoom.asked) for one in (desk, other)] == [2, 0]


def test_a_token_that_zoom_gives_again_though_it_refused_it_is_not_believed(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, zoom_giving(given("same")))
    with pytest.raises(ZoomRefused):
        tokens(desk).renew(tokens(desk).get())


def test_a_renewal_that_fails_leaves_the_token_in_use_while_it_holds(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, zoom_giving(given("first"), DOWN, DOWN, given("second")))
    tokens(desk).get()
    asked, texts = [], []
    for seconds in (51 * 60, 20, 20, 40):
        desk.machine.pass_by(seconds=seconds)
        texts.append(tokens(desk).get().text)
        asked.append(len(desk.zoom.asked))
    assert (texts, asked) == (["first", "first", "first", "second"], [2, 2, 3, 4])


def test_a_token_that_has_ended_and_cannot_be_renewed_is_no_token(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, zoom_giving(given("first"), DOWN))
    tokens(desk).get()
    desk.machine.pass_by(hours=1)
    with pytest.raises(ZoomRefused) as caught:
        tokens(desk).get()
    assert caught.value.refusal == Refusal(endpoint="token", status=503)


@pytest.mark.parametrize("case", sample("oauth_errors"), ids=lambda one: one["case"])
@pytest.mark.parametrize("status", [200, 400, 401])
def test_an_app_that_zoom_does_not_know_gets_no_token(tmp_path: Path, case: dict[str, Any], status: int) -> None:
    desk = a_desk(tmp_path, zoom_giving(httpx2.Response(status, json=case["body"])))
    with capture_logs() as logs, pytest.raises(ZoomRefused) as caught:
        desk.client.scopes()
    body = case["body"]
    assert caught.value.refusal == Refusal(
        endpoint="token", status=status, message=f"{body['error']}: {body['reason']}"
    )
    assert [(one["event"], one["status"]) for one in logs] == [("Zoom gives no token", status)]


@pytest.mark.parametrize("token", [None, "", 5, "two\nlines", "ключ"])
def test_a_token_that_fits_no_header_is_no_token(tmp_path: Path, token: object) -> None:
    desk = a_desk(tmp_path, zoom_giving(httpx2.Response(200, json={"access_token": token})))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.scopes()
    assert caught.value.refusal == Refusal(endpoint="token", status=200, message="unreadable")


def test_a_broken_connection_is_tried_again_at_once(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, zoom_giving(httpx2.RemoteProtocolError("hung up"), given("first")))
    assert tokens(desk).get().text == "first"


def test_nobody_at_the_other_end_is_said_without_an_address(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, zoom_giving(httpx2.ConnectError("zoom.us is not there")))
    with pytest.raises(ZoomRefused) as caught:
        tokens(desk).get()
    assert caught.value.refusal == Refusal(endpoint="token", message="ConnectError")


LOCAL = {"oauth_url": "http://127.0.0.1:8089/oauth/token", "api_url": "http://127.0.0.1:8089"}
OWN = {"oauth_url": "https://zoom.agency.example.org/oauth/token", "api_url": "https://api.agency.example.org"}


@pytest.mark.parametrize(
    ("told", "settings", "base"),
    [
        (None, {}, "https://api.zoom.us/v2"),
        ("", {}, "https://api.zoom.us/v2"),
        ("https://api-eu.zoom.us", {}, "https://api-eu.zoom.us/v2"),
        ("https://api-eu.zoom.us/", {}, "https://api-eu.zoom.us/v2"),
        ("https://api-eu.zoom.us/v2", {}, "https://api-eu.zoom.us/v2"),
        ("https://api.zoomgov.com", {}, "https://api.zoomgov.com/v2"),
        ("http://127.0.0.1:9000/zoom", LOCAL, "http://127.0.0.1:9000/zoom/v2"),
        ("http://localhost:9000/v2", LOCAL, "http://localhost:9000/v2"),
        ("https://zoom.agency.example.org", OWN, "https://zoom.agency.example.org/v2"),
        ("https://api.agency.example.org:8443", OWN, "https://api.agency.example.org:8443/v2"),
    ],
)
def test_the_base_address_of_the_answer_is_used(told: str | None, settings: dict[str, str], base: str) -> None:
    assert api_base(NAME, an_account(**settings), told) == base


@pytest.mark.parametrize(
    ("told", "settings"),
    [
        ("https://zoom.us.stranger.example", {}),
        ("https://notzoom.us", {}),
        ("http://api-eu.zoom.us", {}),
        ("ftp://api.zoom.us", {}),
        ("https://user@api.zoom.us", {}),
        ("https://api.zoom.us?x=1", {}),
        ("https://[api.zoom.us", {}),
        ("https://api.zoom.us:port", {}),
        ("http://127.0.0.1:8080", {}),
        ("https://api.zoom.us", OWN),
        ("https://api.zoom.us", LOCAL),
        ("http://api.agency.example.org", OWN),
        ("//api.zoom.us", {}),
        (7, {}),
    ],
)
def test_no_token_goes_to_a_stranger(told: object, settings: dict[str, str]) -> None:
    account = an_account(**settings)
    with capture_logs() as logs:
        assert api_base(NAME, account, told) == account.api_url
    assert [one["log_level"] for one in logs] == ["warning"]


# Several processes


@contextmanager
def counting_zoom(answer: Callable[[int], tuple[int, dict[str, Any]]]) -> Iterator[tuple[str, list[int]]]:
    """A token endpoint on this machine: its address, and the numbers of the requests that it got."""
    asked: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(len(asked) + 1)
            status, said = answer(asked[-1])
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join(5)


def _work(folder: str, url: str, barrier: Any, results: Any) -> None:
    """One worker process: a token, then another because the first is refused."""
    account = an_account(oauth_url=f"{url}/oauth/token", api_url=url)
    settings = Settings(var=Path(folder), zoom_accounts={NAME: account}, zoom_emulator="off", _env_file=None)
    accounts = ZoomAccounts(settings, a_vault(), nobody(Path(folder)), _machine_now, _machine_now)
    client = accounts.client(NAME)
    assert client is not None
    found = []
    barrier.wait(60)
    try:
        first = client._tokens.get()
        found.append(first.text)
        barrier.wait(60)
        found.append(client._tokens.renew(first).text)
    except ZoomRefused as refused:
        found.append(str(refused.refusal.status))
    results.put(found)
    accounts.close()


def _machine_now() -> datetime:
    return datetime.now(UTC)


def eight_processes(folder: Path, url: str) -> list[list[str]]:
    """What each of eight worker processes got."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(8), context.Queue()
    workers = [context.Process(target=_work, args=(os.fspath(folder), url, barrier, results)) for _ in range(8)]
    for one in workers:
        one.start()
    found = [results.get(timeout=120) for _ in workers]
    for one in workers:
        one.join(30)
    return found


def test_eight_processes_ask_once_for_a_token_and_once_more_after_it_was_revoked(tmp_path: Path) -> None:
    with counting_zoom(lambda number: (200, {"access_token": f"token{number}", "expires_in": 3600})) as (url, asked):
        assert eight_processes(tmp_path, url) == [["token1", "token2"]] * 8
    assert asked == [1, 2]


def test_a_renewal_by_whoever_waited_for_a_failed_one_is_not_tried_again(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, zoom_giving(DOWN, given("never")))
    other = a_desk(tmp_path, zoom_giving(given("never asked for")))
    file = tokens(other)._file
    original = file.alone

    @contextmanager
    def after_the_first_failed() -> Iterator[None]:
        with pytest.raises(ZoomRefused):
            tokens(desk).get()
        with original():
            yield

    file.alone = after_the_first_failed  # type: ignore[method-assign]
    with pytest.raises(ZoomRefused) as caught:
        tokens(other).get()
    assert (caught.value.refusal.status, other.zoom.asked) == (503, [])
