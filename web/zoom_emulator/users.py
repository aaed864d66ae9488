"""The hosts of an account: who they are, and which languages they can have interpreted."""

import json
import sqlite3

from web.zoom_emulator.accounts import EmulatedAccount
from web.zoom_emulator.links import new_id
from web.zoom_emulator.refusals import refusal
from web.zoom_emulator.work import Body, Work, from_timestamp, zoom_time

SYSTEM_LANGUAGES = {
    "English": "US", "Chinese": "CN", "Japanese": "JP", "German": "DE", "French": "FR", "Russian": "RU",
    "Portuguese": "PT", "Spanish": "ES", "Korean": "KR",
}  # fmt: skip
"""Those that every host has, with Zoom's older codes. All others are made in the portal: `custom_languages`."""

_TYPES = {"free": 1, "pro": 2, "business": 2}


def host_of(work: Work, account: str) -> sqlite3.Row:
    """The account's first user, made where there is none yet."""
    found = work.one("SELECT * FROM users WHERE account = ? ORDER BY row", account)
    return found or add(work, account, f"events.host@{account}.example.org")


def add(work: Work, account: str, email: str) -> sqlite3.Row:
    """A user of the account; the one who has this address, where there is one."""
    work.run(
        "INSERT INTO users (account, id, email, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        account, new_id(), email.lower(), work.now.timestamp(),
    )  # fmt: skip
    return find(work, account, email)


def find(work: Work, account: str, id_or_email: str) -> sqlite3.Row:
    """A user by id or address; `me` is the first. Raises Refusal (404) where there is none."""
    if id_or_email == "me":
        return host_of(work, account)
    row = work.one(
        "SELECT * FROM users WHERE account = ? AND (id = ? OR email = ?)", account, id_or_email, id_or_email.lower()
    )
    if row is None:
        raise refusal("user_missing", {"what": id_or_email})
    return row


def by_id(work: Work, user_id: str) -> sqlite3.Row:
    """The user of this id, who exists."""
    return work.rows("SELECT * FROM users WHERE id = ?", user_id)[0]


def languages(user: sqlite3.Row) -> set[str]:
    """The languages that this host can have interpreted."""
    return {*SYSTEM_LANGUAGES, *json.loads(user["languages"])}


def teach(work: Work, user: sqlite3.Row, names: set[str]) -> None:
    """Make custom languages for a host, as is done in the portal."""
    custom = sorted({*json.loads(user["languages"]), *names} - set(SYSTEM_LANGUAGES))
    work.run("UPDATE users SET languages = ? WHERE id = ?", json.dumps(custom), user["id"])


def body(user: sqlite3.Row, account: EmulatedAccount) -> Body:
    """As `GET /users` and `GET /users/{id}` show a user."""
    return {
        "id": user["id"], "first_name": "Events", "last_name": "Host", "display_name": "Events Host",
        "email": user["email"], "type": _TYPES[account.plan], "role_name": "Owner", "role_id": "0",
        "timezone": "Europe/Vienna", "verified": 1, "status": "active", "language": "en-US",
        "account_id": account.account_id, "created_at": zoom_time(from_timestamp(user["created_at"])),
    }  # fmt: skip


def settings(work: Work, user: sqlite3.Row, account: EmulatedAccount) -> Body:
    """As `GET /users/{id}/settings` shows them, reduced to what concerns events like ours."""
    return {
        "in_meeting": {
            "language_interpretation": {
                "enable": work.options.interpretation_allowed and account.plan != "free",
                "languages": list(SYSTEM_LANGUAGES),
                "custom_languages": json.loads(user["languages"]),
            },
            "sign_language_interpretation": {"enable": False, "languages": ["American"], "custom_languages": []},
        },
        "feature": {
            "meeting_capacity": work.options.meeting_capacity,
            "webinar": account.plan != "free",
            "webinar_capacity": work.options.webinar_capacity,
        },
    }
