"""The commands that show what goes on, against a running system."""

import json
import subprocess
import sys
from typing import Any

from tests.journeys.town import Town, eventually


def convenor(town: Town, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cli.main", *arguments]
    return subprocess.run(command, env=town.environment, check=False, capture_output=True, text=True, timeout=60)


def answer(town: Town, *arguments: str) -> Any:
    done = convenor(town, *arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr  # what is wrong a command says where it answers
    return json.loads(done.stdout)


def test_queues_outbox_inbox_and_failures_say_what_goes_on(town: Town) -> None:
    town.register(1)
    wrong = town.register(2, sessions=["no-such-session"])
    # The mail server has a letter before the outbox says so.
    invitation = {"conference": "alliance-2021", "kind": "invitation", "state": "sent", "letters": 1}
    eventually(lambda: invitation in answer(town, "outbox") and bool(answer(town, "failures")))
    assert len(town.catcher.caught) == 1

    assert [row["queue"] for row in answer(town, "queues")][:4] == [
        "intake",
        "conferencing",
        "delivery",
        "housekeeping",
    ]
    assert sorted(row["state"] for row in answer(town, "inbox")) == ["accepted", "rejected"]
    (failure,) = answer(town, "failures")
    assert (failure["id"], failure["what"], failure["state"]) == (wrong, "submission", "rejected")

    replayed = convenor(town, "inbox", "replay", wrong)
    assert (replayed.returncode, replayed.stdout) == (0, "1 of 1 handed over to be judged again.\n")
    assert convenor(town, "inbox", "replay").returncode == 2
    assert convenor(town, "failures", "replay", "let_nothing").returncode == 1

    found = {row["what"]: row["state"] for row in answer(town, "doctor")}
    assert (found["database"], found["broker"], found["mail server"]) == ("well", "well", "well")
