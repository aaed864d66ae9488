"""What the monitor does by others' hands: actions that the corridor carries out, and the command line too."""

from dataclasses import dataclass

from web.admin.accounts import Warden
from web.admin.failures import Replayer
from web.admin.outbox import Keeper
from web.admin.participants import Attendant
from web.admin.pauses import Pauser
from web.admin.programmes import Planner
from web.admin.submissions import Clerk
from web.admin.waiting import Approver


@dataclass(frozen=True, slots=True)
class Hands:
    """Whoever starts the web part hands these in; the doors do not work in the corridor themselves."""

    planner: Planner
    approver: Approver
    attendant: Attendant
    outbox: Keeper
    replayer: Replayer
    clerk: Clerk
    pauser: Pauser
    warden: Warden
