"""A process that delivers is killed at many points: nothing is lost, and at most one letter a connection goes twice."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from email import message_from_bytes
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import select

from adapters.database.tables import LetterEventRow, LetterRow
from config.settings import ROOT
from tests.crowd import gather
from tests.house import SECRETARIAT, House
from tests.servers.smtp import Habits, MailServer, a_mail_server

LETTERS = 200
KILLS = 8


class Killer:
    """Kills the child at the letters chosen: before their answer, with it, or some moments after."""

    def __init__(self, server: MailServer, file: Path, seed: int) -> None:
        self._file = file
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated, not secret
        self._points = set(self._chance.sample(range(5, LETTERS - 5), KILLS))
        self.killed = 0
        server.before_answer = self.strike

    def strike(self, received: int) -> None:
        """Called with the number of each letter whose text is there."""
        if received not in self._points:
            return
        how = self._chance.randrange(4)
        if how == 0:
            self._kill()
        else:
            threading.Timer(self._chance.random() * (0.0005, 0.003, 0.02)[how - 1], self._kill).start()

    def _kill(self) -> None:
        pid = int(self._file.read_text())
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed += 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["reminder", "invitation"])
def test_whoever_is_killed_while_delivering_loses_nothing_and_repeats_at_most_the_letter_without_an_answer(
    house: House, tmp_path: Path, kind: Literal["reminder", "invitation"]
) -> None:
    seed = int(os.environ.get("CONVENOR_TEST_SEED", "5321"))
    gather(house.toolbox, LETTERS, kind)
    file = tmp_path / "pid"
    with a_mail_server(Habits()) as server:
        killer = Killer(server, file, seed)
        settings = house.toolbox.settings
        environment = {
            "PATH": os.environ["PATH"], "CONVENOR_VAR": str(settings.var), "CONVENOR_KEYS_FILE": str(settings.keys),
            "CONVENOR_DATABASE_URL": settings.database_url, "CONVENOR_MAIL_FROM": SECRETARIAT,
            "CONVENOR_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "CONVENOR_CLOCK": str(settings.clock),
        }  # fmt: skip
        subprocess.run([sys.executable, "-m", "tests.workers.killed", str(file)], env=environment, cwd=ROOT, check=True)
        taken = list(server.taken)
    with house.toolbox.database.read() as session:
        rows = list(session.scalars(select(LetterRow)))
        told = Counter(session.scalars(select(LetterEventRow.letter_id).where(LetterEventRow.state == "sent")))
    assert {row.state for row in rows} == {"sent"}
    assert set(told.values()) == {1}
    times = Counter(str(message_from_bytes(one.text)["Message-ID"]) for one in taken)
    assert set(times) == {row.message_id for row in rows}
    assert max(times.values()) <= 1 + killer.killed
    assert killer.killed >= KILLS // 2
    # Every repetition is of the last letter of a connection, and so there is one at most.
    repeated = sum(times.values()) - LETTERS
    assert repeated <= killer.killed
    last = {one.connection: str(message_from_bytes(one.text)["Message-ID"]) for one in taken}
    assert {one for one, number in times.items() if number > 1} <= set(last.values())
    texts = {one: {taken_.text for taken_ in taken if one.encode() in taken_.text} for one in times if times[one] > 1}
    assert all(len(found) == 1 for found in texts.values())
