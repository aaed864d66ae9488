"""The clock's loop: a tick a second, more often where a rehearsal runs fast."""

import signal
import threading
from datetime import timedelta
from typing import Final

import structlog

from adapters.toolbox import Toolbox
from workers.housekeeping import Housekeeper

log = structlog.get_logger(__name__)

TICK: Final = timedelta(seconds=1)
TICK_WHEN_REHEARSING: Final = timedelta(seconds=0.1)


def run(toolbox: Toolbox) -> None:
    """Tick until SIGTERM or SIGINT. An error of ours in one tick is logged and does not end the clock."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keeper = Housekeeper(toolbox)
    tick = TICK_WHEN_REHEARSING if toolbox.clock.rehearsing else TICK
    log.info("the clock runs")
    while not stop.wait(keeper.rest(tick).total_seconds()):
        try:
            keeper.tick()
        except Exception:
            log.exception("a tick failed")
    toolbox.close()
