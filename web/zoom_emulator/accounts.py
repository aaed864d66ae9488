"""The emulated accounts, each with a Server-to-Server OAuth app, and the tokens that the app was given."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from web.zoom_emulator.work import Work

Plan = Literal["free", "pro", "business"]


@dataclass(frozen=True, slots=True)
class EmulatedAccount:
    """An account, its app, and where its events are posted to (`webhook_url`; None: to nobody).

    `scopes`: those that the app was given, in their granular form; None: all that there are.
    """

    name: str
    account_id: str
    client_id: str
    client_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    webhook_url: str | None = None
    plan: Plan = "pro"
    scopes: tuple[str, ...] | None = None


Accounts = Callable[[str], EmulatedAccount | None] | Mapping[str, EmulatedAccount]
"""Finds an account by its name or by its account id; or all there are, by name."""


def find(accounts: Accounts, name_or_id: str) -> EmulatedAccount | None:
    """The account of this name or this account id."""
    if not isinstance(accounts, Mapping):
        return accounts(name_or_id)
    by_id = (one for one in accounts.values() if one.account_id == name_or_id)
    return accounts.get(name_or_id) or next(by_id, None)


def issue_token(work: Work, account: str) -> str:
    """A new token beside those that are still valid. It ends by the machine's time, as `expires_in` promises."""
    token = f"eyJ{secrets.token_urlsafe(60)}"
    ends = work.machine_now.timestamp() + work.options.token_seconds
    work.run("DELETE FROM tokens WHERE expires_at < ?", work.machine_now.timestamp() - 86_400)
    work.run("INSERT INTO tokens VALUES (?, ?, ?)", token, account, ends)
    return token


def expire_tokens(work: Work, account: str | None = None) -> None:
    """End every token of an account, or of all: each answers 401 from now on, as an expired one does."""
    work.run("UPDATE tokens SET expires_at = 0 WHERE ? IS NULL OR account = ?", account, account)
