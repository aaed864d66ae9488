"""A house with its web part and a corridor that works at once: somebody's own page, as they use it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.tokens import CalendarTokens, PageTokens
from cli.hands import hands_of
from tests.house import OLGA, House, a_house
from tests.web.conftest import Door
from tests.web.page import Page
from web.app import create_app
from workers import intake, invitation


@dataclass
class Home:
    """The house, a client, and Olga's own page. `works`: whether the corridor does."""

    house: House
    works: bool = True
    judged: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        toolbox = self.house.toolbox
        app = create_app(toolbox, self._hand_over, hands_of(toolbox))
        self.door = Door(app, ("192.0.2.7", 50000))

    def _hand_over(self, _task: str, *ids: str) -> None:
        """As a worker does; what follows is done by `do`, so that it is there when the test goes on."""
        for one in ids if self.works else ():
            participant = intake.judge(self.house.toolbox, one)
            self.judged += [participant] if participant else []

    def _follow(self) -> None:
        while self.judged:
            participant = self.judged.pop()
            self.house.tend(participant)
            invitation.write(self.house.toolbox, participant)
            self.house.deliver()

    def register(self, **changes: Any) -> str:
        """Somebody registers, Olga unless told otherwise; the path of their own page, as the letter has it."""
        self.house.register(OLGA | changes)
        found = re.findall(r"http://127\.0\.0\.1:8080(/r/[^\s/]+)(?=\s)", self.house.mail[-1].text)
        return str(found[0])

    def person(self, page: str) -> ParticipantRow:
        """The row of whose page it is."""
        known = PageTokens(self.house.toolbox.vault).participant(page.removeprefix("/r/"))
        assert known is not None
        with self.house.toolbox.database.read() as session:
            return session.get_one(ParticipantRow, known[0])

    def places(self, page: str) -> dict[str, tuple[str, str, str | None]]:
        """State, attendance and interpretation by session."""
        with self.house.toolbox.database.read() as session:
            rows = session.query(RegistrationRow).filter_by(participant_id=self.person(page).id)
            return {row.session: (row.state, row.attendance, row.interpretation) for row in rows}

    def everything(self) -> list[tuple[object, ...]]:
        """All that is kept of people and registrations."""
        with self.house.toolbox.database.read() as session:
            return [
                tuple(getattr(row, column.name) for column in table.__table__.columns)
                for table in (ParticipantRow, RegistrationRow)
                for row in session.query(table)
            ]  # fmt: skip

    def feed(self, page: str) -> str:
        """The path of somebody's calendar feed."""
        row = self.person(page)
        return f"/cal/{CalendarTokens(self.house.toolbox.vault).of(row.id, row.calendar_version)}.ics"

    def do(self, page: str, do: str, /, **fields: Any) -> httpx2.Response:
        """Send a form of the page, with a nonce of its own unless it has one."""
        said = {"do": do, "nonce": f"nonce-{next(self.numbers)}"} | fields
        answer = self.door.post(page, data=said)
        self._follow()
        return answer

    def done(self, page: str, do: str, /, **fields: Any) -> Page:
        """The page that follows a form."""
        return self.after(page, self.do(page, do, **fields))

    def after(self, page: str, answer: httpx2.Response) -> Page:
        """The page that an answer leads to."""
        assert answer.status_code == 303, answer.text
        return Page(self.door.get(page + answer.headers["location"]).text)

    def undo(self, page: str, shown: Page) -> Page:
        """The page after what the page offers to undo."""
        return self.done(page, "undo", of=shown.one("input", name="of")["value"])


@contextmanager
def a_home(folder: Path, database_url: str) -> Iterator[Home]:
    """A home in an empty house, on the morning of 1 June 2021."""
    with a_house(folder, database_url) as house:
        home = Home(house)
        with home.door:
            yield home
