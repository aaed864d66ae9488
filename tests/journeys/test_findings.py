"""What goes wrong is seen: caused in a running town, and within a minute on the list that the monitor's first page, the
command line and `/metrics` share; and so early that Prometheus has made an alert of it by then."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from adapters.broker.embedded import EmbeddedBroker
from adapters.database import signs
from domain.health import CODES, Code
from tests.journeys.town import Town, a_town, eventually
from tests.servers.gate import a_gate
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import HANG_UP, Habits, MailServer
from web.vitals import findings

MINUTE = 60.0
UNTIL_AN_ALERT = 20.0
"""Seconds from one scrape to the next, and from one look at the rules to the next: as deploy/README.md says."""


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    """One that does what it is told while it runs."""
    server = MailServer(Habits())
    yield server
    server.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer
) -> Iterator[Town]:
    """One that goes well, on each database."""
    folder = tmp_path_factory.mktemp("town")
    with ExitStack() as open_until_the_end:
        url = f"sqlite:///{folder}/convenor.db"
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = open_until_the_end.enter_context(server.database())
        smtp_url = f"smtp://127.0.0.1:{mail_server.port}"
        one = open_until_the_end.enter_context(a_town(folder, url, SMTP_URL=smtp_url))
        eventually(lambda: wrong(one) == set() and beating(one) == 3, MINUTE)
        yield one
        mail_server.habits.script.clear()
        eventually(lambda: wrong(one) == set(), 3 * MINUTE)


def beating(town: Town) -> int:
    """How many processes have beaten: both workers and the clock. Whoever stands still before has not begun."""
    with town.toolbox.database.read() as session:
        return len(signs.processes(session))


def wrong(town: Town) -> set[tuple[str, str]]:
    """What is wrong, and about what."""
    return {(one.code, one.about) for one in findings(town.toolbox)}


def exposed(town: Town) -> set[str]:
    """The codes that Prometheus would see."""
    text = httpx2.get(f"{town.address}/metrics", timeout=10).text
    said = re.findall(r'^convenor_findings\{code="([a-z-]+)",severity="[a-z]+"\} ([0-9.]+)$', text, re.MULTILINE)
    assert {code for code, _ in said} == set(CODES)
    return {code for code, number in said if float(number)}


class Watch:
    """Begins when something is caused."""

    def __init__(self, town: Town) -> None:
        self._town, self._begun = town, time.monotonic()

    def sees(self, code: Code, about: str | None = None) -> bool:
        """Whether it is on the list and in the metrics, so long before the minute is over that it is an alert."""
        left = MINUTE - UNTIL_AN_ALERT - (time.monotonic() - self._begun)
        eventually(lambda: self._is_listed(code, about) and code in exposed(self._town), left)
        return True

    def _is_listed(self, code: Code, about: str | None) -> bool:
        return any(one == code and about in {None, of} for one, of in wrong(self._town))


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """Processes that stand still; afterwards those that nobody has replaced go on."""
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@pytest.mark.timeout(400)
def test_a_mail_server_that_is_away_and_one_that_refuses_us(town: Town, mail_server: MailServer) -> None:
    mail_server.habits.script["greeting"] = HANG_UP
    watch = Watch(town)
    town.register(1)
    assert watch.sees("mail-unreachable", "server-not-reached")
    mail_server.habits.script.pop("greeting")
    mail_server.habits.script["MAIL"] = "550 5.7.1 we do not know you"
    watch = Watch(town)
    town.register(2)
    assert watch.sees("mail-refused", "smtp-550-5.7.1")
    mail_server.habits.script.clear()


@pytest.mark.timeout(400)
def test_a_broker_that_does_not_answer(town: Town) -> None:
    with stopped(town.processes("valkey")):
        assert Watch(town).sees("broker-down")
    eventually(lambda: "broker-down" not in exposed(town))


@pytest.mark.timeout(400)
def test_a_worker_that_has_lost_the_broker_although_another_does_its_work(town: Town, tmp_path: Path) -> None:
    socket = EmbeddedBroker(town.folder / "var" / "broker").client_url
    log = tmp_path / "lost.log"
    with a_gate(Path(re.sub(r"^\w+://|\?.*$", "", socket))) as gate, log.open("wb") as out:
        lost = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "worker", "--queues=delivery", "--concurrency=1"],
            env=town.environment | {"CONVENOR_REDIS_URL": f"redis://127.0.0.1:{gate.port}/0"}, stdout=out, stderr=out,
        )  # fmt: skip
        try:
            eventually(lambda: "ready." in log.read_text() and ("worker-silent", "") not in wrong(town))
            eventually(lambda: 'convenor_workers{state="working"} 3.0' in metrics(town), MINUTE)
            gate.close()
            assert Watch(town).sees("worker-silent")
            assert ("queue-unattended", "delivery") not in wrong(town)
        finally:
            lost.kill()
            lost.wait()
    eventually(lambda: "worker-silent" not in exposed(town))


@pytest.mark.timeout(400)
def test_an_intake_that_stands_still_is_unattended_and_what_waits_in_it_ages(town: Town) -> None:
    with stopped(town.processes("worker", "--queues=intake")):
        watch = Watch(town)
        town.register(3)
        assert watch.sees("queue-unattended", "intake")
        assert watch.sees("worker-silent")
        assert watch.sees("queue-ageing", "intake")


@pytest.mark.timeout(400)
def test_a_clock_that_stands_still(town: Town) -> None:
    with stopped(town.processes("cli.main", "clock")):
        assert Watch(town).sees("clock-silent")
    eventually(lambda: "clock-silent" not in exposed(town))


def metrics(town: Town) -> str:
    return httpx2.get(f"{town.address}/metrics", timeout=10).text
