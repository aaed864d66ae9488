"""Lists in pages: each page's token ends after fifteen minutes of the time that events live in."""

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from web.zoom_emulator.refusals import invalid, refusal
from web.zoom_emulator.work import Body, Work

_LIFE = 15 * 60
_MOST = 300
_USUAL = 30


class Page(NamedTuple):
    """The rows of one page, and what its answer says beside them."""

    rows: Sequence[sqlite3.Row]
    head: Body


def page(work: Work, query: Mapping[str, str], sql: str, *values: object) -> Page:
    """A page of the rows that `sql` selects; they have `row`, a number that rises.

    Raises Refusal (300) for a page size over 300, and for a token that has ended or belongs to another list.
    """
    size = query.get("page_size") or str(_USUAL)
    if not size.isdecimal() or not 1 <= int(size) <= _MOST:
        raise invalid("page_size")
    what = f"{sql}{values}"
    after = _after(work, query.get("next_page_token", ""), what)
    every = work.rows(f"{sql} ORDER BY row", *values)
    rest = [row for row in every if row["row"] > after]
    rows = rest[: int(size)]
    following = _token(work, what, rows[-1]["row"]) if len(rest) > len(rows) else ""
    head = {
        "page_size": int(size), "page_count": -(-len(every) // int(size)), "page_number": 1,
        "total_records": len(every), "next_page_token": following,
    }  # fmt: skip
    return Page(rows, head)


def _after(work: Work, token: str, what: str) -> int:
    if not token:
        return 0
    found = work.one("SELECT * FROM page_tokens WHERE token = ?", token)
    if found is None or found["what"] != what or found["expires_at"] <= work.now.timestamp():
        raise refusal("page_token_invalid")
    return int(found["after"])


def _token(work: Work, what: str, after: int) -> str:
    token = secrets.token_urlsafe(24)
    work.run("DELETE FROM page_tokens WHERE expires_at < ?", work.now.timestamp())
    work.run("INSERT INTO page_tokens VALUES (?, ?, ?, ?)", token, what, after, work.now.timestamp() + _LIFE)
    return token
