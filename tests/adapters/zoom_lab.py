"""A client of Zoom's in front of recorded answers, without a network; and the clock that it lives by."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from adapters.broker.address import BrokerAddress, broker_address
from adapters.vault import KeyRing, Vault
from adapters.zoom.accounts import Outside, ZoomAccounts
from adapters.zoom.client import ZoomClient
from config.settings import Settings, ZoomAccount

SAMPLES = Path(__file__).resolve().parent / "zoom_samples"
NAME = "osce-org"
WEBINAR, MEETING = 98123456780, 95511223344
API = "https://api-eu.zoom.us/v2"

Answer = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


def sample(name: str) -> Any:
    """A recorded body."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def a_vault() -> Vault:
    """Always the same keys."""
    return Vault(KeyRing({b"\0\0\0\1": b"k" * 32}, b"i" * 32, b"s" * 32))


def nobody(folder: Path) -> BrokerAddress:
    """A broker that is not there."""
    return broker_address(f"unix://{folder}/nobody.sock?db=0")


@dataclass
class Moment:
    """A clock that is set by hand."""

    at: datetime = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


@dataclass
class RecordedZoom(httpx2.BaseTransport):
    """Answers each address as it was told to, one answer after the other; the last is given again and again."""

    answers: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)
    asked: list[httpx2.Request] = field(default_factory=list)

    def answer(self, method: str, path: str, *answers: Answer | Any, status: int = 200) -> None:
        """`path` as after the API's base address, or the whole token address; other answers are bodies in JSON."""
        given = [one if _is_answer(one) else httpx2.Response(status, json=one) for one in answers]
        self.answers.setdefault((method, path), []).extend(given)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        given = self.answers[request.method, request.url.path.removeprefix("/v2")]
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, httpx2.Response):
            return answer(request)
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def calls(self) -> list[str]:
        """What was asked of the API: methods and addresses, without the tokens' endpoint."""
        return [f"{one.method} {one.url}" for one in self.asked if not one.url.path.startswith("/oauth")]

    def bodies(self) -> list[Any]:
        """The JSON that was sent."""
        return [json.loads(one.content) for one in self.asked if one.headers.get("content-type") == "application/json"]


def _is_answer(one: object) -> bool:
    return isinstance(one, httpx2.Response | Exception) or callable(one)


@dataclass
class Desk:
    """One process's accounts in front of a recorded Zoom."""

    accounts: ZoomAccounts
    zoom: RecordedZoom
    machine: Moment
    conference: Moment
    slept: list[float]

    @property
    def client(self) -> ZoomClient:
        """That of the one account."""
        client = self.accounts.client(NAME)
        assert client is not None
        return client


def an_account(**changes: Any) -> ZoomAccount:
    """Of Zoom's own addresses, with secrets out of the samples."""
    usual = {"account_id": "25rIOd01-t6Ro88g0vcryG", "client_id": "fictClientId",
             "client_secret": SecretStr("fictClientSecret")}  # fmt: skip
    return ZoomAccount(**{**usual, **changes})


def a_desk(folder: Path, zoom: RecordedZoom | None = None, broker: BrokerAddress | None = None, **changes: Any) -> Desk:
    """A process with its files in `folder`. `changes` are those of the account."""
    zoom, slept = zoom or RecordedZoom(), list[float]()
    zoom.answers.setdefault(("POST", "/oauth/token"), [httpx2.Response(200, json=sample("oauth_token_response"))])
    machine, conference = Moment(), Moment()
    settings = Settings(var=folder, zoom_accounts={NAME: an_account(**changes)}, zoom_emulator="off", _env_file=None)
    outside = Outside(transport=zoom, sleep=slept.append)
    accounts = ZoomAccounts(settings, a_vault(), broker or nobody(folder), machine, conference, outside)
    return Desk(accounts, zoom, machine, conference, slept)
