"""The emulated Zoom as a whole: what the outside may do with it beside calling its API."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from schemas.programme import Conference
from web.zoom_emulator import accounts, calls, events, faults, registrants, seeding
from web.zoom_emulator.accounts import Accounts, EmulatedAccount
from web.zoom_emulator.faults import Fault
from web.zoom_emulator.options import Options
from web.zoom_emulator.store import Store
from web.zoom_emulator.work import Body, Work


class Emulator:
    """Zoom's API, its web pages and its notifications, with what they know in `folder`.

    `base_url`: where it is reached, as `http://127.0.0.1:8080/zoom-emulator`. `accounts`: its accounts, by name or id.
    `now`: the time (UTC, aware) that events live in, may be a rehearsal's; `machine_now`: that of tokens, of calls
    per second and of signatures, the machine's own.
    """

    def __init__(
        self, folder: Path, base_url: str, *, accounts: Accounts, now: Callable[[], datetime],
        machine_now: Callable[[], datetime] | None = None,
    ) -> None:  # fmt: skip
        self.base_url = base_url.rstrip("/")
        self.accounts = accounts
        self.now = now
        self.machine_now = machine_now or now
        self._store = Store(folder)

    def close(self) -> None:
        """Close its file."""
        self._store.close()

    @contextmanager
    def working(self) -> Iterator[Work]:
        """A transaction on what it knows."""
        with self._store.transaction() as db:
            row = db.execute("SELECT chosen FROM options").fetchone()
            options = Options.model_validate_json(row["chosen"]) if row else Options()
            yield Work(db, self.now(), self.machine_now(), options, self.base_url)

    def account(self, name: str) -> EmulatedAccount:
        """The account of this name. Raises LookupError where there is none."""
        found = accounts.find(self.accounts, name)
        if found is None:
            raise LookupError("the emulated Zoom has no such account")
        return found

    def configure(self, **changes: object) -> Options:
        """Choose options; those not named stay. Raises pydantic's ValidationError."""
        with self.working() as work:
            chosen = Options.model_validate({**work.options.model_dump(), **changes})
            work.run("INSERT OR REPLACE INTO options VALUES (1, ?)", chosen.model_dump_json())
        return chosen

    def seed(self, account: str, conference: Conference) -> dict[str, int]:
        """The conference's events on this account, made once; their numbers by session."""
        with self.working() as work:
            return seeding.seed(work, self.account(account), conference)

    def inject(self, fault: Fault) -> int:
        """Let a fault wait for its calls; its id."""
        with self.working() as work:
            return faults.inject(work, fault)

    def clear_faults(self, fault_id: int | None = None) -> None:
        """Take back a fault, or all."""
        with self.working() as work:
            faults.clear(work, fault_id)

    def expire_tokens(self, account: str | None = None) -> None:
        """End the tokens of an account, or of all."""
        with self.working() as work:
            accounts.expire_tokens(work, account)

    def registrants(self, number: int, *statuses: str) -> list[Body]:
        """The registrants of an event as lists show them; of these statuses, or of all."""
        with self.working() as work:
            event = events.by_number(work, number)
            rows = work.rows("SELECT * FROM registrants WHERE number = ? ORDER BY row", number)
            return [registrants.body(work, event, row) for row in rows if row["status"] in (statuses or row["status"])]

    def event(self, number: int) -> Body:
        """An event as GET shows it."""
        with self.working() as work:
            return events.body(work, events.by_number(work, number))

    def calls(self, most: int = 1000) -> list[Body]:
        """The latest calls, the newest first."""
        with self.working() as work:
            return calls.latest(work, most)

    def registered_by_link(self, number: str, tk: str) -> sqlite3.Row | None:
        """Whose personal link this is."""
        with self.working() as work:
            return registrants.with_link(work, int(number), tk) if number.isdecimal() else None
