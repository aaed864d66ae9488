"""`convenor demo`: the six side events of June 2021, from the first registration to the last reminder."""

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from cli.alone import alone_in
from cli.doors import Refusal
from cli.progress import unsettled
from cli.rehearsal import ADMIN, RehearsalFailed, Stage, two_weeks_before
from cli.rehearse import FAST, Out, play, stage_for
from cli.report import manifest
from cli.start import fail, said_plainly, settings_of
from web.viewer import create_viewer

CONFERENCE = "alliance-2021"


def demo(
    out: Out = Path("var/demo"),
    once: Annotated[bool, typer.Option("--once", help="End when the last reminder has gone.")] = False,
    participants: Annotated[int, typer.Option(min=1, max=10_000, help="How many invented participants.")] = 60,
) -> None:
    """Run the whole system on embedded parts, through the conference of June 2021 on a fast clock.

    Without --once the inbox viewer, the admin page and the registration page stay, until Ctrl-C.
    """
    with said_plainly():
        settings = settings_of("demo", level="warning")
        typer.echo("June 2021: registrations come in through the real doors, letters go out, the clock runs …")
        try:
            with alone_in(out), stage_for(settings, CONFERENCE, out, FAST) as stage:
                play(stage, participants, seed=2021)
                if not once:
                    _stay(stage)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except (RehearsalFailed, Refusal) as wrong:
            fail(f"The demonstration failed: {wrong}. See {out / 'var' / 'parts.log'}.")


def _stay(stage: Stage) -> None:
    server = uvicorn.Server(uvicorn.Config(create_viewer(stage.out), host="127.0.0.1", port=0, log_config=None))
    viewer = threading.Thread(target=server.run, name="viewer", daemon=True)
    viewer.start()
    while not server.started and viewer.is_alive():
        viewer.join(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    stage.live(two_weeks_before(stage.conference) + timedelta(days=1))
    typer.echo(
        f"\n  Inbox          http://127.0.0.1:{port}/\n"
        f"  Registration   {stage.address}/register/{stage.conference.id}\n"
        f"  Monitor        {stage.address}/admin/   (name: {ADMIN}, password: {stage.password}, no code)\n\n"
        "It is 2 June 2021 again: register, and your own invitation comes to the inbox. Ctrl-C ends it."
    )
    known = len(stage.catcher.caught)
    try:
        while True:
            time.sleep(0.5)
            if len(stage.catcher.caught) != known and not unsettled(stage.toolbox, stage.toolbox.clock.now()):
                known = len(manifest(stage.toolbox, stage.out, stage.catcher.caught))
    except KeyboardInterrupt:
        server.should_exit = True
        viewer.join(5)
