"""A whole conference on a fast clock, with invented participants, on the real parts.

Web, workers, clock and broker run as processes, as in production; only the mail server keeps what it is given, and
join links lead to this machine. A conductor moves the clock from one due time to the next and holds it there until
all that was due has been delivered, so that a rehearsal is exact however fast it runs.
"""

import json
import secrets
import shutil
import signal
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as wall_time
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx2

from adapters.clock import Movement, steer
from adapters.database import outgoing, programmes, registrants
from adapters.toolbox import Toolbox
from cli.catcher import MailCatcher
from cli.doors import Street
from cli.progress import unsettled
from cli.run import prepare, supervisor_of
from cli.start import toolbox_of
from cli.who import who
from config.settings import PREFIX, Settings, load_settings
from domain.times import instant
from schemas.programme import Conference
from workers.accounts import Warden

SOURCES: Final = ("standard", "google-forms")
PATIENCE: Final = 180.0
"""Seconds that the parts may take to settle before the rehearsal gives up."""
ADMIN: Final = "admin"
DEFAULT_SENDER: Final = "Conference Secretariat <secretariat@convenor.example.org>"


class RehearsalFailed(Exception):
    """The parts did not do what was expected of them; the message says what, and `OUT/var/parts.log` says why."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that strangers do at a time of the conference."""

    at: datetime
    do: Callable[[Street, datetime], None]


@dataclass(slots=True)
class Stage:
    """A running rehearsal."""

    conference: Conference
    out: Path
    address: str
    password: str
    toolbox: Toolbox
    street: Street
    catcher: MailCatcher
    speed: float
    moment: datetime
    tell: Callable[[str], None] = field(repr=False)

    def play(self, acts: list[Act]) -> None:
        """Play the acts in order of time, and go on to the last letter that is due."""
        waiting = sorted(acts, key=lambda act: act.at)
        while True:
            while waiting and waiting[0].at <= self.moment:
                waiting.pop(0).do(self.street, self.toolbox.clock.machine_now())
            self._settle()
            with self.toolbox.database.read() as session:
                due = outgoing.next_due(session), registrants.next_due(session, self.moment)
            stops = [at for at in (*due, waiting[0].at if waiting else None) if at is not None]
            if not stops:
                return
            self._travel(min(stops))

    def live(self, at: datetime) -> None:
        """Let time go on from `at` as in life: for whoever wants to try it."""
        anchor = self.toolbox.clock.machine_now().timestamp()
        steer(_steering(self.out), Movement(at, anchor))

    def _travel(self, to: datetime) -> None:
        """Let time pass at speed, exactly as far as `to`."""
        if to <= self.moment:
            return
        anchor = self.toolbox.clock.machine_now().timestamp()
        steer(_steering(self.out), Movement(self.moment, anchor, self.speed, until=to))
        time.sleep((to - self.moment).total_seconds() / self.speed)
        while self.toolbox.clock.now() < to:
            time.sleep(0.005)
        self.moment = to
        self.tell(f"{to.astimezone():%d %B %H:%M}")

    def _settle(self) -> None:
        """Wait until everything that was posted or due has come to an end."""
        until = time.monotonic() + PATIENCE
        while what := self._waits():
            if time.monotonic() > until:
                raise RehearsalFailed(f"after {PATIENCE:.0f} s there still waits: {what}")
            time.sleep(0.02)

    def _waits(self) -> dict[str, int]:
        here = unsettled(self.toolbox, self.moment)
        if not here and (untold := self.street.untold_by_zoom()):
            return {"Zoom's notifications": untold}
        return here or unsettled(self.toolbox, self.moment)  # what Zoom has told has become a submission


