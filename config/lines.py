"""Where finished log lines go: to standard error, each whole."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident


class Lines:
    """The lines of one logger, as structlog hands them over. It holds no lock that a fork could leave closed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def say(self, line: str) -> None:
        """Write a line, at once or with others of the same moment."""
        if _gatherer is None or _gatherer.thread != get_ident():
            sys.stderr.write(f"{line}\n")
        else:
            _gatherer.add(line)

    def warn(self, line: str) -> None:
        """Write a line at once, after all that were said before it: nobody knows what comes next."""
        if _gatherer is not None and _gatherer.thread == get_ident():
            _gatherer.write()
        sys.stderr.write(f"{line}\n")

    debug = info = say
    warning = error = critical = warn


@contextmanager
def gathered(soon: Callable[[Callable[[], None]], object]) -> Iterator[None]:
    """Within it, what this thread says in one turn of its event loop is written with one call; `soon` is the loop's
    `call_soon`. Each call hands the interpreter to whatever other thread waits for it, and the door says a line for
    every post. What is said before the end is written by then."""
    global _gatherer  # noqa: PLW0603 - a process has one standard error
    _gatherer = one = _Gatherer(soon)
    try:
        yield
    finally:
        _gatherer = None
        one.write()


class _Gatherer:
    def __init__(self, soon: Callable[[Callable[[], None]], object]) -> None:
        self.thread = get_ident()
        self._soon = soon
        self._lines: list[str] = []

    def add(self, line: str) -> None:
        if not self._lines:
            self._soon(self.write)
        self._lines.append(line)

    def write(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            sys.stderr.write("".join(f"{line}\n" for line in lines))


_gatherer: _Gatherer | None = None
