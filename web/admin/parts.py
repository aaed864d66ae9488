"""How the house stands at this moment: what the monitor shows of its parts, and the terminal too. Read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from adapters.broker.queues import QUEUES, BrokerState, QueueState
from adapters.database import census, destinations, figures, signs, zoom_events
from adapters.database.census import RATES_OVER, Census
from adapters.database.figures import Waiting
from adapters.database.signs import Process, Sign
from adapters.database.tables import DestinationRow
from adapters.toolbox import Toolbox
from domain.cadence import day_of
from domain.health import verdicts
from domain.times import VIENNA
from web.admin.verdict import Trouble, troubles
from web.vitals import broker_now, vitals_of

_CANARY = "canary:"


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue. `came` and `left`: a minute, over the last five, by the conference's clock; None where rows do not
    tell. `seen`: how long ago somebody last answered a sign that was sent through it; `unanswered`: for how long one
    has waited. A `state` of None: the broker is away."""

    name: str
    state: QueueState | None
    came: float | None
    left: float | None
    seen: timedelta | None
    unanswered: timedelta | None


@dataclass(frozen=True, slots=True)
class Parts:
    """All of it, read at one moment."""

    now: datetime
    machine_now: datetime
    day: tuple[datetime, datetime]
    broker: BrokerState | None
    clock: Sign | None
    queues: Sequence[Queue]
    processes: Sequence[Process]
    destinations: Sequence[DestinationRow]
    paused: frozenset[str]
    waiting: Waiting
    census: Census
    troubles: Sequence[Trouble]

    def ago(self, moment: datetime) -> timedelta:
        """How old something is, by the machine's clock."""
        return max(self.machine_now - moment, timedelta())

    @property
    def counted_ago(self) -> timedelta:
        """How old the census is."""
        return self.ago(self.census.machine_counted)

    @property
    def for_later(self) -> int:
        """Letters that wait for the time at which they are due."""
        return max(0, self.census.letters_in("planned", "claimed") - self.waiting.letters)


def read(toolbox: Toolbox) -> Parts:
    """How it stands now. A broker that is gone is shown as gone.

    Raises:
        DatabaseUnavailable: where the database is gone.
    """
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    broker, day = broker_now(toolbox), day_of(now, VIENNA)
    with toolbox.database.read() as session:
        taken = census.current(session, census.Day(*day), now, machine_now)
        known = {one.name: one for one in signs.all_signs(session)}
        waiting = figures.waiting(session, now)
        vitals = vitals_of(toolbox, session, broker, waiting)
        events = zoom_events.listed(session)
        return Parts(
            now=now,
            machine_now=machine_now,
            day=day,
            broker=broker,
            clock=known.get("clock"),
            queues=_queues(broker, known, taken, machine_now),
            processes=signs.living(session),
            destinations=destinations.paused(session),
            paused=frozenset(vitals.pauses),
            waiting=waiting,
            census=taken,
            troubles=troubles(verdicts(vitals, machine_now), events, now),
        )


def counted(toolbox: Toolbox, session: Session) -> Census:
    """The census alone."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    return census.current(session, census.Day(*day_of(now, VIENNA)), now, machine_now)


def _queues(broker: BrokerState | None, known: Mapping[str, Sign], taken: Census, machine_now: datetime) -> list[Queue]:
    states = {one.name: one for one in broker.queues} if broker else {}
    flows = {one.stage: one for one in taken.flows}
    minutes = RATES_OVER / timedelta(minutes=1)
    found = []
    for name in QUEUES:
        flow, sign = flows.get(name), known.get(_CANARY + name)
        since = sign.unanswered_since() if sign else None
        found.append(
            Queue(
                name, states.get(name),
                came=flow.came / minutes if flow else None, left=flow.left / minutes if flow else None,
                seen=machine_now - sign.seen if sign and sign.seen else None,
                unanswered=machine_now - since if since else None,
            )
        )  # fmt: skip
    return found
