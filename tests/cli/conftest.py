"""A house, and the `convenor` command as its operator runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import House, a_house

Convenor = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """An empty house on the morning of 1 June 2021."""
    with a_house(tmp_path, database_url) as one:
        yield one


@pytest.fixture
def convenor(house: House) -> Convenor:
    """Runs the command on the house, whose broker is away; `said` on its standard input; settings can be changed by
    their names."""

    def run(*arguments: str, said: str = "", **changes: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "cli.main", *arguments]
        environment = environment_of(house) | changes
        return subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=60, input=said
        )

    return run


def environment_of(house: House) -> dict[str, str]:
    """The house's settings as the environment of a process. Accounts stand in clear there, and in no settings' dump."""
    settings = house.toolbox.settings
    accounts = {name: house.zoom.account(name) for name in settings.zoom_accounts}
    return {
        "PATH": os.environ["PATH"],
        "CONVENOR_VAR": str(settings.var),
        "CONVENOR_DATABASE_URL": settings.database_url,
        "CONVENOR_KEYS_FILE": str(settings.keys),
        "CONVENOR_SMTP_URL": house.catcher.url,
        "CONVENOR_MAIL_FROM": "Conference Secretariat <secretariat@convenor.example.org>",
        "CONVENOR_CLOCK": str(settings.clock),
        "CONVENOR_ZOOM_ACCOUNTS": json.dumps(accounts),
    }


def answer(done: "subprocess.CompletedProcess[str]") -> Any:
    """What a command has said with --json."""
    assert done.stderr == "", done.stderr
    return json.loads(done.stdout)
