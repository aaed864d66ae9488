"""The emulated Zoom without a socket, with clocks that are set by hand and an app that calls its API."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2

from schemas.zoom import EventKind
from tests.servers.zoom import an_account
from tests.web.conftest import Door
from web.zoom_emulator.accounts import EmulatedAccount
from web.zoom_emulator.app import create_emulator
from web.zoom_emulator.emulator import Emulator
from web.zoom_emulator.faults import Fault

HERE = "http://127.0.0.1:8080"
BASE = f"{HERE}/zoom-emulator"
START = "2026-10-22T12:00:00Z"
OLGA: dict[str, Any] = {"first_name": "Olga", "last_name": "Petrenko", "email": "olga@mission.example.org"}


@dataclass
class Moment:
    """A clock that is set by hand."""

    at: datetime = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


@dataclass
class Lab:
    """An emulator, its two clocks, and one account's app."""

    emulator: Emulator
    clock: Moment
    machine: Moment
    door: Door
    account: EmulatedAccount
    token: str = ""

    def ask(self, method: str, path: str, **said: Any) -> httpx2.Response:
        """Turn to the emulator, from this machine."""
        return self.door.request(method, f"{HERE}{path}", **said)

    def ask_token(self, account: EmulatedAccount | None = None, **changes: str) -> httpx2.Response:
        """The answer of the token endpoint."""
        one = account or self.account
        said = {"grant_type": "account_credentials", "account_id": one.account_id, **changes}
        return self.ask("POST", "/oauth/token", params=said, auth=(one.client_id, one.client_secret))

    def call(self, method: str, path: str, said: Any = None, **query: Any) -> httpx2.Response:
        """Call the API, with the token that was got first."""
        self.token = self.token or self.ask_token().json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.ask(method, f"/v2{path}", json=said, params=query, headers=headers)

    def event(self, kind: EventKind = "webinar", **settings: Any) -> int:
        """An event on 22 October 2026 at noon UTC, at which people can register."""
        return self.emulator.create(
            self.account.name, kind,
            {"topic": "Rivers across borders", "start_time": START, "duration": 75,
             "settings": {"approval_type": 0, **settings}},
        )  # fmt: skip

    def add(self, number: int, kind: EventKind = "webinar", **changes: Any) -> httpx2.Response:
        """Add Olga, or somebody like her."""
        return self.call("POST", f"/{kind}s/{number}/registrants", {**OLGA, **changes})

    def statuses(self, number: int) -> dict[str, str]:
        """Each address with its status."""
        return {one["email"]: one["status"] for one in self.emulator.registrants(number)}

    def inject(self, **fault: Any) -> int:
        """Let a fault wait for its calls."""
        return self.emulator.inject(Fault(**fault))

    def told(self) -> list[dict[str, Any]]:
        """The bodies of all notifications, in their order."""
        return [json.loads(one["body"]) for one in self.emulator.notifications()]

    def deliver(self) -> int:
        """Send what is due."""
        return anyio.run(self.emulator.deliver_due)


@contextmanager
def a_lab(folder: Path, *accounts: EmulatedAccount, **options: Any) -> Iterator[Lab]:
    """With one account, `osce-org`, where none is given; the first one's app calls."""
    known = {one.name: one for one in accounts or (an_account("osce-org"),)}
    clock, machine = Moment(), Moment()
    emulator = Emulator(folder, BASE, accounts=known, now=clock, machine_now=machine)
    emulator.configure(**options)
    try:
        with Door(create_emulator(emulator), ("127.0.0.1", 50000), HERE) as door:
            yield Lab(emulator, clock, machine, door, next(iter(known.values())))
    finally:
        emulator.close()


def refused(answer: httpx2.Response) -> tuple[int, int]:
    """HTTP status and Zoom's code."""
    return answer.status_code, answer.json()["code"]
