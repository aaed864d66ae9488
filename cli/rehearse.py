"""`convenor rehearse`: the whole life of a conference, before it happens."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from cli.alone import alone_in
from cli.doors import Refusal
from cli.rehearsal import RehearsalFailed, Stage, staged, two_weeks_before
from cli.report import COLUMNS, manifest, per_session
from cli.script import changes, script
from cli.start import fail, is_terminal, said_plainly, settings_of
from cli.tables import show
from config.settings import Settings

Out = Annotated[Path, typer.Option("--out", help="Where messages/ and manifest.json go. What is there is replaced.")]
Speed = Annotated[float, typer.Option(min=1, help="How many times as fast as life time passes between letters.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the table as JSON.")]

FAST = 400_000.0
"""Two weeks in three seconds."""


def rehearse(
    conference: Annotated[str, typer.Argument(help="The conference's id.")],
    participants: Annotated[int, typer.Option(min=1, max=100_000, help="How many invented participants.")] = 60,
    speed: Speed = FAST,
    out: Out = Path("var/rehearsal"),
    seed: Annotated[int, typer.Option(help="The same seed invents the same people.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Play the whole life of a conference with invented participants on a fast clock.

    Nothing of the real database, broker or mail server is touched. Every message goes to OUT/messages.
    """
    with said_plainly():
        settings = settings_of("rehearse", level="warning")
        try:
            with alone_in(out), stage_for(settings, conference, out, speed) as stage:
                play(stage, participants, seed, as_json=as_json)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except (RehearsalFailed, Refusal) as wrong:
            fail(f"The rehearsal failed: {wrong}. See {out / 'var' / 'parts.log'}.")


def stage_for(settings: Settings, conference: str, out: Path, speed: float) -> AbstractContextManager[Stage]:
    """The stage of a rehearsal that begins two weeks before the conference."""
    return staged(settings, conference, out.resolve(), starts=two_weeks_before, speed=speed, tell=_teller())


def play(stage: Stage, participants: int, seed: int, *, as_json: bool = False) -> None:
    """Play a conference to its end; write the manifest and print the table."""
    begun = time.monotonic()
    acts = script(stage.conference, participants, stage.moment, seed)
    stage.play([*acts, *changes(stage.conference, stage.toolbox, stage.moment)])
    entries = manifest(stage.toolbox, stage.out, stage.catcher.caught)
    show(stage.conference.title, COLUMNS, per_session(stage.toolbox, stage.conference, entries), as_json=as_json)
    if not entries and not as_json:
        typer.echo(
            "No session of this programme is confirmed: nobody can be invited yet. See: convenor conference check"
        )
    elif not as_json:
        took = time.monotonic() - begun
        typer.echo(f"{len(entries)} messages in {took:.0f} s; they are in {stage.out / 'messages'}, "
                   f"listed in {stage.out / 'manifest.json'}.")  # fmt: skip


def _teller() -> Callable[[str], None]:
    if not is_terminal():
        return lambda _: None
    return lambda text: typer.echo(f"\r{text}   ", nl=False, err=True)
