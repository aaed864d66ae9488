"""What the monitor does by others' hands: actions that the corridor carries out, and the command line too."""

from dataclasses import dataclass

from web.admin.programmes import Planner
from web.admin.waiting import Approver


@dataclass(frozen=True, slots=True)
class Hands:
    """Whoever starts the web part hands these in; the doors do not work in the corridor themselves."""

    planner: Planner
    approver: Approver
