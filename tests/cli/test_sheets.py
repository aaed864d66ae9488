"""`convenor import` and `convenor export`, as a secretariat runs them."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.database.tables import EnvelopeRow
from tests import sheets
from tests.cli.conftest import Convenor, answer, environment_of
from tests.house import OLGA, House

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # each command is a process

ROWS = [
    ("Vorname", "Nachname", "E-Mail", "Sitzung", "Dolmetschung", "Bemerkung"),
    ("Olga", "Petrenko", "olga@mission.example.org", "survivor-voices", "Russisch", "VIP"),
    ("Jörg", "Grünwald", "joerg@ngo.example.org", "day-1; Day 2: Panels 2 and 3", "", ""),
    ("Max", "Muster", "max@ngo.example.org", "day-9", "", ""),
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """As a German Excel saves it."""
    return sheets.a_file(tmp_path, "people.csv", sheets.german_excel(ROWS))


def waiting(house: House) -> list[str]:
    with house.toolbox.database.read() as session:
        wanted = select(EnvelopeRow.id).where(EnvelopeRow.source == "import", EnvelopeRow.state == "received")
        return list(session.scalars(wanted.order_by(EnvelopeRow.machine_received)))


def test_a_dry_run_tells_each_row_s_fate_and_shows_nobody(house: House, convenor: Convenor, table: Path) -> None:
    house.register(OLGA)
    done = convenor("import", "alliance-2021", str(table), "--dry-run")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "row\tfate\taddress\twhat",
        "2\tsame\to…@m….org\t",
        "3\tnew\tj…@n….org\tday-1: registered, online; day-2: registered, online",
        "4\trefused\t\tsessions: One of the sessions is not in the programme.",
        "new: 1, changes: 0, same: 1, imported before: 0, twice: 0, refused: 1",
    ]
    assert done.stderr.splitlines() == [
        "The file is not UTF-8; it was read as Windows-1252. Look whether the names are right.",
        "Columns that were not read: Bemerkung.",
    ]
    assert waiting(house) == []
    said = convenor("import", "alliance-2021", str(table), "--dry-run", "--json", "--show")
    assert (answer(said)["rows"][1]["address"], answer(said)["counts"]["new"]) == ("joerg@ngo.example.org", 1)


def test_an_import_waits_for_the_corridor_and_tells_what_became_of_it(house: House, table: Path) -> None:
    command = [sys.executable, "-m", "cli.main", "import", "alliance-2021", str(table), "--wait", "60"]
    with subprocess.Popen(
        command, env=environment_of(house), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        while running.poll() is None:
            for one in waiting(house):
                house.process(one)
        stdout, stderr = running.communicate()
    assert (running.returncode, "wait for the corridor" in stderr) == (1, False)
    assert stdout.splitlines()[-1] == "new: 2, changes: 0, same: 0, imported before: 0, twice: 0, refused: 1"
    house.deliver()
    assert sorted(house.kinds()) == ["confirmation", "invitation", "invitation", "invitation"]


def test_where_no_worker_runs_it_says_that_rows_are_recorded(house: House, convenor: Convenor, table: Path) -> None:
    done = convenor("import", "alliance-2021", str(table), "--wait", "0")
    assert "2 are recorded and wait for the corridor" in done.stderr
    assert len(waiting(house)) == 2


def test_what_cannot_be_used_ends_with_one_sentence(house: House, convenor: Convenor, tmp_path: Path) -> None:
    nobody = sheets.a_file(tmp_path, "a.csv", b"Olga Petrenko;olga@mission.example.org\r\n")
    for arguments, says in (
        (("alliance-2021", str(nobody)), "No column was understood as the e-mail address."),
        (("alliance-2021", str(tmp_path / "missing.csv")), "The file cannot be read"),
        (("nowhere-2021", str(nobody)), "There is no programme in force for nowhere-2021."),
        (("alliance-2021", str(nobody), "--map", "email"), "Write --map COLUMN=FIELD"),
        (("alliance-2021", str(nobody), "--encoding", "klingon"), "--encoding is one of"),
    ):
        done = convenor("import", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr
        assert "Traceback" not in done.stderr
        assert "Petrenko" not in done.stderr


def test_an_export_is_written_for_one_s_own_eyes_and_comes_back_unchanged(
    house: House, convenor: Convenor, tmp_path: Path
) -> None:
    house.register(OLGA | {"organisation": "@home", "visibility": "discreet", "alias": "O."})
    for name, more in (("a.xlsx", []), ("a.csv", ["--delimiter", ";"]), ("b.xlsx", ["--per", "participant"])):
        path = tmp_path / name
        done = convenor("export", "alliance-2021", "--out", str(path), "--role", "secretariat", *more)
        assert (done.returncode, done.stdout) == (0, f"{path}: 1 rows for secretariat.\n"), done.stderr
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        again = answer(convenor("import", "alliance-2021", str(path), "--dry-run", "--json"))
        assert ([one["fate"] for one in again["rows"]], again["remarks"]) == (["same"], [])


def test_an_export_refuses_what_it_should_not_do(house: House, convenor: Convenor, tmp_path: Path) -> None:
    path = sheets.a_file(tmp_path, "a.csv", b"mine")
    for arguments, says in (
        (("--out", str(path)), "is there already"),
        (("--out", str(tmp_path / "b.csv"), "--needs"), "secretariat or admin"),
        (("--out", str(tmp_path / "b.csv"), "--sessions", "day-9"), "not in the programme: day-9"),
        (("--out", str(tmp_path / "b.csv"), "--delimiter", "x"), "--delimiter is one of"),
    ):
        done = convenor("export", "alliance-2021", *arguments)
        assert (done.returncode, says in done.stderr) == (2, True)
    assert path.read_bytes() == b"mine"
    done = convenor("export", "alliance-2021", "--out", str(path), "--force")
    assert "Personal data is left out" in done.stdout
    assert path.read_bytes().startswith(b"\xef\xbb\xbfparticipant,")
