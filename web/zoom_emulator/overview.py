"""What the emulated Zoom holds, in numbers: nothing in it says who registered."""

import json
import sqlite3
from collections.abc import Mapping

from web.zoom_emulator import calls, faults
from web.zoom_emulator.accounts import Accounts, EmulatedAccount, find
from web.zoom_emulator.links import registration_url
from web.zoom_emulator.work import Body, Work, zoom_time

_LATEST = 200


def overview(work: Work, known: Accounts) -> Body:
    """Everything that the admin shows."""
    return {
        "now": zoom_time(work.now),
        "options": work.options.model_dump(),
        "accounts": [_account(work, one) for one in subscribers(work, known)],
        "events": [_event(work, row) for row in work.rows("SELECT * FROM events ORDER BY row")],
        "faults": [
            {"id": fault_id, **fault.model_dump(), "matched": matched, "applied": applied}
            for fault_id, fault, matched, applied in faults.waiting(work)
        ],
        "notifications": _counts(work, "SELECT state, count(*) FROM notifications GROUP BY state"),
        "counts": calls.counted(work),
        "calls": calls.latest(work, _LATEST),
    }


def subscribers(work: Work, known: Accounts) -> list[EmulatedAccount]:
    """The accounts that there are; where any name has one, those that have hosts."""
    if isinstance(known, Mapping):
        return list(known.values())
    names = work.rows("SELECT DISTINCT account FROM users")
    return [one for row in names if (one := find(known, row["account"])) is not None]


def _account(work: Work, account: EmulatedAccount) -> Body:
    row = work.one("SELECT * FROM subscriptions WHERE account = ?", account.name)
    proven = {"valid": bool(row and row["valid"]), "failures": row["failures"] if row else 0}
    return {"name": account.name, "plan": account.plan, "url": account.webhook_url, **proven}


def _event(work: Work, row: sqlite3.Row) -> Body:
    details = json.loads(row["details"])
    statuses = _counts(work, "SELECT status, count(*) FROM registrants WHERE number = ? GROUP BY status", row["number"])
    return {
        "account": row["account"], "kind": row["kind"], "number": row["number"], "topic": details["topic"],
        "start_time": details.get("start_time"), "state": row["state"],
        "page": registration_url(work.base_url, row["kind"], row["token"]),
        **{status: statuses.get(status, 0) for status in ("approved", "pending", "denied")},
    }  # fmt: skip


def _counts(work: Work, sql: str, *values: object) -> dict[str, int]:
    return {row[0]: row[1] for row in work.rows(sql, *values)}
