"""How often one may try to log in: from one client, and to one account, wherever from.

Counted in the database, so that it holds for all processes of the web part together, and a restart forgets nothing.
"""

import math
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy.orm import Session

from adapters.database import tries
from adapters.database.tries import Allowed, Counted
from adapters.vault import Vault
from web.inbox import Inbox
from web.problems import Problem

log = structlog.get_logger(__name__)

_BY_CLIENT: Final = Allowed(10, timedelta(minutes=5))
_BY_NAME: Final = Allowed(10, timedelta(minutes=15))
"""Some thousand a day at most: of a million codes, three of which hold at once, with a password that is known."""
_LONGEST: Final = 64


class Tries:
    """Counts tries before they are judged: many at once would otherwise all be judged before the first is counted. An
    account that there is not is counted like one that there is."""

    def __init__(self, inbox: Inbox, vault: Vault) -> None:
        self._inbox, self._vault = inbox, vault

    async def take(self, client: str, name: str | None, now: datetime) -> None:
        """Count a try; `now` is the machine's time. `name`: None where another house judges whose account it is.

        Raises:
            Problem: 429 where there were too many; 503 where they cannot be counted.
        """
        wait = await self._inbox.write(partial(_taken, self._counted(client, name), now))
        if wait:
            log.warning("too many tries to log in to the monitor")
            raise Problem(429, "Too many tries. Please wait.", retry_after=math.ceil(wait.total_seconds()))

    async def give_back(self, client: str, name: str | None, now: datetime) -> None:
        """Take back a try that turned out well."""
        await self._inbox.write(partial(_given_back, self._counted(client, name), now))

    def _counted(self, client: str, name: str | None) -> Counted:
        by_client = {tries.key_of(self._vault, "client", client): _BY_CLIENT}
        return by_client if name is None else by_client | {
            tries.key_of(self._vault, "name", name[:_LONGEST]): _BY_NAME
        }  # fmt: skip


def _taken(counted: Counted, now: datetime, session: Session) -> timedelta:
    return tries.take(session, counted, now)


def _given_back(counted: Counted, now: datetime, session: Session) -> None:
    tries.give_back(session, counted, now)
