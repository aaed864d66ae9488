"""What reaches the log: known fields only, in UTC, one JSON object a line; never what a person typed."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog

from config.logging import FIELDS, configure_logging, dropped_fields


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[structlog.stdlib.BoundLogger]:
    """A log as the parts have it; afterwards as it was."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("info", "json", "worker")
    yield structlog.get_logger("workers.something")
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_one_json_object_in_utc(
    log: structlog.stdlib.BoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    log.info("accepted", envelope="env_1")
    (line,) = lines(capsys)
    moment = datetime.fromisoformat(str(line.pop("timestamp")))
    assert moment.utcoffset() == timedelta(0)
    assert line == {"event": "accepted", "envelope": "env_1", "level": "info", "part": "worker",
                    "logger": "workers.something"}  # fmt: skip


def test_a_field_that_is_not_known_is_dropped_and_counted(
    log: structlog.stdlib.BoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    before = dropped_fields()
    log.info("accepted", envelope="env_1", address="olga@mission.example.org", full_name="Olga")
    (line,) = lines(capsys)
    assert (line["envelope"], line["dropped"], dropped_fields() - before) == ("env_1", 2, 2)
    assert "olga" not in json.dumps(line).lower()


def test_of_what_a_library_says_only_that_it_warned_is_kept() -> None:
    """In a process of its own: the test runner listens to the same loggers."""
    program = (
        "import logging; from config.logging import configure_logging; configure_logging('info', 'json', 'web'); "
        "logging.getLogger('some.library').warning('mail to %s failed', 'olga@mission.example.org')"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stderr
    assert "olga" not in said.lower()
    assert json.loads(said)["event"].startswith("some.library says warning")


def test_what_python_itself_would_write_of_an_error_says_only_where_it_was(tmp_path: Path) -> None:
    """In a process of its own, as each part is: an error that ends it, one that ends a thread, and a warning."""
    said = subprocess.run([sys.executable, "-c", _ENDS_BADLY], check=False, capture_output=True, text=True,
                          env=os.environ | {"CONVENOR_VAR": str(tmp_path),
                                            "CONVENOR_DATABASE_URL": f"sqlite:///{tmp_path}/convenor.db"})  # fmt: skip
    assert (said.returncode, said.stdout) == (1, "")
    assert "olga" not in said.stderr.lower()
    found = [json.loads(line) for line in said.stderr.splitlines() if line.startswith("{")]
    assert found[-2:] == [
        found[-2] | {"event": "a thread ended by an error", "level": "error"},
        found[-1] | {"event": "ended by an error of ours", "level": "error", "part": "clock"},
    ]
    assert found[-3]["event"].startswith("py.warnings says warning")
    assert [one["exception"][:20] for one in found[-2:]] == ["builtins.ValueError "] * 2


_ENDS_BADLY = """
import sys, threading, warnings
from cli import main, run
def ends(_toolbox):
    warnings.warn("an unexpected value, olga@mission.example.org", stacklevel=1)
    thread = threading.Thread(target=int, args=["olga@mission.example.org"])
    thread.start()
    thread.join()
    int("olga@mission.example.org")
run.clock_loop.run = ends
for sys.argv in (["convenor", "migrate"], ["convenor", "clock"]):
    try:
        main.main()
    except SystemExit as end:
        ended = end
raise ended
"""


def test_the_message_of_an_exception_stays_out(
    log: structlog.stdlib.BoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        int("olga@mission.example.org")
    except ValueError:
        log.exception("a letter could not be written", letter="let_1")
    (line,) = lines(capsys)
    assert str(line["exception"]).startswith("builtins.ValueError at ")
    assert "olga" not in json.dumps(line).lower()


def test_no_field_is_named_after_something_personal() -> None:
    assert not any(
        word in field for field in FIELDS for word in ("address", "mail", "subject", "body", "token", "path")
    )
