"""Asking Zoom again by hand for registrants that are held or wait: for the command line, and for the monitor."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy.orm import Session

from adapters.database import registrants, zoom_events
from adapters.database.tables import RegistrantRow, ZoomEventRow
from adapters.toolbox import Toolbox
from adapters.vault import Vault
from workers.app import TEND_EVENT, enqueue_all

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 500
"""Ids in one question to the database, which takes 32 766 parameters."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of how many registrants, of which events, accounts and sessions; and why they had waited."""

    number: int = 0
    events: Sequence[str] = ()
    accounts: Sequence[str] = ()
    sessions: Sequence[str] = field(default=())
    reasons: Sequence[str] = field(default=())


def free(
    session: Session, found: Sequence[tuple[RegistrantRow, ZoomEventRow]], *, by_name: Vault | None = None
) -> Asked:
    """Let these be asked for now, whatever they waited for; with a vault under their own names, which the secretariat
    has spoken with them about."""
    reasons = sorted({why for row, event in found if (why := row.reason or event.reason)})
    ids, events = [row.id for row, _ in found], sorted({event.id for _, event in found})
    number = sum(
        registrants.free(session, some) if by_name is None else registrants.by_name(session, by_name, some)
        for some in portions(ids)
    )
    zoom_events.try_now(session, events)
    accounts = sorted({event.account for _, event in found if event.account})
    return Asked(number, events, accounts, sorted({event.session for _, event in found}), reasons)


def go(toolbox: Toolbox, asked: Asked) -> None:
    """Once that is committed: forget that Zoom had refused us, and hand the events over."""
    for client in filter(None, map(toolbox.zoom.client, asked.accounts)):
        client.ask_again()
    enqueue_all(TEND_EVENT, [(one,) for one in asked.events])
    log.warning("registrants asked for again by hand", count=asked.number)


def portions(ids: Sequence[str]) -> Sequence[Sequence[str]]:
    """So many at once as the database takes."""
    return [ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE)]
