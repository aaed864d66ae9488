"""`convenor conference plan` and `apply`, as the secretariat runs them."""

import json
import re
from pathlib import Path

import pytest

from config.settings import ROOT
from tests.cli.conftest import Convenor
from tests.house import OLGA, House

PROGRAMME = ROOT / "config" / "conferences" / "alliance-2021.yaml"


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A folder with the programme as it is in force but for one session, which has been moved by half an hour."""
    folder = tmp_path / "edited"
    folder.mkdir()
    text = PROGRAMME.read_text("utf-8")
    head, session, rest = text.partition("  - id: survivor-voices\n")
    moved = rest.replace("start: 18:00", "start: 18:30", 1).replace("end: 19:30", "end: 20:00", 1)
    (folder / PROGRAMME.name).write_text(head + session + moved, "utf-8")
    return folder


def test_what_is_planned_is_shown_and_applied_once_and_no_more(house: House, convenor: Convenor, edited: Path) -> None:
    house.register(OLGA)
    folder = {"CONVENOR_CONFERENCES": str(edited)}
    said = convenor("conference", "plan", "alliance-2021", **folder)
    assert said.returncode == 0, said.stderr
    assert "survivor-voices: moved" in said.stdout
    assert "→ Tuesday, 15 June 2021, 18:30–20:00 Vienna time (CEST, UTC+2)" in said.stdout
    assert "update, survivor-voices: 1 (en 1)" in said.stdout
    assert "reminder: 1 move, 2021-06-15 15:00 UTC → 2021-06-15 15:30 UTC" in said.stdout
    (digest,) = re.findall(r"--plan (\S+)", said.stdout)

    listed = json.loads(convenor("conference", "plan", "alliance-2021", "--json", **folder).stdout)
    assert (listed["digest"], listed["total"], listed["version"]) == (digest, 1, 1)
    assert [(one["session"], one["kinds"], one["other_day"]) for one in listed["changes"]] == [
        ("survivor-voices", ["moved"], False)
    ]

    asked = convenor("conference", "apply", "alliance-2021", **folder)
    assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
    wrong = convenor("conference", "apply", "alliance-2021", "--plan", f"{digest}0", **folder)
    assert (wrong.returncode, "Nothing was changed." in wrong.stderr) == (1, True)
    done = convenor("conference", "apply", "alliance-2021", "--plan", digest, **folder)
    assert (done.returncode, done.stdout) == (0, "In force, as version 2. Letters that go: 1.\n")
    again = convenor("conference", "apply", "alliance-2021", "--plan", digest, **folder)
    assert (again.returncode, "in force already" in again.stdout) == (0, True)
    house.wait(60)
    house.deliver()
    assert house.kinds() == ["invitation", "update"]


def test_a_conference_without_a_file_is_said(convenor: Convenor) -> None:
    said = convenor("conference", "plan", "no-such-conference")
    assert (said.returncode, "is not there" in said.stderr) == (1, True)
