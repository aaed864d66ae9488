"""`convenor up` as its users start it: real processes, a real broker, a real mail server, and strangers who post."""

import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx2

from adapters.toolbox import Toolbox, build
from cli.catcher import MailCatcher
from cli.doors import Street
from cli.rehearsal import SOURCES, free_port
from config.programmes import load_programmes
from config.settings import ROOT, load_settings
from tests.house import SECRETARIAT

SECRETS = {source: f"whsec_{b64encode(source.ljust(32).encode()).decode()}" for source in SOURCES}


@dataclass(slots=True)
class Town:
    """A running Convenor, seen from the street, with a look into its database."""

    address: str
    folder: Path
    environment: dict[str, str]
    catcher: MailCatcher
    street: Street
    up: "subprocess.Popen[bytes]"
    toolbox: Toolbox

    def register(self, number: int, **data: Any) -> str:
        """A signed registration of an invented person; the receipt."""
        person = {
            "full_name": f"Person {number}", "email": f"person{number}@mission.example.org",
            "sessions": ["survivor-voices"], **data,
        }  # fmt: skip
        body = {"type": "registration.submitted", "timestamp": "2021-06-01T07:30:00Z", "data": person}
        return self.street.post("standard", body, f"msg_{number}", datetime.now(UTC))

    def letters(self) -> Counter[str]:
        """How many messages each address got."""
        return Counter(str(message_from_bytes(file.read_bytes())["To"]) for file in self.catcher.caught)

    def message_ids(self) -> Counter[str]:
        """How often each Message-ID came."""
        return Counter(str(message_from_bytes(file.read_bytes())["Message-ID"]) for file in self.catcher.caught)

    def processes(self, *words: str) -> list[int]:
        """Ids of this town's processes whose command line has all these words.

        `ps` cuts lines at 80 columns, terminal or not, unless it is told twice that it may not.
        """
        listed = subprocess.run(
            ["ps", "-eww", "-o", "pid=,ppid=,args="], check=True, capture_output=True, text=True
        ).stdout
        rows = [
            (int(pid), int(parent), args) for pid, parent, args in (line.split(None, 2) for line in listed.splitlines())
        ]
        family, grown = {self.up.pid}, True
        while grown:
            children = {pid for pid, parent, _ in rows if parent in family} - family
            family |= children
            grown = bool(children)
        return sorted(pid for pid, _, args in rows if pid in family and all(word in args for word in words))

    def kill(self, *words: str) -> int:
        """SIGKILL the processes that match; how many there were."""
        killed = 0
        for pid in self.processes(*words):
            try:
                os.kill(pid, signal.SIGKILL)
                killed += 1
            except ProcessLookupError:
                continue
        return killed

    def log(self) -> str:
        """Everything that all parts have logged."""
        return (self.folder / "log").read_text("utf-8", "replace")


def eventually(what: Callable[[], bool], seconds: float = 90.0) -> None:
    """Wait until something is so; fails with what it was waiting for."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it never came to be so"
        time.sleep(0.05)


@contextmanager
def a_town(folder: Path, database_url: str, **settings: str) -> Iterator[Town]:
    """A Convenor that is up, on the morning of 1 June 2021; taken down at the end, and it must end cleanly."""
    catcher = MailCatcher(folder / "messages")
    catcher.start()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = {
        "VAR": str(folder / "var"), "DATABASE_URL": database_url, "SMTP_URL": catcher.url, "MAIL_FROM": SECRETARIAT,
        "BIND": f"127.0.0.1:{port}", "PUBLIC_URL": address, "CLOCK": "2021-06-01T09:30:00+02:00",
        "HOOK_SECRETS": json.dumps(SECRETS), "LOG_LEVEL": "info", **settings,
    }  # fmt: skip
    named = {f"CONVENOR_{name}": value for name, value in own.items()}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CONVENOR_")} | named
    with (folder / "log").open("wb") as log:
        up = subprocess.Popen([sys.executable, "-m", "cli.main", "up"], env=environment, stdout=log, stderr=log)
    toolbox = build(load_settings(var=folder / "var", database_url=database_url, clock=own["CLOCK"]))
    street = Street(address, load_programmes(ROOT / "config" / "conferences")["alliance-2021"], SECRETS)
    try:
        eventually(lambda: up.poll() is not None or _ready(address), 180)
        assert up.poll() is None, (folder / "log").read_text("utf-8", "replace")[-2000:]
        yield Town(address, folder, environment, catcher, street, up, toolbox)
    finally:
        street.close()
        toolbox.close()
        up.send_signal(signal.SIGTERM)
        try:
            ended = up.wait(60)
        except subprocess.TimeoutExpired:
            up.kill()
            raise
        finally:
            catcher.stop()
    assert ended == 0


def _ready(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
