"""Mailings: letters to many people, from the claim to the recorded outcome, and the limit beside them.

PostgreSQL (the tests' own), processes that do what the workers of the queue `delivery` do, and Postfix's
`smtp-sink` on the same cores. The limit is Postfix's `smtp-source` with a message of the same size into the same sink.
Both come with Debian's package postfix, which need not be installed nor run:

    apt-get download postfix && dpkg -x postfix_*.deb DIR && export CONVENOR_BENCH_POSTFIX=DIR

Where they are not found, a sink of ours in Python takes the letters, and a plain source of ours is the limit.
"""

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select

from adapters.database.schema import migrate
from adapters.database.tables import LetterRow
from adapters.toolbox import Toolbox, build
from bench.source import pipelined
from config.settings import Settings
from tests.crowd import gather
from tests.house import settings_for
from tests.servers.postgres import postgres_server
from workers import app, delivery
from workers.app import desk
from workers.correspondence import Correspondence
from workers.programme import put_in_force

WORKERS = 2
PROCESSES = 2
"""Children of one worker, as `convenor worker` has them unless it is told otherwise."""
CLOCK = "2021-06-14T16:00:00+02:00"


@dataclass(frozen=True, slots=True)
class Mailing:
    """What one took. `cpu`: seconds of ours, all workers together; `size`: octets of one letter; `limits`: letters a
    second of `source`, by its number of connections, before the mailing and after it: the mean of both."""

    what: Literal["reminder", "invitation"]
    processes: int
    letters: int
    wall: float
    cpu: float
    size: int
    source: str
    limits: dict[int, float]

    @property
    def limit(self) -> float:
        """The best that `source` did, with however many connections."""
        return max(self.limits.values())

    @property
    def rate(self) -> float:
        """Letters a second."""
        return self.letters / self.wall


def postfix() -> tuple[Path, dict[str, str]] | None:
    """The folder of Postfix's test programs and the environment they need, where they are on this machine."""
    named = os.environ.get("CONVENOR_BENCH_POSTFIX")
    if named:
        root = Path(named)
        return root / "usr" / "sbin", {"LD_LIBRARY_PATH": str(root / "usr" / "lib" / "postfix")}
    found = shutil.which("smtp-source") or shutil.which("smtp-source", path="/usr/sbin")
    return None if found is None else (Path(found).parent, {})


@contextmanager
def a_sink() -> Iterator[int]:
    """`smtp-sink` on a port of its own, or the sink of ours where there is none."""
    tools = postfix()
    if tools is None:
        with subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True) as ours:
            assert ours.stdout is not None
            try:
                yield int(ours.stdout.readline())
            finally:
                ours.terminate()
        return
    folder, environment = tools
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    who = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen([folder / "smtp-sink", *who, f"127.0.0.1:{port}", "100"], env=environment)
    try:
        _await(port)
        yield port
    finally:
        sink.terminate()
        sink.wait(10)


def _await(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("smtp-sink does not listen")


def limits(port: int, letters: int, message: bytes) -> tuple[str, dict[int, float]]:
    """What sends each letter with this message as fast as can be, and how many a second by number of connections."""
    tools = postfix()
    if tools is None:
        return "a plain pipelined source", {1: pipelined(port, letters, message)}
    return "smtp-source -d", {number: _of_postfix(tools, port, letters, message, number) for number in (1, 2, 4)}


def _of_postfix(
    tools: tuple[Path, dict[str, str]], port: int, letters: int, message: bytes, connections: int
) -> float:  # fmt: skip
    folder, environment = tools
    with tempfile.NamedTemporaryFile() as file:
        # It ends lines by itself, and writes the header as it stands in the file.
        file.write(message.replace(b"\r\n", b"\n"))
        file.flush()
        Path(file.name).chmod(0o644)
        begun = time.perf_counter()
        subprocess.run(
            [folder / "smtp-source", "-d", "-s", str(connections), "-m", str(letters), "-F", file.name,
             f"127.0.0.1:{port}"],
            check=True, env=environment,
        )  # fmt: skip
        return letters / (time.perf_counter() - begun)


def mailing(
    kind: Literal["reminder", "invitation"], letters: int, folder: Path, database_url: str, *, processes: int
) -> Mailing:
    """One, to so many people in six languages."""
    with a_sink() as port:
        settings = settings_for(folder, database_url, f"smtp://127.0.0.1:{port}", clock=CLOCK)
        toolbox = build(settings)
        migrate(toolbox.database)
        app.use(toolbox)
        put_in_force(toolbox, settings.conferences)
        gather(toolbox, letters, kind)
        message = _one_letter(toolbox)
        toolbox.close()
        desk()
        source, earlier = limits(port, letters, message)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        for child in [_worker(settings) for _ in range(processes)]:
            os.waitpid(child, 0)
        wall = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        _check(settings, letters)
        _, later = limits(port, letters, message)
        both = {number: (rate + later[number]) / 2 for number, rate in earlier.items()}
        return Mailing(kind, processes, letters, wall, cpu, len(message), source, both)


def _worker(settings: Settings) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        toolbox = build(settings)
        app.use(toolbox)
        app.settle_in()
        while delivery.deliver_batch(toolbox):
            pass
        toolbox.close()
        code = 0
    finally:
        os._exit(code)


def _one_letter(toolbox: Toolbox) -> bytes:
    """As one of them is."""
    with toolbox.database.read() as session:
        letter = session.scalars(select(LetterRow).limit(1)).one()
        correspondence = Correspondence.of(toolbox, session, [letter])
    return desk().write(correspondence.order(letter, toolbox.clock.now())).message


def _check(settings: Settings, letters: int) -> None:
    toolbox = build(settings)
    with toolbox.database.read() as session:
        sent = session.scalar(select(func.count()).select_from(LetterRow).where(LetterRow.state == "sent"))
    toolbox.close()
    assert sent == letters, f"{sent} of {letters} were sent"


def mailings(letters: int) -> Iterator[Mailing]:
    """Reminders and first invitations, by two workers with their usual children, and by two processes alone."""
    kinds: tuple[Literal["reminder", "invitation"], ...] = ("reminder", "invitation")
    with postgres_server() as server, tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder:
        for kind, number in product(kinds, (WORKERS * PROCESSES, WORKERS)):
            with server.database() as url:
                yield mailing(kind, letters, Path(folder) / f"{kind}-{number}", url, processes=number)
