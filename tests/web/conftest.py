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
from starlette.applications import Starlette

from adapters.broker.embedded import EmbeddedBroker
from adapters.database.engine import Database
from adapters.database.programmes import Shelf, put_in_force
from adapters.database.schema import migrate
from adapters.journal import Journals
from adapters.smtp import Postman
from adapters.toolbox import Toolbox, broker_of
from adapters.vault import Vault, new_key_ring
from adapters.zoom.accounts import ZoomAccounts
from cli.hands import hands_of
from config.settings import Settings, load_settings
from tests.web.street import CONFERENCE, NOW, PASSWORD, ROTATED, SECRET
from web.app import create_app


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

    def __init__(self, app: Starlette, client: tuple[str, int]) -> None:
        self._runner = asyncio.Runner()
        self._street = httpx2.ASGITransport(app=app, client=client)
        self._http = httpx2.AsyncClient(transport=self._street, base_url="http://convenor.example.org")

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


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings with secrets for both sources, one of them being rotated, and an admin."""
    return load_settings(
        var=tmp_path / "var",
        database_url=database_url,
        public_url="http://convenor.example.org",
        redis_url=f"unix://{tmp_path}/no-broker",
        mail_from="Secretariat <secretariat@example.org>",
        hook_secrets={"standard": [SECRET, ROTATED], "google-forms": ROTATED, "rivers-2026/google-forms": SECRET},
        admin_password_hash=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD),
    )  # fmt: skip


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """The house, with one conference in force."""
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
