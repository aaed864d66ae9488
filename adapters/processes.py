"""Which process this is, and whether another one is certainly gone.

A lease that was held by a killed worker of this host need not run out: the clock sees that its process is gone. Of
other hosts nothing is claimed to be known.
"""

import ctypes
import hashlib
import os
import signal
import socket
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def identity(pid: int | None = None) -> str:
    """`place/pid/start`, of this process or of another on this host: tells it from a later one that gets the same
    number."""
    number = os.getpid() if pid is None else pid
    return f"{host()}/{number}/{_started(number) or ''}"


def is_gone(who: str) -> bool:
    """Whether the process was on this host and is certainly gone."""
    where, _, rest = who.partition("/")
    pid, _, started = rest.partition("#")[0].partition("/")
    if where != host() or not pid.isdigit() or not started:
        return False
    now = _started(int(pid))
    return now is not None and now != started


@cache
def host() -> str:
    """This boot of this machine and, where there are any, the namespace of process numbers, in 16 letters.

    Two machines can share a name, and two containers a machine; they must not take each other's processes for gone.
    """
    known = [socket.gethostname()]
    with suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii"))
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]


def _started(pid: int) -> str | None:
    """When a process was started, in the kernel's ticks: `gone` where there is none, None where this cannot be known
    (no /proc)."""
    if not Path("/proc/self/stat").exists():
        return None
    try:
        # The name in parentheses may hold anything; the fields are counted from its end. State Z: killed, not buried.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
    return "gone" if fields[0] == "Z" else fields[19]


def end_with_parent() -> None:
    """Have this process asked to end (SIGTERM) when the one that started it is gone, however that came about.

    Linux only; elsewhere a supervisor that is killed leaves its parts running, as any supervisor does.
    """
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it went in between
        os.kill(os.getpid(), signal.SIGTERM)
