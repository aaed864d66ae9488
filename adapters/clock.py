"""The only place that asks what time it is.

There are two times, and they must not be mixed:

- `now()` is the conference's time. It decides what is due and stands in letters. A rehearsal lets it begin on another
  date and run at another speed.
- `machine_now()` is this machine's time. Leases, ages of queue entries and signs of life are counted in it: a lease of
  two minutes must hold two minutes, however fast a rehearsal runs.

Both are aware UTC datetimes.
"""

import math
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class ClockError(ValueError):
    """CONVENOR_CLOCK cannot be read. The message says how it is written."""


class Clock(Protocol):
    """What the house asks of a clock."""

    rehearsing: bool

    def now(self) -> datetime:
        """The conference's time, UTC."""

    def machine_now(self) -> datetime:
        """The machine's time, UTC."""


class MachineClock:
    """Both times are the machine's: the clock of real conferences."""

    rehearsing = False

    def now(self) -> datetime:
        """The machine's time, UTC."""
        return datetime.now(UTC)

    def machine_now(self) -> datetime:
        """The machine's time, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Movement:
    """`start` held at the machine's Unix time `anchor`, and time has passed `speed` times as fast since, as far as
    `until`: there it stands still, until it is given another movement."""

    start: datetime
    anchor: float
    speed: float = 1.0
    until: datetime | None = None

    def at(self, unix: float) -> datetime:
        """The rehearsed instant at a Unix time of the machine."""
        moment = self.start + timedelta(seconds=(unix - self.anchor) * self.speed)
        return moment if self.until is None else min(moment, self.until)

    def written(self) -> str:
        """As CONVENOR_CLOCK writes it."""
        until = f";until={self.until.isoformat()}" if self.until else ""
        return f"{self.start.isoformat()};speed={self.speed!r};anchor={self.anchor!r}{until}"


class RehearsalClock:
    """A clock that begins on another date, runs at another speed, and can be steered.

    Several processes agree because each counts from the same anchor. With `steer`, the movement is what a file says at
    the moment: the conductor of a rehearsal holds the clock while letters are being delivered.
    """

    rehearsing = True

    def __init__(self, movement: Movement, steer: Path | None = None) -> None:
        self._steer = steer
        self._seen = "", movement
        """What the file says, and what that means: together, because several threads read it."""

    def now(self) -> datetime:
        """The rehearsed time, UTC."""
        if self._steer is not None:
            self._read(self._steer)
        return self._seen[1].at(time.time())

    def machine_now(self) -> datetime:
        """The machine's time, UTC."""
        return datetime.now(UTC)

    def in_machine_time(self, lasted: timedelta) -> timedelta:
        """How long what lasts so long at the conference lasts here, at the present speed; nothing while it stands."""
        speed = self._seen[1].speed
        return lasted / speed if speed else timedelta(0)

    def _read(self, steer: Path) -> None:
        try:
            written = steer.read_text("ascii")
            if written != self._seen[0]:  # not its time stamp: those of several steps can be one
                self._seen = written, _parse(written, time.time())[0]
        except FileNotFoundError:
            return  # not steered yet: the movement given at the start holds


def in_machine_time(clock: Clock, lasted: timedelta) -> timedelta:
    """How long, by the machine, something lasts that lasts so long by the conference's time."""
    return clock.in_machine_time(lasted) if isinstance(clock, RehearsalClock) else lasted


def steer(file: Path, movement: Movement) -> None:
    """Give a steered clock another movement, at once for every process that reads `file`."""
    draft = file.with_suffix(".new")
    draft.write_text(movement.written(), "ascii")
    draft.replace(file)


_FORM = re.compile(r"^(?P<start>[^;]+)(?P<options>(;[a-z]+=[^;]+)*)$")


def _parse(written: str, unix: float) -> tuple[Movement, Path | None]:
    match = _FORM.match(written.strip())
    if match is None:
        raise ClockError("write it as 2021-06-14T08:00:00+02:00;speed=600")
    options = dict(part.split("=", 1) for part in match["options"].split(";") if part)
    if unknown := set(options) - {"speed", "anchor", "until", "steer"}:
        raise ClockError(f"knows speed, anchor, until and steer, not {', '.join(sorted(unknown))}")
    try:
        start = datetime.fromisoformat(match["start"])
        until = datetime.fromisoformat(options["until"]).astimezone(UTC) if "until" in options else None
        speed, anchor = float(options.get("speed", 1)), float(options.get("anchor", unix))
        movement = Movement(start.astimezone(UTC), anchor, speed, until)
    except ValueError:
        raise ClockError("write it as 2021-06-14T08:00:00+02:00;speed=600;anchor=1623650400") from None
    if start.tzinfo is None:
        raise ClockError("needs an offset, such as +02:00: a time without one is of no place")
    if not (math.isfinite(movement.speed) and math.isfinite(movement.anchor) and movement.speed >= 0):
        raise ClockError("cannot run backwards or without end: speed must be a number from 0 on")
    return movement, Path(options["steer"]) if "steer" in options else None


def clock_from(written: str | None) -> Clock:
    """The clock that CONVENOR_CLOCK describes; the machine's where it is empty.

    Raises:
        ClockError: where it cannot be read.
    """
    if not written:
        return MachineClock()
    return RehearsalClock(*_parse(written, time.time()))


def anchored(written: str | None) -> str | None:
    """The same description with an anchor, so that processes started at different moments agree."""
    if not written or "anchor=" in written:
        return written
    return f"{written};anchor={time.time()!r}"
