"""Running Convenor: everything on one machine (`up`), or one part of it (`web`, `worker`, `clock`)."""

import signal
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, Annotated

import structlog
import typer
from celery.signals import setup_logging, worker_shutdown
from celery.worker import state

from adapters import tracing
from adapters.broker.embedded import EmbeddedBroker
from adapters.broker.queues import QUEUES
from adapters.broker.shutdown import drain_on_sigterm
from adapters.clock import anchored
from adapters.database import signs
from adapters.database.engine import DatabaseUnavailable
from adapters.processes import end_with_parent, identity
from adapters.toolbox import Toolbox
from cli.alone import alone_in
from cli.readiness import check_clock, check_workers
from cli.start import migrated, said_plainly, settings_of, toolbox_of
from cli.supervisor import Part, Supervisor, environment_with
from config.settings import Settings
from workers import app as corridor
from workers import clock as clock_loop
from workers.programme import put_in_force
from workers.watch import Watch

log = structlog.get_logger(__name__)

DELIVERY = ("delivery",)
OTHERS = tuple(queue for queue in QUEUES if queue not in DELIVERY)

Supervised = Annotated[bool, typer.Option("--supervised", hidden=True, help="End when the parent process does.")]


def up() -> None:
    """Run everything on this machine: web, workers, clock, and the embedded broker where no CONVENOR_REDIS_URL is set.

    Restarts what dies; stops cleanly on SIGTERM or Ctrl-C.
    """
    with said_plainly():
        settings = settings_of("up")
        with alone_in(settings.var), _prepared(settings) as toolbox:
            supervisor = supervisor_of(settings, toolbox)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: supervisor.stopping.set())
            log.info("going up", host=settings.bind)
            supervisor.start()
            supervisor.run()


def web(supervised: Supervised = False) -> None:
    """Run the web part: the hooks, the registration page, the monitor."""
    from cli.hands import hands_of  # noqa: PLC0415 - the other parts do without the web's libraries
    from web.server import serve  # noqa: PLC0415

    with said_plainly():
        settings = _part("web", supervised=supervised)
        corridor.configure(settings)
        tracing.begin(settings.traces_url, "web")
        with toolbox_of(settings) as toolbox:
            corridor.use(toolbox)
            serve(toolbox, _hand_over, hands_of(toolbox))


def worker(
    queues: Annotated[str, typer.Option(help="Which queues to consume, separated by commas.")] = ",".join(QUEUES),
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many child processes.")] = 2,
    check: Annotated[bool, typer.Option("--check", help="Only say whether this machine's workers work.")] = False,
    supervised: Supervised = False,
) -> None:
    """Run a Celery worker. Any number of them, on any number of machines."""
    if check:
        check_workers()
        return
    with said_plainly():
        settings = _part("worker", supervised=supervised)
        if settings.traces_url:
            tracing.expect()  # its children begin, each by itself
        with toolbox_of(settings) as toolbox:  # what is wrong is said now, and not by each child
            _work(toolbox, queues, concurrency)


def _work(toolbox: Toolbox, queues: str, concurrency: int) -> None:
    settings = toolbox.settings
    watch = Watch(toolbox, busy=lambda: bool(state.reserved_requests))
    corridor.configure(settings, watch.queue)
    setup_logging.connect(_our_logging_stays)
    # Celery warns that root could be made to run a pickled message; only JSON is accepted here.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    # Forks wait for the one thread there is: see workers/watch.py.
    warnings.filterwarnings("ignore", message="This process .* is multi-threaded", category=DeprecationWarning)
    drain_on_sigterm()
    ended: list[int] = []
    worker_shutdown.connect(lambda sender, **_: ended.append(sender.exitcode or 0), weak=False)
    name = f"{'+'.join(queues.split(','))}@{socket.gethostname()}"
    corridor.lay_out(queues.split(","))
    watch.start()
    try:
        corridor.app.worker_main([
            "--quiet", "worker", "--pool=prefork", f"--concurrency={concurrency}", f"--queues={queues},{watch.queue}",
            f"--hostname={name}", "--without-gossip", "--without-mingle", f"--loglevel={settings.log_level}",
        ])  # fmt: skip
    finally:
        watch.stop()
        if any(ended):  # Celery keeps it to itself; a supervisor that restarts what has failed must hear of it
            raise typer.Exit(ended[-1])


