"""Log lines: whole, in order, and none is held back for long."""

import threading
from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO

import pytest

from config.lines import Lines, gathered

LOG = Lines("web")

Said = pytest.CaptureFixture[str]


class Paper(StringIO):
    """Standard error that remembers each call by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def write(self, text: str) -> int:
        self.calls.append(text)
        return len(text)


def test_a_line_is_written_at_once(capsys: Said) -> None:
    LOG.info("one")
    assert capsys.readouterr().err == "one\n"


def test_the_lines_of_one_turn_of_the_loop_are_written_with_one_call() -> None:
    turns: list[Callable[[], None]] = []
    with redirect_stderr(Paper()) as paper, gathered(turns.append):
        LOG.info("one")
        LOG.info("two")
        assert (paper.calls, len(turns)) == ([], 1)
        turns.pop()()
        LOG.info("three")
        assert (paper.calls, len(turns)) == (["one\ntwo\n"], 1)


def test_what_was_said_last_is_written_before_the_end(capsys: Said) -> None:
    with gathered(lambda _: None):
        LOG.info("one")
    LOG.info("two")
    assert capsys.readouterr().err == "one\ntwo\n"


def test_a_warning_waits_for_nobody_and_comes_after_what_was_said_before(capsys: Said) -> None:
    with gathered(lambda _: None):
        LOG.info("one")
        LOG.warning("two")
        assert capsys.readouterr().err == "one\ntwo\n"


def test_another_thread_does_not_wait_for_the_loop(capsys: Said) -> None:
    with gathered(lambda _: None):
        thread = threading.Thread(target=LOG.info, args=("one",))
        thread.start()
        thread.join()
        assert capsys.readouterr().err == "one\n"
