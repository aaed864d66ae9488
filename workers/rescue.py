"""Letters whose round of delivery has ended without them: settled as its journal says, the rest planned again.

A round ends so when its process is killed, or when the database was away. Whoever finds it first settles it: the same
process before its next round, the clock of the same host at its next tick, and where the host is gone, any clock that
has seen nothing of it for long enough; then there may be no journal, and letters sent since the last commit go once
more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy.orm import Session

from adapters.database import addresses, claims, letters
from adapters.database.engine import DatabaseUnavailable
from adapters.processes import identity, is_gone
from adapters.toolbox import Toolbox
from adapters.vault import VaultError
from schemas.outcome import Outcome
from workers import suppression

log = structlog.get_logger(__name__)

SILENCE: Final = timedelta(seconds=120)
"""So long nothing is seen of a holder on another host before its letters are taken: longer than a lease, and than any
task lives (90 seconds)."""
BETWEEN_LOOKS: Final = timedelta(seconds=5)
"""More than this does not count from one look to the next: meanwhile nobody could look, or the clock was set."""


@dataclass(slots=True)
class Elsewhere:
    """What one clock has seen of holders on other hosts.

    Two hosts' clocks differ, and a database that was away kept everybody from renewing: that a lease has run out tells
    nothing of another host. What tells is a lease that nobody renews while this clock looks on, by its own time. The
    other host's clock and workers, who have the journal, are quicker.
    """

    looked: datetime | None = None
    unchanged: dict[tuple[str, datetime], timedelta] = field(default_factory=dict)
    """For how long a holder was seen with the same end of its lease."""

    def silent(self, held: Mapping[str, datetime], machine_now: datetime) -> set[str]:
        """Look at who holds letters elsewhere, and until when; of whom nothing was seen for long enough."""
        passed = machine_now - self.looked if self.looked else timedelta(0)
        counted = min(max(passed, timedelta(0)), BETWEEN_LOOKS)
        before, self.looked = self.unchanged, machine_now
        self.unchanged = {one: before[one] + counted if one in before else timedelta(0) for one in held.items()}
        return {holder for (holder, _), seen in self.unchanged.items() if seen >= SILENCE}


def own(toolbox: Toolbox) -> None:
    """What earlier rounds of this process have left. They are over: a process has one round at a time."""
    here = identity()
    for holder in toolbox.journals.left():
        if holder.partition("#")[0] == here:
            _settle_if_possible(toolbox, holder)


def all_that_is_lost(toolbox: Toolbox, elsewhere: Elsewhere | None = None) -> None:
    """What was claimed by processes of this host that are gone, or whose lease has run out; and by those of whom
    nothing is seen `elsewhere`, which is the caller's memory: without it other hosts are left alone. Journals without
    any claimed letter have nothing to say, and go."""
    machine_now = toolbox.clock.machine_now()
    journals = toolbox.journals.left()  # before the question: whoever has a journal has claimed letters first
    with toolbox.database.read() as session:
        held = claims.holders(session)
    here = {holder: until for holder, until in held.items() if _host(holder) == _host(identity())}
    lost = {holder for holder, until in here.items() if until < machine_now or is_gone(holder)}
    if elsewhere is not None:
        lost |= elsewhere.silent({one: until for one, until in held.items() if one not in here}, machine_now)
    for holder in sorted(lost):
        _settle_if_possible(toolbox, holder)
    for holder in journals:
        if holder not in held:
            toolbox.journals.remove(holder)


def _host(holder: str) -> str:
    return holder.partition("/")[0]


def _settle_if_possible(toolbox: Toolbox, holder: str) -> None:
    """One holder whose letters cannot be settled, for an error of ours or a file that is not to be read, keeps neither
    the others' waiting nor whoever settles them from going on."""
    try:
        _settle(toolbox, holder)
    except (DatabaseUnavailable, SoftTimeLimitExceeded):
        raise
    except Exception:
        log.exception("letters that a worker had left could not be taken over")


def _settle(toolbox: Toolbox, holder: str) -> None:
    noted = toolbox.journals.read(holder)
    with toolbox.database.write() as session:
        settled = claims.settle(session, holder, noted)
        for one in noted:
            _follow(toolbox, session, one)
        planned = claims.rescue(session, holder, toolbox.clock.now(), toolbox.clock.machine_now())
    toolbox.journals.remove(holder)
    if settled or planned:
        log.warning("took over letters that a worker had left", settled=settled, planned=planned)


def _follow(toolbox: Toolbox, session: Session, outcome: Outcome) -> None:
    """What a refusal means for the address, as the round would have said it with its next commit. Where that had been
    committed, nothing follows a second time."""
    if outcome.state != "failed" or outcome.answer is None:
        return
    letter = letters.by_id(session, outcome.letter_id)
    if letter is None:
        return
    try:
        address = addresses.of_letter(session, toolbox.vault, letter)
    except VaultError:
        log.exception("what follows for an address cannot be told: it is not to be opened", letter=letter.id)
        return
    suppression.refused(toolbox, session, letter, address, outcome.answer)
