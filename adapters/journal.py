"""What the mail server has answered and the database does not know yet: a file for each round of delivery.

Each answer is appended at once, by one write, before the next letter's text is sent. The file survives the process,
killed at whatever instruction, and so whoever rescues its letters knows which were sent. It does not survive the host:
nothing is synced to disk for it. Where it is lost, what had been answered since the last commit is sent once more.

A line is a JSON array: where it was cut, by a full disk or a kill, it cannot be taken for a whole one. What is no whole
line is nothing, and keeps nobody from reading the others.

It holds ids, states, codes and instants, and nothing personal.
"""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, get_args

import structlog
from pydantic_core import to_json

from schemas.outcome import LetterState, Outcome
from schemas.smtp import SmtpAnswer

log = structlog.get_logger(__name__)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SUFFIX: Final = ".journal"
_STATES: Final = get_args(LetterState)


class Journal:
    """That of one holder of letters: one round of one process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._begins = b""

    def note(self, outcome: Outcome) -> bool:
        """Append; False where that is not possible, as on a full disk: then only the database can keep it. Where a part
        was written, the next line begins anew."""
        line = self._begins + _written(outcome)
        try:
            whole = os.write(self._descriptor, line) == len(line)
        except OSError:
            return False
        self._begins = b"" if whole else b"\n"
        return whole

    def close(self) -> None:
        """Leave the file where it is: for whoever settles what it says."""
        os.close(self._descriptor)


class Journals:
    """All of one host, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, holder: str) -> Journal:
        """A journal for a holder who has just claimed letters. Raises OSError where there can be none."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Journal(self._file(holder))

    def left(self) -> list[str]:
        """Whose journals are here."""
        with suppress(FileNotFoundError):
            return [_holder(file.name) for file in self._folder.iterdir() if file.suffix == _SUFFIX]
        return []

    def read(self, holder: str) -> list[Outcome]:
        """What a holder had noted, in order, without what is no whole line. Raises OSError where it cannot be read."""
        try:
            content = self._file(holder).read_bytes()
        except FileNotFoundError:
            return []
        lines = content.split(b"\n")[:-1]  # what was cut off when the holder was killed has no end
        found = [outcome for line in lines if (outcome := _read(line)) is not None]
        if len(found) < len(lines):
            log.error("lines of a journal are not to be read", file=self._file(holder).name,
                      count=len(lines) - len(found))  # fmt: skip
        return found

    def remove(self, holder: str) -> None:
        """What it said is in the database."""
        self._file(holder).unlink(missing_ok=True)

    def _file(self, holder: str) -> Path:
        return self._folder / (holder.replace("/", ".") + _SUFFIX)


def _holder(name: str) -> str:
    return name.removesuffix(_SUFFIX).replace(".", "/")


def _written(outcome: Outcome) -> bytes:
    fields = (
        outcome.letter_id, outcome.state, outcome.reason, _number(outcome.at), _number(outcome.machine_at),
        None if outcome.try_after is None else _number(outcome.try_after),
        None if outcome.answer is None else (outcome.answer.stage, outcome.answer.code, outcome.answer.enhanced),
    )  # fmt: skip
    return to_json(fields) + b"\n"


def _read(line: bytes) -> Outcome | None:
    """None for what `_written` has not made, such as a cut line, or the zeros that a power cut leaves in a file."""
    try:
        letter_id, state, reason, at, machine_at, after, said = json.loads(line.decode("ascii"))
        instants = (_instant(at), _instant(machine_at), None if after is None else _instant(after))
        answer = None if said is None else SmtpAnswer(*said)
    except (ValueError, TypeError, OverflowError):
        return None
    return Outcome(letter_id, state, reason, *instants, answer=answer) if state in _STATES else None


def _number(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND
