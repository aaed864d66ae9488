"""The emulated Zoom as a whole: what the outside may do with it beside calling its API."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from schemas.programme import Conference
from schemas.zoom import EventKind
from web.zoom_emulator import accounts, calls, events, faults, hosting, overview, registrants, seeding, users
from web.zoom_emulator.accounts import Accounts, EmulatedAccount
from web.zoom_emulator.delivery import Courier
from web.zoom_emulator.faults import Fault
from web.zoom_emulator.options import Options
from web.zoom_emulator.store import Store
from web.zoom_emulator.work import Body, Work, compact


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
        self._courier = Courier(self.working, accounts, now, self.machine_now)

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

    def forget(
        self, *, fault: int | None = None, faults: bool = False, calls: bool = False, counters: bool = False,
        notifications: bool = False,
    ) -> None:  # fmt: skip
        """Forget one fault, all faults, the journal of calls, what the limits have counted, notifications."""
        chosen = {"faults": faults, "calls": calls, "counters": counters, "notifications": notifications}
        with self.working() as work:
            work.run("DELETE FROM faults WHERE id = ?", fault)
            for table in (name for name, wanted in chosen.items() if wanted):
                work.run(f"DELETE FROM {table}")  # noqa: S608 - the names are ours

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

    def notifications(self) -> list[Body]:
        """Every notification, the oldest first: `event`, `body` (as text), `state`, `attempts`, `answers`."""
        with self.working() as work:
            return [dict(row) for row in work.rows("SELECT * FROM notifications ORDER BY row")]

    def state(self) -> Body:
        """What there is, without anything of people."""
        with self.working() as work:
            return overview.overview(work, self.accounts)

    def change(self, number: int, wanted: Body) -> None:
        """Change an event as its host does on Zoom's pages, with the body of a PATCH.

        Raises LookupError where there is no such event, Refusal for values that Zoom does not take.
        """
        with self.working() as work:
            event = events.by_number(work, number)
            events.change(work, self.account(event["account"]), event, wanted)

    def act(self, number: int, action: str, registrant: str = "") -> None:
        """Start, end, convert or delete an event; let a registrant (id or address) join or leave, or be approved,
        denied or cancelled by the host. Raises LookupError, or Refusal where there is no such registrant."""
        with self.working() as work:
            event = events.by_number(work, number)
            hosting.act(work, self.account(event["account"]), event, action, registrant)

    def act_on_account(self, name: str, action: str) -> None:
        """`expire-tokens`, `validate` its address again, `deauthorize` or `activate` its app. Raises LookupError."""
        with self.working() as work:
            hosting.act_on_account(work, self.account(name), action)

    def ask(self, number: int, questions: Sequence[Body], custom_questions: Sequence[Body] = ()) -> None:
        """What the event's registration page asks, as `GET …/registrants/questions` shows it."""
        asked = compact({"questions": list(questions), "custom_questions": list(custom_questions)})
        with self.working() as work:
            work.run("UPDATE events SET questions = ? WHERE number = ?", asked, number)

    def create(self, account: str, kind: EventKind, wanted: Body) -> int:
        """Make an event of the account's first user, with the body of a POST; its number."""
        with self.working() as work:
            host = users.host_of(work, account)
            return int(events.create(work, self.account(account), host, kind, wanted)["number"])

    def add_user(self, account: str, email: str, *languages: str) -> str:
        """A user of the account, with languages made for them; the id."""
        with self.working() as work:
            user = users.add(work, account, email)
            users.teach(work, user, set(languages))
            return str(user["id"])

    async def deliver_due(self) -> int:
        """Send the notifications that are due by `now`; how many were tried."""
        return await self._courier.deliver_due()

    def delivering(self) -> AbstractAsyncContextManager[None]:
        """Notifications are sent for as long as this is open: in the lifespan of the application that serves it."""
        return self._courier.running()
