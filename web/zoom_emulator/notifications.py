"""What Zoom tells an app about: each event as a row with its body, written in the transaction that makes it true."""

import sqlite3
from typing import Any

from web.zoom_emulator.accounts import EmulatedAccount
from web.zoom_emulator.links import derived
from web.zoom_emulator.work import Body, Work, compact

_STRING_IDS = ("started", "ended", "participant_joined", "participant_left")
"""Events whose `object.id` is mostly a text."""


def announce(work: Work, account: EmulatedAccount, event: str, payload: Body) -> None:
    """Write a notification of the account, in the envelope that all have."""
    _numbered(payload, event, work.options.ids)
    said = {"account_id": account.account_id, **payload}
    post(work, account, event, {"event": event, "event_ts": milliseconds(work), "payload": said})


def post(work: Work, account: EmulatedAccount, event: str, body: Body) -> None:
    """Write a body, to be sent at once; as often as the options say, or as one that is lost."""
    chance = work.chance("notification", work.number("SELECT max(row) FROM notifications"))
    state = "unsubscribed" if account.webhook_url is None else "planned"
    if state == "planned" and chance.randrange(100) < work.options.loss:
        state = "lost"
    for _ in range(2 if chance.randrange(100) < work.options.duplicates else 1):
        work.run(
            "INSERT INTO notifications (account, event, body, state, due_at) VALUES (?, ?, ?, ?, ?)",
            account.name, event, compact(body), state, work.now.timestamp(),
        )  # fmt: skip


def operator(account: EmulatedAccount) -> Body:
    """Who did it: the app's owner."""
    return {
        "operator": f"events.admin@{account.name}.example.org",
        "operator_id": derived("webinar", "operator", account.name).token[3:],
    }


def milliseconds(work: Work) -> int:
    """`event_ts`."""
    return round(work.now.timestamp() * 1000)


def pending(work: Work) -> list[sqlite3.Row]:
    """What is due and may be sent, in the order in which it happened, or in another where that is asked for."""
    due = work.rows(
        "SELECT * FROM notifications WHERE state = 'planned' AND due_at <= ? AND coalesce(claimed_until, 0) < ? "
        "AND account IN (SELECT account FROM subscriptions WHERE valid) ORDER BY row LIMIT 200",
        work.now.timestamp(), work.machine_now.timestamp(),
    )  # fmt: skip
    if work.options.reorder and due:
        work.chance("order", due[-1]["row"]).shuffle(due)
    return due


def _numbered(payload: Body, event: str, ids: str) -> None:
    """Give events' numbers as numbers or as texts."""
    texts = ids == "string" or (ids == "documented" and event.partition(".")[2] in _STRING_IDS)
    for part in ("object", "old_object"):
        holder: Any = payload.get(part)
        if isinstance(holder, dict) and "id" in holder:
            holder["id"] = str(holder["id"]) if texts else int(holder["id"])
