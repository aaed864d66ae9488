"""One at a time: a second `up`, `demo` or `rehearse` on the same folder would take the first one's files away."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.start import fail


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder while the block runs; ends the command where another process holds it. The kernel lets go of it
    when this process ends, however it does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail(f"Another Convenor is running in {folder}. End it first, or give this one a folder of its own.")
        yield