@contextmanager
def staged(
    settings: Settings, conference_id: str, out: Path, *, starts: Callable[[Conference], datetime], speed: float,
    tell: Callable[[str], None],
) -> Iterator[Stage]:  # fmt: skip
    """Everything set up and running, with an empty database; taken down at the end.

    What an earlier rehearsal left in `out` is removed: `messages/`, `manifest.json` and `var/`. SIGTERM ends it as
    Ctrl-C does.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    _clear(out)
    catcher = MailCatcher(out / "messages")
    catcher.start()
    try:
        port, password = free_port(), secrets.token_urlsafe(16)
        keys = {source: f"whsec_{b64encode(secrets.token_bytes(32)).decode()}" for source in SOURCES}
        own = _own_settings(settings, out, catcher.url, port, keys)
        conference = _in_force(own, conference_id)
        moment = starts(conference)
        own["clock"] = _clock(moment, _steering(out))
        address = f"http://127.0.0.1:{port}"
        with _running(own, out) as toolbox, closing(Street(address, conference, keys)) as street:
            # In a database of invented people alone, which is removed before the next rehearsal: no second factor.
            Warden(toolbox).create(ADMIN, "admin", password, who(), totp="never")
            yield Stage(conference, out, address, password, toolbox, street, catcher, speed, moment, tell)
    finally:
        catcher.stop()


def _in_force(own: Mapping[str, Any], conference_id: str) -> Conference:
    """The conference to rehearse, in force in the new database."""
    with toolbox_of(load_settings(**own), migrated=False) as toolbox:
        prepare(toolbox.settings)
        with toolbox.database.read() as session:
            found = programmes.in_force(session, conference_id)
    if found is None:
        raise RehearsalFailed(f"there is no programme {conference_id} in {own['conferences']}")
    return found[0]


@contextmanager
def _running(own: Mapping[str, Any], out: Path) -> Iterator[Toolbox]:
    """The parts, under a supervisor that watches in a thread; their log goes to `out/var/parts.log`."""
    with toolbox_of(load_settings(**own)) as toolbox, (out / "var" / "parts.log").open("ab") as output:
        # Zoom is a part of the web here: whoever asks it before it is there is put off.
        there = partial(_await_ready, str(own["public_url"]))
        supervisor = supervisor_of(toolbox.settings, toolbox, _as_environment(own), output, web_ready=there)
        watch = threading.Thread(target=supervisor.run, name="supervisor", daemon=True)
        try:
            supervisor.start()
            watch.start()
            yield toolbox
        finally:
            supervisor.stopping.set()
            if watch.is_alive():
                watch.join()
            else:
                supervisor.stop()


def _own_settings(settings: Settings, out: Path, smtp_url: str, port: int, keys: Mapping[str, str]) -> dict[str, Any]:
    """A rehearsal's settings: nothing of the real conference's database, broker or mail server."""
    sender = settings.mail_from if "mail_from" in settings.model_fields_set else DEFAULT_SENDER
    return {
        "var": out / "var", "database_url": f"sqlite:///{out / 'var' / 'convenor.db'}", "redis_url": None,
        "keys_file": out / "var" / "keys.json", "smtp_url": smtp_url, "mail_from": sender,
        "mail_reply_to": settings.mail_reply_to, "public_url": f"http://127.0.0.1:{port}",
        "bind": f"127.0.0.1:{port}", "conferences": settings.conferences, "hook_secrets": dict(keys),
        "zoom_accounts": {}, "zoom_emulator": "on", "admin_oidc_issuer": None,
        "log_level": "warning", "log_format": settings.log_format,
    }  # fmt: skip


def _as_environment(own: Mapping[str, Any]) -> dict[str, str]:
    return {
        PREFIX + name.upper(): json.dumps(value) if isinstance(value, dict) else "" if value is None else str(value)
        for name, value in own.items()
    }


def _clock(moment: datetime, steering: Path) -> str:
    """A clock that stands still until the conductor moves it."""
    return f"{moment.isoformat()};speed=0;anchor=0;steer={steering}"


def _steering(out: Path) -> Path:
    return out / "var" / "clock"


def _clear(out: Path) -> None:
    """Remove what an earlier rehearsal has left, and nothing else: a real conference may keep its `var` here."""
    out.mkdir(parents=True, exist_ok=True)
    mark, theirs = out / ".rehearsal", [out / name for name in ("messages", "var", "manifest.json")]
    if not mark.exists() and any(path.exists() for path in theirs):
        raise RehearsalFailed(f"{out} holds files that no rehearsal has written; choose another folder with --out")
    mark.touch()
    for name in ("messages", "var"):
        shutil.rmtree(out / name, ignore_errors=True)
    (out / "manifest.json").unlink(missing_ok=True)


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_ready(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if httpx2.get(f"{address}/readyz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise RehearsalFailed("the web part did not become ready")


def two_weeks_before(conference: Conference) -> datetime:
    """Half past nine in the conference's zone, thirteen days before it begins."""
    day = conference.starts - timedelta(days=13)
    return instant(day, wall_time(9, 30), conference.time_zone)