def clock(
    check: Annotated[bool, typer.Option("--check", help="Only say whether this machine's clock runs.")] = False,
    supervised: Supervised = False,
) -> None:
    """Run the clock: it wakes delivery when letters are due, and hands over again what got stuck."""
    if check:
        check_clock()
        return
    with said_plainly():
        settings = _part("clock", supervised=supervised)
        corridor.configure(settings)
        with toolbox_of(settings) as toolbox:
            corridor.use(toolbox)
            clock_loop.run(toolbox)


def migrate() -> None:
    """Create or upgrade the database, and put new programmes in force."""
    with said_plainly():
        prepare(settings_of("migrate"))


@contextmanager
def _prepared(settings: Settings) -> Iterator[Toolbox]:
    prepare(settings)
    with toolbox_of(settings) as toolbox:
        yield toolbox


def prepare(settings: Settings) -> None:
    """Bring the database to its form, and the programmes into force."""
    migrated(settings)
    with toolbox_of(settings) as toolbox:
        outcome = put_in_force(toolbox, settings.conferences)
    for problem in outcome.problems:
        typer.echo(str(problem), err=True)


def supervisor_of(
    settings: Settings, toolbox: Toolbox, overrides: dict[str, str] | None = None, output: IO[bytes] | None = None,
    *, web_ready: Callable[[], None] | None = None,
) -> Supervisor:  # fmt: skip
    """A supervisor for every part of one machine. `overrides` are settings for the parts, `output` is their log;
    `web_ready` waits for the web part, where the others must find it."""
    environment = dict(overrides or {})
    if settings.redis_url is None:
        # Said aloud: an empty variable would let a `.env` name another broker, and a rehearsal's workers eat from it.
        environment["CONVENOR_REDIS_URL"] = EmbeddedBroker(settings.var / "broker").client_url
    if written := anchored(environment.get("CONVENOR_CLOCK", settings.clock)):
        environment["CONVENOR_CLOCK"] = written
    parts = [
        Part("web", lambda: _command("web"), web_ready),
        Part("worker", lambda: _command("worker", f"--queues={','.join(OTHERS)}")),
        Part("delivery", lambda: _command("worker", f"--queues={','.join(DELIVERY)}")),
        Part("clock", lambda: _command("clock")),
    ]
    if settings.redis_url is None:
        broker = EmbeddedBroker(settings.var / "broker")
        parts.insert(0, Part("broker", broker.command, ready=broker.wait_ready))
    return Supervisor(
        parts, environment_with(environment), lambda age: standing_still(toolbox, age), output, settings.silent_after
    )


def standing_still(toolbox: Toolbox, age: float) -> frozenset[int]:
    """The numbers of those processes of this host whose last beat is older than `age` seconds. Nobody's, where the
    database does not answer: they could not beat. Nor who has not beaten yet: it is still being started."""
    before = toolbox.clock.machine_now() - timedelta(seconds=age)
    try:
        with toolbox.database.read() as session:
            found = signs.processes(session)
    except DatabaseUnavailable:
        return frozenset()
    still = {one: int(one.split("/")[1]) for one, seen in found.items() if seen < before}
    return frozenset(pid for one, pid in still.items() if one == identity(pid))


def _hand_over(task: str, *ids: str) -> None:
    corridor.enqueue(task, *ids)


def _part(name: str, *, supervised: bool) -> Settings:
    if supervised:
        end_with_parent()
    return settings_of(name)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", *arguments, "--supervised"]


def _our_logging_stays(**_ignored: object) -> None:
    """Connected to Celery's signal, it keeps Celery from setting up a log of its own."""
