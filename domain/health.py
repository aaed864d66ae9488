"""What is wrong with the machines at this moment, and what to do about it: one judgement, which the monitor's first
page, `/metrics` (and so every alert) and the command line all show.

Nothing here asks a neighbour: `Vitals` says what was read, in the machine's time. A finding begins as a warning as soon
as it is certain, and is critical when nobody and nothing has mended it for as long as rule A10 says. Each code has a
page in docs/runbook and an alert in deploy/prometheus.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

Severity = Literal["warning", "critical"]
Code = Literal[
    "database-down", "broker-down", "broker-memory", "clock-silent", "queue-unattended", "worker-silent",
    "queue-ageing", "mail-unreachable", "mail-refused", "policy-bounces", "dead-letters", "paused",
]  # fmt: skip
CODES: Final[tuple[Code, ...]] = get_args(Code)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)

SILENT: Final = timedelta(seconds=30)
"""A clock or worker beats every five seconds: six beats were missed."""
UNATTENDED: Final = timedelta(seconds=25)
"""A canary overtakes what waits, and a round of delivery lasts 20 seconds at most."""
AGEING: Final = timedelta(seconds=30)
LONG: Final[dict[Code, timedelta]] = {
    "clock-silent": timedelta(minutes=3),
    "queue-unattended": timedelta(minutes=2),
    "worker-silent": timedelta(minutes=5),
    "queue-ageing": timedelta(minutes=5),
    "mail-unreachable": timedelta(minutes=10),
    "mail-refused": timedelta(minutes=5),
    "dead-letters": timedelta(minutes=15),
    "paused": timedelta(hours=4),
}
"""After so long a finding is critical."""
PAUSED_LONG: Final = timedelta(minutes=30)
MEMORY_HIGH: Final = 0.7
MEMORY_FULL: Final = 0.9
"""Shares of the broker's limit; at 1 it takes nothing more."""


@dataclass(frozen=True, slots=True)
class QueueVitals:
    """One queue. `depth`: messages in the broker. `oldest`: how long the oldest has waited that a worker could take,
    message or row; None where none waits. `unanswered_since`: since when what was sent through it to prove that
    somebody consumes it has found nobody; None while it is answered."""

    name: str
    depth: int = 0
    oldest: timedelta | None = None
    unanswered_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkerVitals:
    """One worker's main process: when it beat last, and when one of its children last did what it was sent through a
    queue of its own (None: not yet)."""

    beat: datetime
    worked: datetime | None


