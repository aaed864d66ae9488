"""Convenor is asked to end in the middle of a mailing, and started again: no letter is lost, and none goes twice."""

import signal
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from adapters.database.tables import LetterRow
from tests.crowd import gather
from tests.journeys.town import Town, a_town, eventually
from tests.servers.smtp import Habits, MailServer, a_mail_server

LETTERS = 1600
ANSWERS_AFTER = 0.02
"""Seconds: so the mailing lasts, with two connections, for longer than a task may go on after it was asked to end."""


def numbers(town: Town) -> dict[str, int]:
    """How many letters are in each state."""
    with town.toolbox.database.read() as session:
        counted = session.execute(select(LetterRow.state, func.count()).group_by(LetterRow.state))
        return {row[0]: row[1] for row in counted}


def recipients(server: MailServer) -> Counter[str]:
    return Counter(one.recipient for one in server.taken)


def test_what_has_begun_is_finished_and_the_rest_goes_after_the_next_start(tmp_path: Path, database_url: str) -> None:
    with a_mail_server(Habits(pause=ANSWERS_AFTER)) as server:
        to_the_server = {"SMTP_URL": f"smtp://127.0.0.1:{server.port}"}
        with a_town(tmp_path, database_url, **to_the_server) as town:
            gather(town.toolbox, LETTERS, "reminder")
            eventually(lambda: len(server.taken) >= 50)
            town.up.send_signal(signal.SIGTERM)
            assert town.up.wait(60) == 0
            taken = len(server.taken)
            assert 50 <= taken < LETTERS
            assert numbers(town) == {"sent": taken, "planned": LETTERS - taken}
            assert list((tmp_path / "var" / "journal").iterdir()) == []
        server.habits.pause = 0
        with a_town(tmp_path, database_url, **to_the_server) as town:
            eventually(lambda: numbers(town) == {"sent": LETTERS})
        assert recipients(server) == Counter({f"person{one}@ngo.example.org": 1 for one in range(LETTERS)})
