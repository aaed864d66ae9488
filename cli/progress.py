"""Whether everything that was posted or is due has come to an end: for rehearsals, and for tests."""

from datetime import datetime, timedelta
from typing import Final

from adapters.database import envelopes, outgoing, registrations, zoom_events
from adapters.toolbox import Toolbox

SHORTLY: Final = timedelta(minutes=1)
"""Zoom is waited for that has put us off for so long at most: more is for another day, or for a person to look at."""


def unsettled(toolbox: Toolbox, moment: datetime) -> dict[str, int]:
    """What still waits by `moment` of the conference's time, by its kind; empty when all is settled."""
    with toolbox.database.read() as session:
        waiting = {
            "submissions": envelopes.waiting(session),
            "registrations": registrations.waiting(session),
            "zoom events": zoom_events.working(session, moment, toolbox.clock.machine_now() + SHORTLY),
            "letters": outgoing.unfinished(session, moment),
        }
    return {what: count for what, count in waiting.items() if count}
