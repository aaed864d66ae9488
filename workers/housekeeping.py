"""Housekeeping: waking delivery when something is due, handing over again what got stuck, and signs of life.

The clock calls `tick` once a second. It only ever hands ids to the broker or frees rows whose holder is gone, so that
several clocks do no harm, and with the broker's data lost it alone brings every registration to its invitation.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from adapters.broker.errors import BrokerError, BrokerUnavailable
from adapters.broker.queues import QUEUES, broker_state
from adapters.broker.queues import forget as forget_queue
from adapters.database import (
    census,
    claims,
    envelopes,
    letters,
    pauses,
    programmes,
    registrations,
    signs,
    zoom_events,
)
from adapters.database.engine import DatabaseUnavailable
from adapters.processes import identity, is_gone
from adapters.toolbox import Toolbox
from domain.registration import may_follow
from workers import memory, offers, rescue, spreading, wishes
from workers.app import (
    CANARY,
    COUNT,
    DELIVER,
    EMPTY_MAILBOX,
    FORGET,
    OBTAIN_LINKS,
    OPEN_ENVELOPE,
    TEND_EVENT,
    WRITE_INVITATIONS,
    app,
    enqueue,
    enqueue_all,
    tools,
)
from workers.delivery import BATCH

log = structlog.get_logger(__name__)

SWEEP_EVERY: Final = timedelta(seconds=5)
CANARY_EVERY: Final = timedelta(seconds=10)
FORGET_EVERY: Final = timedelta(hours=6)
COUNT_EVERY: Final = census.EVERY
EMPTY_MAILBOX_EVERY: Final = timedelta(minutes=1)
GONE_AFTER: Final = timedelta(hours=1)

STUCK_WHEN_IDLE: Final = timedelta(seconds=10)
"""Untouched for so long while its queue is empty: the message is lost."""
STUCK_WHEN_BUSY: Final = timedelta(minutes=5)
"""Untouched for so long while its queue has work: perhaps lost. Any less would fill a busy queue with copies."""
TEND_AGAIN: Final = timedelta(seconds=3)
TEND_AGAIN_WHEN_BUSY: Final = timedelta(seconds=15)
"""So long after its last message an event that still has work is handed over again."""
MOST_AT_ONCE: Final = 1000
MOST_CAUGHT_UP: Final = 50
MOST_WAKES: Final = 4


@app.task(name=CANARY)
def canary(queue: str) -> None:
    """Proof that somebody consumes this queue: a ping would prove only that a process lives."""
    toolbox = tools()
    with toolbox.database.write() as session:
        signs.see(session, f"canary:{queue}", toolbox.clock.machine_now())


@dataclass(slots=True)
class Housekeeper:
    """One clock's memory of what it last did, in the machine's time."""

    toolbox: Toolbox
    beat: datetime | None = None
    swept: datetime | None = None
    sang: datetime | None = None
    forgot: datetime | None = None
    counted: datetime | None = None
    emptied: datetime | None = None
    broker_answers: bool = True
    paused: frozenset[str] = frozenset()
    """What a person has paused. Nothing of it is handed over; it is still asked for signs of life."""
    next_due: datetime | None = None
    """When (the conference's time) the next letter is due."""
    elsewhere: rescue.Elsewhere = field(default_factory=rescue.Elsewhere)

    def tick(self) -> None:
        """Do what is due now. A broker or database that is away is noted; the next tick tries again."""
        self.next_due = None
        try:
            self._tick(self.toolbox.clock.machine_now())
        except DatabaseUnavailable:
            log.warning("the database is not to be reached")

    def _tick(self, machine_now: datetime) -> None:
        if _passed(self.beat, timedelta(seconds=self.toolbox.settings.silent_after / 12), machine_now):
            self.beat = machine_now
            with self.toolbox.database.write() as session:
                signs.see(session, "clock", machine_now)
                signs.see(session, signs.of_process(identity()), machine_now)
        try:
            state = broker_state(self.toolbox.broker, machine_now=machine_now)
        except BrokerUnavailable:
            if self.broker_answers:
                log.warning("the broker is not to be reached; registrations wait in the database")
            self.broker_answers = False
            return
        if not self.broker_answers:
            log.info("the broker answers again")
            self.broker_answers = True
            self.sang = None
        depths = {queue.name: queue.depth for queue in state.queues}
        with self.toolbox.database.read() as session:
            self.paused = pauses.in_force(session)
        self._wake_delivery(depths)
        self._free_zoom_events()
        self._wake_conferencing(depths, machine_now)
        if _passed(self.swept, SWEEP_EVERY, machine_now):
            self.swept = machine_now
            self._sweep(depths, machine_now)
        if _passed(self.sang, CANARY_EVERY, machine_now):
            self._sing(machine_now, anew=self.sang is None)
            self.sang = machine_now
            self._bury(machine_now)
        if "housekeeping" not in self.paused:
            self._clear_up(depths, machine_now)

    def _clear_up(self, depths: dict[str, int], machine_now: datetime) -> None:
        if _passed(self.forgot, FORGET_EVERY, machine_now):
            self.forgot = machine_now
            enqueue(FORGET)
        if _passed(self.counted, COUNT_EVERY, machine_now) and not depths["housekeeping"]:
            self.counted = machine_now
            enqueue(COUNT)
        if self._has_a_mailbox() and _passed(self.emptied, EMPTY_MAILBOX_EVERY, machine_now):
            self.emptied = machine_now
            enqueue(EMPTY_MAILBOX)

    def _has_a_mailbox(self) -> bool:
        settings = self.toolbox.settings
        return not (settings.bounces_imap is None and settings.answers_imap is None)

    def rest(self, tick: timedelta) -> timedelta:
        """How long the clock may wait: a tick, or until the next letters are due, so that a reminder to a thousand
        does not wait for a tick of its own. Never a moment only: letters may be spread over every one of them."""
        if self.next_due is None:
            return tick
        return min(tick, max(tick / 4, self.next_due - self.toolbox.clock.now()))

    def _wake_delivery(self, depths: dict[str, int]) -> None:
        """One message per batch that is due, no more than are useful: a message claims whatever is due."""
        now, machine_now = self.toolbox.clock.now(), self.toolbox.clock.machine_now()
        rescue.all_that_is_lost(self.toolbox, self.elsewhere)
        if pauses.mail_rests(self.paused):
            return
        with self.toolbox.database.read() as session:
            due = claims.due_count(session, now, machine_now, MOST_WAKES * BATCH)
            self.next_due = claims.next_due(session, now)
        wakes = -(-due // BATCH) - depths.get("delivery", 0)
        enqueue_all(DELIVER, [()] * max(0, wakes))

    def _may_follow(self, session: Session) -> list[tuple[str, str]]:
        """Sessions whose letters need not wait for a link."""
        shelved = (self.toolbox.shelf.get(session, one) for one in programmes.ids(session))
        return [
            (in_force.conference.id, one.id)
            for in_force in shelved if in_force is not None
            for one in in_force.conference.sessions if one.cancelled or may_follow(one, in_force.conference)
        ]  # fmt: skip

    def _wake_conferencing(self, depths: dict[str, int], machine_now: datetime) -> None:
        """One message for each Zoom event about which there is something to say now. A wait can be a second long, so
        this is looked at with every tick; where the queue has work, more seldom."""
        if "conferencing" in self.paused:
            return
        again = TEND_AGAIN_WHEN_BUSY if depths["conferencing"] else TEND_AGAIN
        with self.toolbox.database.read() as session:
            due = zoom_events.with_work(
                session, machine_now - again, self.toolbox.clock.now(), machine_now, MOST_AT_ONCE
            )
        if due:
            with self.toolbox.database.write() as session:
                zoom_events.queued(session, due, machine_now)
            enqueue_all(TEND_EVENT, [(one,) for one in due])

    def _free_zoom_events(self) -> None:
        """A worker that was killed while it spoke with Zoom keeps nobody from going on."""
        with self.toolbox.database.read() as session:
            gone = [holder for holder in zoom_events.holders(session) if is_gone(holder)]
        if gone:
            with self.toolbox.database.write() as session:
                freed = zoom_events.rescue(session, gone)
            log.warning("took the lease of a Zoom event from a worker that is gone", count=freed)

    def _sweep(self, depths: dict[str, int], machine_now: datetime) -> None:
        with self.toolbox.database.write() as session:
            waiting = self._stuck_envelopes(session, depths["intake"], machine_now)
            untold = self._untold(session, depths["conferencing"], machine_now)
            wishes.wish_for_old_ones(self.toolbox, session, MOST_AT_ONCE)
            expired = letters.expire_held(session, self.toolbox.clock.now(), machine_now)
        if expired:
            log.warning("letters were held until it was too late for them", count=expired)
        if offered := offers.sweep(self.toolbox):
            enqueue_all(WRITE_INVITATIONS, [(one,) for one in offered])
        if caught_up := memory.catch_up(self.toolbox, MOST_CAUGHT_UP):
            log.info("planned reminders anew under the programme in force", count=caught_up)
        if moved := spreading.spread_large(self.toolbox, MOST_AT_ONCE):
            log.info("spread the reminders of a large session", count=moved)
        for task, ids in ((OPEN_ENVELOPE, waiting), (OBTAIN_LINKS, untold)):
            if ids:
                taken = enqueue_all(task, [(one,) for one in ids])
                log.warning("handed over again what had got stuck", task=task, count=taken)

    def _stuck_envelopes(self, session: Session, depth: int, machine_now: datetime) -> list[str]:
        if "intake" in self.paused:
            return []
        waiting = envelopes.stuck(session, self._stuck_before(depth, machine_now), MOST_AT_ONCE)
        envelopes.queued(session, waiting, machine_now)
        return waiting

    def _untold(self, session: Session, depth: int, machine_now: datetime) -> list[str]:
        if "conferencing" in self.paused:
            return []
        before = self._stuck_before(depth, machine_now)
        untold = registrations.stuck(session, before, MOST_AT_ONCE, may_follow=self._may_follow(session))
        registrations.queued(session, untold, machine_now)
        return list(untold)

    @staticmethod
    def _stuck_before(depth: int, machine_now: datetime) -> datetime:
        return machine_now - (STUCK_WHEN_BUSY if depth else STUCK_WHEN_IDLE)

    def _sing(self, machine_now: datetime, *, anew: bool) -> None:
        send = signs.send_anew if anew else signs.send
        with self.toolbox.database.write() as session:
            for queue in QUEUES:
                send(session, f"canary:{queue}", machine_now)
        for queue in QUEUES:
            enqueue(CANARY, queue, queue=queue)

    def _bury(self, machine_now: datetime) -> None:
        """Signs of processes that have ended, and the queues that were theirs: of this host those that are gone, of
        others those that have long been silent."""
        with self.toolbox.database.read() as session:
            known = signs.processes(session)
        for one, seen in known.items():
            if is_gone(one) or machine_now - seen > GONE_AFTER:
                with suppress(BrokerError):
                    forget_queue(self.toolbox.broker, signs.own(one))
                with self.toolbox.database.write() as session:
                    signs.bury(session, one)


def _passed(last: datetime | None, every: timedelta, machine_now: datetime) -> bool:
    # A machine's clock that is set back must not silence the sweeps until it has caught up.
    return last is None or abs(machine_now - last) >= every
