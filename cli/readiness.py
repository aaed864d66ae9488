"""Whether this machine's workers, or its clock, do their work: for orchestrators and for people, by an exit code.

They have no port to be asked at. So each beats in the database, and workers answer what they are sent through a queue
of their own (workers/watch.py).
"""

from collections.abc import Sequence
from datetime import timedelta

import typer

from adapters.database import signs
from adapters.processes import host
from adapters.toolbox import Toolbox
from cli.start import said_plainly, settings_of, toolbox_of
from domain.health import Vitals, WorkerVitals, working


def check_workers() -> None:
    """Say how many workers of this machine do what they are sent. Exit 1 where one does not, or none is there."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = [WorkerVitals(beat, worked) for beat, worked in signs.workers(session, host())]
        _say("workers", found, toolbox)


def check_clock() -> None:
    """The same of this machine's clock, which has only its beat."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = [WorkerVitals(beat, beat) for beat in signs.clocks(session, host())]
        _say("clocks", found, toolbox)


def _say(what: str, found: Sequence[WorkerVitals], toolbox: Toolbox) -> None:
    every = timedelta(seconds=toolbox.settings.silent_after / 12)
    alive = working(Vitals(beats_every=every, workers=found), toolbox.clock.machine_now())
    typer.echo(f"{alive} of {len(found)} {what} of this machine are working.")
    if not found or alive < len(found):
        raise typer.Exit(1)
