"""What a round notes survives it, whole lines only."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.journal import Journals
from config.settings import ROOT
from schemas.outcome import Outcome
from schemas.smtp import SmtpAnswer

NOW = datetime(2021, 6, 14, 17, 0, 0, 123456, tzinfo=UTC)
HOLDER = "0123456789abcdef/4711/998877#beef"
SENT = Outcome("let_1", "sent", None, NOW, NOW + timedelta(days=2000))
REFUSED = Outcome(
    "let_2", "planned", "smtp-451-4.7.1", NOW, NOW, NOW + timedelta(minutes=1),
    answer=SmtpAnswer("recipient", 451, "4.7.1"),
)  # fmt: skip


def test_what_was_noted_is_read_in_order_and_to_the_microsecond(tmp_path: Path) -> None:
    journals = Journals(tmp_path / "journal")
    journal = journals.begin(HOLDER)
    assert journal.note(SENT)
    assert journal.note(REFUSED)
    journal.close()
    assert journals.left() == [HOLDER]
    assert journals.read(HOLDER) == [SENT, REFUSED]
    journals.remove(HOLDER)
    assert (journals.left(), journals.read(HOLDER)) == ([], [])


def test_a_line_that_was_cut_off_is_none(tmp_path: Path) -> None:
    journals = Journals(tmp_path)
    journal = journals.begin(HOLDER)
    journal.note(SENT)
    journal.close()
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b'["let_2", "sent", null, 16')
    assert journals.read(HOLDER) == [SENT]


def test_a_line_that_a_full_disk_has_cut_takes_the_next_one_not_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = Journals(tmp_path)
    journal = journals.begin(HOLDER)
    write, room = os.write, [30]  # bytes until the disk is full
    monkeypatch.setattr(
        "adapters.journal.os.write", lambda file, line: write(file, line[: room.pop() if room else None])
    )
    assert not journal.note(REFUSED)
    assert journal.note(SENT)
    journal.close()
    assert journals.read(HOLDER) == [SENT]


@pytest.mark.parametrize("length", range(1, 40))
def test_no_part_of_a_line_is_taken_for_a_whole_one(tmp_path: Path, length: int) -> None:
    journals = Journals(tmp_path)
    journal = journals.begin(HOLDER)
    journal.note(REFUSED)
    journal.close()
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1][:-length] + b"\n")
    assert journals.read(HOLDER) == []


@pytest.mark.parametrize(
    "rubbish",
    [
        *(b"\0" * 64, b"\xff\xfe", b"let_x\tsentlet_y\tsent\t\t1\t1\t", b"", b"{}", b"7"),
        b'["let_1", "lost", null, 1, 1, null, null]',
        b'["let_1", "sent", null, "1", 1, null, null]',
        b'["let_1", "failed", null, 1, 1, null, ["recipient", 550, "5.1.1", 4]]',
        b'["let_1", "sent", null, 1e999, 1, null, null]',
    ],
)
def test_what_is_no_line_of_ours_keeps_nobody_from_reading_the_others(tmp_path: Path, rubbish: bytes) -> None:
    journals = Journals(tmp_path)
    journal = journals.begin(HOLDER)
    journal.note(SENT)
    journal.note(REFUSED)
    journal.close()
    (file,) = tmp_path.iterdir()
    first, second, _ = file.read_bytes().split(b"\n")
    file.write_bytes(b"\n".join([first, rubbish, second, b""]))
    assert journals.read(HOLDER) == [SENT, REFUSED]


def test_a_journal_is_readable_by_nobody_else(tmp_path: Path) -> None:
    Journals(tmp_path / "journal").begin(HOLDER).close()
    (file,) = (tmp_path / "journal").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_where_nothing_was_ever_noted_there_is_nothing(tmp_path: Path) -> None:
    journals = Journals(tmp_path / "none")
    assert (journals.left(), journals.read(HOLDER)) == ([], [])
    journals.remove(HOLDER)


def test_what_a_process_noted_is_there_when_it_is_killed_at_once(tmp_path: Path) -> None:
    program = (
        "import os, signal; from pathlib import Path; from tests.adapters.test_journal import *\n"
        f"Journals(Path({str(tmp_path)!r})).begin(HOLDER).note(SENT); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=dict(os.environ), check=False)
    assert Journals(tmp_path).read(HOLDER) == [SENT]
