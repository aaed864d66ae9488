"""A web part with everything it works with, and a client that knocks at its doors."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from adapters.broker.embedded import EmbeddedBroker
from adapters.database import admins
from adapters.database.engine import Database
from adapters.database.programmes import Shelf, put_in_force
from adapters.database.schema import migrate
from adapters.database.tables import AdminRow
from adapters.journal import Journals
from adapters.smtp import Postman
from adapters.toolbox import Toolbox, broker_of
from adapters.vault import Vault, new_key_ring
from adapters.zoom.accounts import ZoomAccounts
from cli.hands import hands_of
from config.settings import Settings, load_settings
from schemas.role import Role
from tests.web.street import CONFERENCE, NOW, PASSWORD, ROTATED, SECRET
from web.app import create_app

HOME = "http://convenor.example.org"
FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class StandingClock:
    """A clock that stands until it is put forward."""

    moment: datetime = NOW
    machine: datetime = NOW
    rehearsing: bool = False

    def now(self) -> datetime:
        """The conference's time."""
        return self.moment.astimezone(UTC)

    def machine_now(self) -> datetime:
        """The machine's time."""
        return self.machine.astimezone(UTC)


class Door:
    """A client of a web part: it knocks, and is answered. Cookies are kept, redirects not followed."""

    def __init__(self, app: Starlette, client: tuple[str, int], home: str = HOME) -> None:
        self._runner = asyncio.Runner()
        self._street = httpx2.ASGITransport(app=app, client=client)
        self._http = httpx2.AsyncClient(transport=self._street, base_url=home, headers={"origin": home})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _one: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()

    def come_from(self, host: str) -> None:
        """Knock from another address from now on."""
        self._street.client = (host, 50000)

    @property
    def cookies(self) -> httpx2.Cookies:
        """What the browser keeps."""
        return self._http.cookies

    def keep(self, name: str, value: str) -> None:
        """Let the browser keep a cookie of this house."""
        self._http.cookies.set(name, value, domain="convenor.example.org", path="/")

    def at_once(self, address: str, times: int, data: dict[str, str]) -> list[httpx2.Response]:
        """The answers to a form that is posted several times, all before the first is answered."""

        async def all_posted() -> list[httpx2.Response]:
            return list(await asyncio.gather(*(self._http.post(address, data=data) for _ in range(times))))

        return self._runner.run(all_posted())

    def request(self, method: str, address: str, **said: Any) -> httpx2.Response:
        """The answer to one request."""
        return self._runner.run(self._http.request(method, address, **said))

    def get(self, address: str, **said: Any) -> httpx2.Response:
        """The answer to a GET."""
        return self.request("GET", address, **said)

    def post(self, address: str, **said: Any) -> httpx2.Response:
        """The answer to a POST."""
        return self.request("POST", address, **said)


@dataclass
class House:
    """The web part and what stands around it."""

    toolbox: Toolbox
    clock: StandingClock
    queued: list[tuple[str, str]] = field(default_factory=list)

    def set(self, **changes: object) -> None:
        """Change settings, for doors that are opened from now on."""
        known = self.toolbox.settings.model_dump(exclude_unset=True)
        self.toolbox = replace(self.toolbox, settings=load_settings(**(known | changes)))

    def door(self) -> Door:
        """A client of a web part of its own."""
        app = create_app(
            self.toolbox,
            lambda task, *ids: self.queued.extend((task, one) for one in ids),
            hands_of(self.toolbox),
        )
        return Door(app, ("192.0.2.7", 50000))


def an_account(session: Session, name: str, role: Role, *, without_totp: bool = True) -> AdminRow:
    """Somebody who logs in with PASSWORD; it is kept in a way that is fast to check, and good for nothing else."""
    made = admins.create(session, name=name, role=role, password_hash=FAST.hash(PASSWORD), without_totp=without_totp,
                         now=NOW)  # fmt: skip
    assert made is not None
    return made


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings with secrets for both sources, one of them being rotated."""
    return load_settings(
        var=tmp_path / "var",
        database_url=database_url,
        public_url=HOME,
        redis_url=f"unix://{tmp_path}/no-broker",
        mail_from="Secretariat <secretariat@example.org>",
        hook_secrets={"standard": [SECRET, ROTATED], "google-forms": ROTATED, "rivers-2026/google-forms": SECRET},
    )  # fmt: skip


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """The house, with one conference in force, and one admin."""
    clock, vault, database = StandingClock(), Vault(new_key_ring()), Database(settings.database_url)
    broker = broker_of(settings)
    toolbox = Toolbox(
        settings=settings, broker=broker, clock=clock, database=database, vault=vault, shelf=Shelf(),
        zoom=ZoomAccounts(settings, vault, broker, clock.machine_now, clock.now),
        postman=Postman(settings.smtp, 1.0), journals=Journals(settings.var / "journal"),
    )  # fmt: skip
    migrate(database)
    with database.write() as session:
        put_in_force(session, CONFERENCE, "example.org", NOW)
        an_account(session, "admin", "admin")
    yield House(toolbox, clock)
    toolbox.close()


@pytest.fixture
def door(house: House) -> Iterator[Door]:
    """A client."""
    with house.door() as door:
        yield door


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A real broker."""
    broker = EmbeddedBroker(tmp_path / "broker")
    broker.start()
    broker.wait_ready()
    yield broker
    broker.stop()
