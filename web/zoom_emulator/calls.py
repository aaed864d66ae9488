"""The journal of calls: which, of whom, how answered. It says nothing of people."""

import secrets
import sqlite3
from typing import TYPE_CHECKING

from web.zoom_emulator.work import Body, Work, from_timestamp, zoom_time

if TYPE_CHECKING:
    from web.zoom_emulator.endpoints import Endpoint
    from web.zoom_emulator.faults import Answer, Fault

_KEPT = 20_000


def new_tracking_id() -> str:
    """`x-zm-trackingid`."""
    return f"v=2.0;clid=emulated;rid=WEB_{secrets.token_hex(16)}"


def note(
    work: Work, endpoint: "Endpoint", account: str | None, event: int | None, answer: "Answer",
    fault: "Fault | None", tracking_id: str,
) -> None:  # fmt: skip
    """Write a call down; the oldest are forgotten."""
    work.run(
        "INSERT INTO calls (at, account, endpoint, kind, event, status, code, fault, tracking_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        work.now.timestamp(), account, endpoint.name, endpoint.kind if event else None, event,
        None if answer.dropped else answer.status, answer.code, fault.kind if fault else None, tracking_id,
    )  # fmt: skip
    work.run("DELETE FROM calls WHERE row <= (SELECT max(row) FROM calls) - ?", _KEPT)


def latest(work: Work, most: int) -> list[Body]:
    """The latest calls, the newest first."""
    return [_shown(row) for row in work.rows("SELECT * FROM calls ORDER BY row DESC LIMIT ?", most)]


def counted(work: Work) -> dict[str, dict[str, int]]:
    """How often each call was answered with each status; `dropped` where with none."""
    found: dict[str, dict[str, int]] = {}
    for row in work.rows("SELECT endpoint, status, count(*) AS times FROM calls GROUP BY endpoint, status"):
        found.setdefault(row["endpoint"], {})[str(row["status"] or "dropped")] = row["times"]
    return found


def _shown(row: sqlite3.Row) -> Body:
    shown = {name: row[name] for name in row.keys() if name not in {"row", "at"}}  # noqa: SIM118 - not a dict
    return {"at": zoom_time(from_timestamp(row["at"])), **shown}
