"""Whose hands carry out what the monitor is asked for: the corridor's, in this process."""

from adapters.toolbox import Toolbox
from web.admin.hands import Hands
from workers.approval import Approver
from workers.plans import Planner


def hands_of(toolbox: Toolbox) -> Hands:
    """Those that the web part is started with."""
    return Hands(planner=Planner(toolbox), approver=Approver(toolbox))
