"""Notifications on their way to an app: signed, repeated after 5, 20 and 60 minutes, given up after that.

Whoever wants them must prove that they know the secret, at the beginning and every 72 hours: until then they wait.
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import NoReturn

import anyio
import httpx2
import structlog
from anyio.to_thread import run_sync

from web.zoom_emulator import accounts
from web.zoom_emulator.accounts import Accounts, EmulatedAccount
from web.zoom_emulator.calls import new_tracking_id
from web.zoom_emulator.notifications import pending
from web.zoom_emulator.overview import subscribers
from web.zoom_emulator.work import Working, compact

log = structlog.get_logger(__name__)

PATIENCE = 3.0
"""Seconds within which an answer counts."""

_WAITS = (5 * 60, 20 * 60, 60 * 60)
_REVALIDATION = 72 * 3600
_AGAIN = 3600
_LEASE = 30
_ROUNDS_EVERY = 0.2
_GOOD = (200, 204)


@cache
def _authorities() -> ssl.SSLContext:
    """Read from disk once: it takes 20 ms, in which the web part does nothing else."""
    return httpx2.create_ssl_context(trust_env=False)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`x-zm-signature` of a body."""
    signed = f"v0:{timestamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Courier:
    """Brings notifications to those who are subscribed. Several at once do no harm."""

    def __init__(
        self, working: Working, known: Accounts, now: Callable[[], datetime], machine_now: Callable[[], datetime]
    ) -> None:
        self._working = working
        self._accounts = known
        self._now = now
        self._machine_now = machine_now

    async def deliver_due(self) -> int:
        """Send what is due now, each once, one after the other; how many were tried."""
        async with httpx2.AsyncClient(verify=_authorities(), trust_env=False, timeout=PATIENCE) as client:
            for account in await run_sync(self._to_validate):
                await self._validate(client, account)
            due = await run_sync(self._due)
            tried = [await self._deliver(client, row) for row in due]
        return sum(tried)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver for as long as this is open."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._rounds)
            yield
            group.cancel_scope.cancel()

    async def _rounds(self) -> NoReturn:
        while True:
            try:
                await self.deliver_due()
            except sqlite3.OperationalError:
                log.exception("notifications of the emulated Zoom wait for its file")
            await anyio.sleep(_ROUNDS_EVERY)

    def _due(self) -> list[sqlite3.Row]:
        with self._working() as work:
            return [] if work.options.paused else pending(work)

    async def _deliver(self, client: httpx2.AsyncClient, row: sqlite3.Row) -> bool:
        account = accounts.find(self._accounts, row["account"])
        if account is None or account.webhook_url is None:
            return False
        timestamp = await run_sync(self._claim, row["row"])
        if timestamp is None:
            return False
        answer = await _post(client, account, row["body"].encode(), timestamp)
        await run_sync(self._settle, row, None if answer is None else answer.status_code)
        return True

    def _claim(self, row: int) -> int | None:
        """The time that stands in its signature; None where somebody else has it."""
        with self._working() as work:
            machine_now = work.machine_now.timestamp()
            claimed = work.run(
                "UPDATE notifications SET claimed_until = ?1 + ?2, signed_at = CASE WHEN ?3 OR signed_at IS NULL "
                "THEN ?4 ELSE signed_at END WHERE row = ?5 AND state = 'planned' AND coalesce(claimed_until, 0) < ?1",
                machine_now, _LEASE, work.options.renew_timestamp, int(machine_now), row,
            )  # fmt: skip
            return work.number("SELECT signed_at FROM notifications WHERE row = ?", row) if claimed else None

    def _settle(self, row: sqlite3.Row, status: int | None) -> None:
        attempts = row["attempts"] + 1
        with self._working() as work:
            state, due_at = "delivered", row["due_at"]
            if status not in _GOOD:
                log.info("a notification was not taken", account=row["account"], status=status, attempt=attempts)
                state = "planned" if attempts <= len(_WAITS) else "dropped"
                due_at = work.now.timestamp() + (*_WAITS, 0)[attempts - 1]
            work.run(
                "UPDATE notifications SET state = ?, attempts = ?, due_at = ?, claimed_until = NULL, answers = ? "
                "WHERE row = ?",
                state, attempts, due_at, compact([*json.loads(row["answers"]), status]), row["row"],
            )  # fmt: skip

    def _to_validate(self) -> list[EmulatedAccount]:
        """Accounts whose address is new, or has not proved itself for 72 hours."""
        with self._working() as work:
            subscribed = [one for one in subscribers(work, self._accounts) if one.webhook_url is not None]
            for one in subscribed:
                work.run(
                    "INSERT INTO subscriptions (account, url, due_at) VALUES (?1, ?2, 0) ON CONFLICT (account) "
                    "DO UPDATE SET url = ?2, due_at = 0, valid = 0 WHERE url != ?2",
                    one.name, one.webhook_url,
                )  # fmt: skip
            due = work.rows("SELECT account FROM subscriptions WHERE due_at <= ?", work.now.timestamp())
            names = {row["account"] for row in due}
            return [one for one in subscribed if one.name in names]

    async def _validate(self, client: httpx2.AsyncClient, account: EmulatedAccount) -> None:
        plain = secrets.token_urlsafe(16)
        happened = round(self._now().timestamp() * 1000)
        body = {"event": "endpoint.url_validation", "event_ts": happened, "payload": {"plainToken": plain}}
        timestamp = int(self._machine_now().timestamp())
        answer = await _post(client, account, compact(body).encode(), timestamp)
        await run_sync(self._validated, account.name, _proves(answer, plain, account.webhook_secret))

    def _validated(self, account: str, proven: bool) -> None:
        """A first proof is asked for again at once, a repeated one after an hour."""
        with self._working() as work:
            now = work.now.timestamp()
            if proven:
                work.run(
                    "UPDATE subscriptions SET valid = 1, failures = 0, due_at = ? WHERE account = ?",
                    now + _REVALIDATION, account,
                )  # fmt: skip
                return
            log.info("an address did not prove that it knows the secret", account=account)
            work.run(
                "UPDATE subscriptions SET due_at = CASE WHEN valid THEN ? ELSE due_at END, valid = 0, "
                "failures = failures + 1 WHERE account = ?",
                now + _AGAIN, account,
            )  # fmt: skip


async def _post(
    client: httpx2.AsyncClient, account: EmulatedAccount, body: bytes, timestamp: int
) -> httpx2.Response | None:
    """The answer; None where there was none in time."""
    headers = {
        "content-type": "application/json; charset=utf-8", "x-zm-request-timestamp": str(timestamp),
        "x-zm-signature": signature(account.webhook_secret, timestamp, body), "x-zm-trackingid": new_tracking_id(),
    }  # fmt: skip
    try:
        with anyio.fail_after(PATIENCE):
            return await client.post(account.webhook_url or "", content=body, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError):
        return None


def _proves(answer: httpx2.Response | None, plain: str, secret: str) -> bool:
    if answer is None or answer.status_code != 200:
        return False
    try:
        said = answer.json()
    except ValueError:
        return False
    expected = hmac.new(secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
    return bool(said == {"plainToken": plain, "encryptedToken": expected})
