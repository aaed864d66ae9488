"""`convenor demo`: the six side events of June 2021, from the first registration to the last reminder."""

import threading
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from cli.doors import Refusal
from cli.rehearsal import RehearsalFailed, Stage
from cli.rehearse import FAST, Out, play, stage_for
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
            with stage_for(settings, CONFERENCE, out, FAST) as stage:
                play(stage, participants, seed=2021)
                if not once:
                    _stay(stage)
        except (RehearsalFailed, Refusal) as wrong:
            fail(f"The demonstration failed: {wrong}. See {out / 'var' / 'parts.log'}.")


def _stay(stage: Stage) -> None:
    server = uvicorn.Server(uvicorn.Config(create_viewer(stage.out), host="127.0.0.1", port=0, log_config=None))
    viewer = threading.Thread(target=server.run, name="viewer", daemon=True)
    viewer.start()
    while not server.started and viewer.is_alive():
        viewer.join(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    typer.echo(
        f"\n  Inbox          http://127.0.0.1:{port}/\n"
        f"  Registration   {stage.address}/register/{stage.conference.id}\n"
        f"  Monitor        {stage.address}/admin/   (name: admin, password: {stage.password})\n\n"
        "Ctrl-C ends it."
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.should_exit = True
        viewer.join(5)
