"""Delivery: letters that are due are claimed in batches, and each batch is a round."""

from datetime import timedelta
from secrets import token_hex
from typing import Final

from adapters.database import claims, pauses
from adapters.processes import identity
from adapters.toolbox import Toolbox
from workers import rescue
from workers.app import DELIVER, app, enqueue, tools
from workers.correspondence import Correspondence
from workers.packing import Packer
from workers.rounds import LEASE, Round
from workers.traffic import Traffic

BATCH: Final = 200
"""Two groups (workers.rounds): what a statement costs is shared by so many letters."""
WINDOW: Final = timedelta(seconds=15)
"""After so long a batch is put back and the rest left to the next task: a worker that is asked to end can."""
TURN: Final = timedelta(seconds=5)
"""After so long a task begins no other batch: with the last one's window, a worker that is asked to end still can."""


@app.task(name=DELIVER)
def deliver() -> None:
    """Deliver what is due, batch after batch; what is left after a while is for the next task."""
    toolbox = tools()
    until = toolbox.clock.machine_now() + TURN
    while deliver_batch(toolbox) == BATCH:
        if toolbox.clock.machine_now() >= until:
            enqueue(DELIVER)
            return


def deliver_batch(toolbox: Toolbox, limit: int = BATCH) -> int:
    """Claim up to `limit` due letters and bring each to an outcome; how many were claimed; 0 while mail rests."""
    rescue.own(toolbox)
    holder = f"{identity()}#{token_hex(4)}"
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    with toolbox.database.write() as session:
        if pauses.mail_rests(pauses.in_force(session)):
            return 0
        traffic = Traffic.now(toolbox, session, machine_now)
        claimed = claims.claim(
            session, holder, min(limit, traffic.most), now, machine_now, machine_now + LEASE,
            least_tried=traffic.on_trial,
        )  # fmt: skip
        going = traffic.admitted(session, len(claimed), machine_now)
        if going.number < len(claimed):
            claims.put_back(session, holder, claimed[going.number :], going.next_at)
        correspondence = Correspondence.of(toolbox, session, claimed[: going.number])
        past = claims.past(session, claimed[: going.number])
    if claimed:
        packer = Packer(toolbox, correspondence)
        Round(toolbox, traffic, packer, holder, claimed[: going.number], past, machine_now + WINDOW).run()
    return len(claimed)
