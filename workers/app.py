"""The Celery app: its queues, the toolbox of each process, and how an id is handed to the next stage.

Messages carry opaque ids and nothing else. Handing one over is best effort: the row was committed before, and the
sweep finds what no worker has taken.
"""

import gc
import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import before_task_publish, worker_process_init
from kombu.exceptions import OperationalError

from adapters import tracing
from adapters.broker.celery_settings import celery_settings
from adapters.broker.queues import QUEUES, stamp
from adapters.broker.repairs import repair
from adapters.database import pauses
from adapters.toolbox import Toolbox, broker_of, build
from config.logging import configure_logging
from config.settings import ROOT, Settings
from domain.letters.desk import Desk

log = structlog.get_logger(__name__)


class Stage(Task):  # type: ignore[type-arg]
    """A task of the corridor. Of a queue that a person has paused it returns at once: what it was about is in the
    database, and is handed over again when the queue goes on. Signs of life go through paused queues, too."""

    abstract = True

    def __call__(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the task takes and gives
        """Run it, unless its queue rests."""
        with tracing.span(self.name, "consumer", after=self._came_with()):
            return None if _QUEUE_OF.get(self.name) in paused(tools()) else super().__call__(*given, **named)

    def _came_with(self) -> dict[str, str]:
        parent = getattr(self.request, "traceparent", None)
        return {"traceparent": parent} if parent else {}


app = Celery("convenor", set_as_current=False, task_cls=Stage)

STAGES = (
    "workers.intake",
    "workers.conferencing.stage",
    "workers.invitation",
    "workers.delivery",
    "workers.housekeeping",
    "workers.census",
    "workers.forgetting",
    "workers.mailbox",
    "workers.watch",
)

OPEN_ENVELOPE = "intake.open_envelope"
OBTAIN_LINKS = "conferencing.obtain_links"
TEND_EVENT = "conferencing.tend_event"
WRITE_INVITATIONS = "invitation.write"
DELIVER = "delivery.deliver"
CANARY = "housekeeping.canary"
ALIVE = "watch.alive"
FORGET = "housekeeping.forget"
COUNT = "census.take"
EMPTY_MAILBOX = "mailbox.empty"

_URGENT, _USUAL = 0, 6
"""Redis has a list for each priority, and 0 comes first. A canary overtakes what waits: it is to show whether a queue
is consumed, not how long it is."""

LOOK_EVERY = timedelta(seconds=1)
"""So long may a process go on with a queue that a person has paused."""

_QUEUE_OF = {
    OPEN_ENVELOPE: "intake",
    OBTAIN_LINKS: "conferencing",
    TEND_EVENT: "conferencing",
    WRITE_INVITATIONS: "conferencing",
    DELIVER: "delivery",
    FORGET: "housekeeping",
    COUNT: "housekeeping",
    EMPTY_MAILBOX: "housekeeping",
}


class _Process:
    """What this process works with; built anew after a fork, because connections must not be shared."""

    settings: Settings | None = None
    toolbox: Toolbox | None = None
    desk: Desk | None = None
    pid = 0
    paused: frozenset[str] = frozenset()
    looked: tuple[Toolbox, datetime] | None = None
    """Where, and when (the machine's time), it was last asked what is paused."""


def configure(settings: Settings, *own: str) -> None:
    """Set the app up for this process and its children. `own`: names of queues that are this process's alone."""
    repair()
    address = broker_of(settings)
    app.conf.update(
        celery_settings(address.celery_url, queues=(*QUEUES, *own), transport_options=address.transport_options),
        include=list(STAGES),
        timezone="UTC",
    )
    _Process.settings, _Process.toolbox = settings, None


def tools() -> Toolbox:
    """This process's toolbox."""
    if _Process.toolbox is None or _Process.pid != os.getpid():
        assert _Process.settings is not None, "configure() comes first"  # noqa: S101
        _Process.toolbox, _Process.pid = build(_Process.settings), os.getpid()
    return _Process.toolbox


def use(toolbox: Toolbox) -> None:
    """Work with this toolbox in this process: for tests, and for commands that have built one."""
    _Process.settings, _Process.toolbox, _Process.pid = toolbox.settings, toolbox, os.getpid()


def paused(toolbox: Toolbox) -> frozenset[str]:
    """What a person has paused, as it was within the last second: asking costs a millisecond, and most tasks take
    ten."""
    machine_now, looked = toolbox.clock.machine_now(), _Process.looked
    if looked is None or looked[0] is not toolbox or abs(machine_now - looked[1]) >= LOOK_EVERY:
        with toolbox.database.read() as session:
            _Process.paused, _Process.looked = pauses.in_force(session), (toolbox, machine_now)
    return _Process.paused


def look_again() -> None:
    """Something was paused, or goes on, by this process itself."""
    _Process.looked = None


def desk() -> Desk:
    """This process's writing desk, with templates and catalogues read once."""
    if _Process.desk is None:
        _Process.desk = Desk(ROOT / "templates" / "email", ROOT / "locale")
    return _Process.desk


def lay_out(queues: Sequence[str]) -> None:
    """Read what the tasks of these queues need, before a worker forks: its children begin with it, and share it."""
    app.loader.import_default_modules()
    if _QUEUE_OF[DELIVER] in queues:
        desk()
    gc.collect()
    gc.freeze()  # a collection in a child would write into every object, and so copy what is shared


def enqueue(task: str, *ids: str, queue: str | None = None) -> bool:
    """Hand ids to a stage, best effort; whether the broker took the message. Never raises for a broker that is down."""
    return enqueue_all(task, [ids], queue=queue) == 1


def enqueue_all(task: str, messages: Iterable[tuple[str, ...]], *, queue: str | None = None) -> int:
    """Hand over many messages on one connection; how many the broker took before it failed, if it did."""
    taken = 0
    try:
        with app.producer_pool.acquire(block=True, timeout=5) as producer:
            for ids in messages:
                priority = _URGENT if task in {CANARY, ALIVE} else _USUAL
                app.send_task(task, args=ids, queue=queue or _QUEUE_OF[task], producer=producer, priority=priority)
                taken += 1
    except (OperationalError, OSError) as wrong:
        log.warning("the broker did not take a message; the sweep will hand it over", task=task,
                    reason=type(wrong).__name__)  # fmt: skip
    return taken


@before_task_publish.connect
def _stamped(headers: dict[str, Any] | None = None, **_ignored: object) -> None:
    if headers is not None:
        stamp(headers, tools().clock.machine_now())
        headers.update(tracing.carried())


@worker_process_init.connect
def _in_a_child(**_ignored: object) -> None:
    settings = _Process.settings
    if settings is not None:
        configure_logging(settings.log_level, settings.log_format, "worker")
        tracing.begin(settings.traces_url, "worker")
    _Process.toolbox = None
    settle_in()


def settle_in() -> None:
    """What a worker has loaded before its first task stays: no collection of garbage looks through it again."""
    gc.freeze()
