"""What the mail server has answered and the database does not know yet: a file for each round of delivery.

Each answer is appended at once, by one write, before the next letter's text is sent. The file survives the process,
killed at whatever instruction, and so whoever rescues its letters knows which were sent. It does not survive the host:
nothing is synced to disk for it. Where it is lost, what had been answered since the last commit is sent once more.

It holds ids, states, codes and instants, and nothing personal.
"""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, cast

from schemas.outcome import LetterState, Outcome

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SUFFIX: Final = ".journal"


class Journal:
    """That of one holder of letters: one round of one process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, outcome: Outcome) -> bool:
        """Append; False where that is not possible, as on a full disk: then only the database can keep it."""
        line = _written(outcome)
        try:
            return os.write(self._descriptor, line) == len(line)
        except OSError:
            return False

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
        """What a holder had noted, in order. A line that was cut off when the holder was killed is none."""
        try:
            content = self._file(holder).read_bytes()
        except FileNotFoundError:
            return []
        return [_read(line) for line in content.split(b"\n")[:-1]]

    def remove(self, holder: str) -> None:
        """What it said is in the database."""
        self._file(holder).unlink(missing_ok=True)

    def _file(self, holder: str) -> Path:
        return self._folder / (holder.replace("/", ".") + _SUFFIX)


def _holder(name: str) -> str:
    return name.removesuffix(_SUFFIX).replace(".", "/")


def _written(outcome: Outcome) -> bytes:
    after = "" if outcome.try_after is None else _number(outcome.try_after)
    fields = (outcome.letter_id, outcome.state, outcome.reason or "", _number(outcome.at), _number(outcome.machine_at))
    return ("\t".join(map(str, (*fields, after))) + "\n").encode("ascii")


def _read(line: bytes) -> Outcome:
    letter_id, state, reason, at, machine_at, after = line.decode("ascii").split("\t")
    return Outcome(
        letter_id, cast("LetterState", state), reason or None, _instant(at), _instant(machine_at),
        _instant(after) if after else None,
    )  # fmt: skip


def _number(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(number: str) -> datetime:
    return _EPOCH + int(number) * _MICROSECOND
