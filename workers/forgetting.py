"""Forgetting: bodies of envelopes that have had their time."""

from datetime import timedelta
from typing import Final

import structlog

from adapters.database import envelopes
from workers.app import FORGET, app, tools

log = structlog.get_logger(__name__)

KEEP_ACCEPTED_ENVELOPES: Final = timedelta(days=7)
KEEP_REPORTS: Final = timedelta(days=30)
"""Those that were not understood; a person may want to see what they were."""


@app.task(name=FORGET)
def forget() -> None:
    """Empty the bodies of accepted envelopes after seven days: what they said is in the participant's row. Those of
    reports about letters go after thirty, whatever became of them."""
    toolbox = tools()
    machine_now = toolbox.clock.machine_now()
    with toolbox.database.write() as session:
        count = envelopes.forget(session, machine_now - KEEP_ACCEPTED_ENVELOPES)
        count += envelopes.forget_reports(session, machine_now - KEEP_REPORTS)
    log.info("emptied accepted envelopes", count=count)
