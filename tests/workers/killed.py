"""A program that delivers what is due in child processes, until there is nothing left; it writes the number of each
child to a file, so that whoever likes may kill it.

`python -m tests.workers.killed PID_FILE`, with the settings in the environment.
"""

import os
import sys
from pathlib import Path

from adapters.database import claims
from adapters.toolbox import Toolbox, build
from config.logging import configure_logging
from config.settings import Settings, load_settings
from workers import app, delivery, rescue
from workers.app import desk


def main() -> None:
    """Child after child; what one has left is rescued before the next, as the clock does."""
    configure_logging("error", "console", "killed")
    settings, file = load_settings(), Path(sys.argv[1])
    desk()  # read once, for all children
    while _due(settings):
        child = os.fork()
        if not child:
            _deliver(settings, file)
        os.waitpid(child, 0)


def _deliver(settings: Settings, file: Path) -> None:
    toolbox = build(settings)
    app.use(toolbox)
    file.write_text(str(os.getpid()))
    while delivery.deliver_batch(toolbox):
        pass
    toolbox.close()
    os._exit(0)


def _due(settings: Settings) -> bool:
    toolbox: Toolbox = build(settings)
    rescue.all_that_is_lost(toolbox)
    with toolbox.database.read() as session:
        due = claims.due_count(session, toolbox.clock.now(), toolbox.clock.machine_now(), 1000)
    toolbox.close()
    return bool(due)


if __name__ == "__main__":
    main()
