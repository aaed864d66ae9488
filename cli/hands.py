"""Whose hands carry out what the monitor is asked for: the corridor's, in this process."""

from adapters.toolbox import Toolbox
from web.admin.hands import Hands
from workers.accounts import Warden
from workers.approval import Approver
from workers.attendant import Attendant
from workers.outbox import OutboxKeeper
from workers.pauses import Pauser
from workers.plans import Planner
from workers.replays import Replayer
from workers.submissions import Submissions


def hands_of(toolbox: Toolbox) -> Hands:
    """Those that the web part is started with."""
    return Hands(
        planner=Planner(toolbox),
        approver=Approver(toolbox),
        attendant=Attendant(toolbox),
        outbox=OutboxKeeper(toolbox),
        replayer=Replayer(toolbox),
        clerk=Submissions(toolbox),
        pauser=Pauser(toolbox),
        warden=Warden(toolbox),
    )
