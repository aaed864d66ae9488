"""The Zoom accounts that this process can work with: those of the settings, or the emulator's, who knows every name."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx2
from pydantic import SecretStr

from adapters.broker.address import BrokerAddress
from adapters.vault import Vault
from adapters.zoom.budget import Budget, BudgetBook
from adapters.zoom.client import ZoomClient
from adapters.zoom.line import Line
from adapters.zoom.token_file import SealedFile
from adapters.zoom.tokens import Tokens, hashed, opaque
from adapters.zoom.wire import connections
from config.settings import Settings, ZoomAccount


@dataclass(frozen=True, slots=True)
class Outside:
    """What tests hand in: another transport than the network, another way to wait, another limit per person and day."""

    transport: httpx2.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    additions_per_day: int = 3


class ZoomAccounts:
    """Clients by account name, one each, made when they are asked for. Make it after forking."""

    def __init__(
        self, settings: Settings, vault: Vault, broker: BrokerAddress, machine_now: Callable[[], datetime],
        now: Callable[[], datetime], outside: Outside | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._vault = vault
        self._machine_now = machine_now
        self._now = now
        self._outside = outside or Outside()
        self._book = BudgetBook(broker)
        self._clients: dict[str, ZoomClient] = {}

    def account(self, name: str) -> ZoomAccount | None:
        """The account of this name as it is worked with; None where there is none."""
        if self._settings.emulates_zoom:
            return self._emulated(name)
        return self._settings.zoom_accounts.get(name)

    def known(self) -> tuple[str, ...]:
        """The names that the settings know. The emulator knows every other, too."""
        return tuple(self._settings.zoom_accounts)

    def client(self, name: str) -> ZoomClient | None:
        """The client of an account; None where there is no such account."""
        if name not in self._clients and (account := self.account(name)) is not None:
            self._clients[name] = self._built(name, account)
        return self._clients.get(name)

    def webhook_secret(self, name: str) -> bytes | None:
        """The secret token with which an account's events are signed; None where it is not known."""
        account = self.account(name)
        if account is None or account.webhook_secret is None:
            return None
        return account.webhook_secret.get_secret_value().encode()

    def close(self) -> None:
        """Close what is open."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._book.close()

    def _emulated(self, name: str) -> ZoomAccount:
        here = f"{self._settings.own_address}/zoom-emulator"
        secret = SecretStr(self._vault.signing_key(f"zoom-emulator/{name}").hex())
        return ZoomAccount(
            account_id=name, client_id="emulator", client_secret=secret, webhook_secret=secret,
            oauth_url=f"{here}/oauth/token", api_url=f"{here}/v2", plan="business",
        )  # fmt: skip

    def _built(self, name: str, account: ZoomAccount) -> ZoomClient:
        outside = self._outside
        http = connections(outside.transport)
        tokens = Tokens(
            name,
            account,
            http,
            SealedFile(self._settings.var / "zoom", opaque(account), self._vault),
            self._machine_now,
        )
        budget = Budget(
            self._book, hashed(account.account_id), account.plan, self._now, additions_per_day=outside.additions_per_day
        )
        line = Line(name, http, tokens, budget, self._machine_now, outside.sleep, self._now)
        return ZoomClient(line, tokens, budget, account.hosts, http.close)