@dataclass(frozen=True, slots=True)
class MailVitals:
    """The mail server, since it last took a letter: since when it has not been reached, or has refused us, and with
    what code of ours or of SMTP."""

    trouble: Literal["unreachable", "refused"]
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Vitals:
    """What was read of all machines, in the machine's time. Without the database only the broker is known.

    `beats_every`: how often clocks and workers beat. `memory_share`: of the broker, 0 without a limit. `pauses`: what a
    person has paused (`mail`, or a queue), since when. `dead`: letters that failed or are held, and could still go,
    and submissions that failed; since when the oldest. `policy_bounces`: reports of the last day that blame us.
    """

    database: bool = True
    broker: bool = True
    beats_every: timedelta = timedelta(seconds=5)
    clock_seen: datetime | None = None
    queues: Sequence[QueueVitals] = ()
    workers: Sequence[WorkerVitals] = ()
    memory_share: float = 0.0
    mail: MailVitals | None = None
    pauses: dict[str, datetime] = field(default_factory=dict)
    dead: int = 0
    dead_since: datetime | None = None
    policy_bounces: int = 0
    policy_bounces_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `since`: when it began, as far as is known (machine time). `about`: a queue, or a reason
    code; empty where the code says it all."""

    code: Code
    severity: Severity
    said: str
    remedy: str
    since: datetime | None = None
    about: str = ""

    @property
    def runbook(self) -> str:
        """The page that says what it means, what to look at, and what to do."""
        return f"docs/runbook/{self.code}.md"


def verdicts(vitals: Vitals, machine_now: datetime) -> list[Finding]:
    """Everything that is wrong, what is critical first."""
    found = [one for judge in _JUDGES for one in judge(vitals, machine_now)]
    return sorted(found, key=lambda one: one.severity != "critical")


def working(vitals: Vitals, machine_now: datetime) -> int:
    """How many workers do what they are sent."""
    return sum(not _is_silent(one, vitals, machine_now) for one in vitals.workers)


def _is_silent(worker: WorkerVitals, vitals: Vitals, machine_now: datetime) -> bool:
    """It sends itself something with every second beat, and its children may all be at work for twenty seconds."""
    patience = max(SILENT, 3 * vitals.beats_every)
    unanswered = machine_now - (worker.worked or worker.beat)
    return machine_now - worker.beat > patience or unanswered > patience + vitals.beats_every


def _neighbours(vitals: Vitals, _machine_now: datetime) -> Iterator[Finding]:
    if not vitals.database:
        yield Finding(
            "database-down", "critical", "The database does not answer: registrations are refused, nothing is sent.",
            "Bring it back; nothing that was acknowledged is lost.",
        )  # fmt: skip
    if not vitals.broker:
        yield Finding(
            "broker-down", "critical", "The broker does not answer: registrations are taken, nothing moves on.",
            "Bring it back, empty if need be: the clock hands over again what waits.",
        )  # fmt: skip
    elif vitals.memory_share >= MEMORY_HIGH:
        yield Finding(
            "broker-memory", "critical" if vitals.memory_share >= MEMORY_FULL else "warning",
            f"The broker has used {vitals.memory_share:.0%} of its memory; when it is full it takes no message.",
            "See which queue is long and why; raise maxmemory.",
        )  # fmt: skip


def _clock(vitals: Vitals, machine_now: datetime) -> Iterator[Finding]:
    if not vitals.database:
        return
    if vitals.clock_seen is None:
        yield Finding("clock-silent", "critical", "No clock has ever run here: no reminder goes out.",
                      "Start one: convenor up, or convenor clock.")  # fmt: skip
    elif machine_now - vitals.clock_seen > max(SILENT, 3 * vitals.beats_every):
        yield _aged(
            "clock-silent", vitals.clock_seen, machine_now,
            "The clock stands still: no reminder goes out, and nothing lost is handed over again.",
            "Within two minutes `convenor up` replaces it; otherwise start it again.",
        )  # fmt: skip


def _workers(vitals: Vitals, machine_now: datetime) -> Iterator[Finding]:
    if not (vitals.database and vitals.broker):
        return
    for queue in vitals.queues:
        since = queue.unanswered_since
        if since is not None and machine_now - since > UNATTENDED and not _rests(vitals, queue.name):
            yield _aged(
                "queue-unattended", since, machine_now, f"No worker takes anything from the queue {queue.name}.",
                "Within two minutes `convenor up` replaces a worker; otherwise start it again.", queue.name,
            )  # fmt: skip
    for worker in vitals.workers:
        if _is_silent(worker, vitals, machine_now):
            yield _aged(
                "worker-silent", min(worker.beat, worker.worked or worker.beat), machine_now,
                "A worker stands still, or has lost the broker; others may do its work meanwhile.",
                "Within two minutes it is replaced by `convenor up`; otherwise start it again.",
            )  # fmt: skip


def _queues(vitals: Vitals, machine_now: datetime) -> Iterator[Finding]:
    for queue in vitals.queues:
        waits_for_mail = queue.name == "delivery" and vitals.mail is not None  # said already, and why
        if queue.oldest is None or queue.oldest <= AGEING or waits_for_mail:
            continue
        if not _rests(vitals, queue.name):
            yield _aged(
                "queue-ageing", machine_now - queue.oldest, machine_now,
                f"What waits for {queue.name} is not taken as fast as it comes.",
                "See whether a worker runs, what it says in the log, and whether it has too much to do.", queue.name,
            )  # fmt: skip


def _mail(vitals: Vitals, machine_now: datetime) -> Iterator[Finding]:
    mail = vitals.mail
    if mail is None:
        return
    if mail.trouble == "unreachable":
        yield _aged("mail-unreachable", mail.since, machine_now, "The mail server cannot be reached; letters wait.",
                    "convenor doctor says why.", mail.reason)  # fmt: skip
    else:
        yield _aged("mail-refused", mail.since, machine_now, "The mail server refuses what we send; letters wait.",
                    "convenor doctor tries it; its code says whether login, sender or reputation.",
                    mail.reason)  # fmt: skip


def _letters(vitals: Vitals, machine_now: datetime) -> Iterator[Finding]:
    if vitals.policy_bounces:
        yield Finding(
            "policy-bounces", "critical", f"{vitals.policy_bounces} letters came back for a reason that lies with us.",
            "See SPF, DKIM and DMARC of the sender's domain, and whether its address is on a block list.",
            vitals.policy_bounces_since,
        )  # fmt: skip
    if vitals.dead:
        yield _aged("dead-letters", vitals.dead_since or machine_now, machine_now,
                    f"{vitals.dead} letters or submissions wait for a person.",
                    "convenor failures says why; correct it, and replay them.")  # fmt: skip


def _pauses(vitals: Vitals, machine_now: datetime) -> Iterator[Finding]:
    for name, since in vitals.pauses.items():
        if machine_now - since > PAUSED_LONG:
            yield _aged("paused", since, machine_now, f"{name.capitalize()} has been paused for long.",
                        "Resume, if that is not meant to be so.", name)  # fmt: skip


_JUDGES: Final[tuple[Callable[[Vitals, datetime], Iterator[Finding]], ...]] = (
    _neighbours, _clock, _workers, _queues, _mail, _letters, _pauses,
)  # fmt: skip


def _rests(vitals: Vitals, queue: str) -> bool:
    """Whether a person wants nothing taken from it."""
    return queue in vitals.pauses or (queue == "delivery" and "mail" in vitals.pauses)


def _aged(code: Code, since: datetime, machine_now: datetime, said: str, remedy: str, about: str = "") -> Finding:
    severity: Severity = "critical" if machine_now - since > LONG[code] else "warning"
    return Finding(code, severity, said, remedy, since, about)
