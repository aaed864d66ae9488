"""`convenor pause` and `convenor resume`: all mail, or a queue."""

from typing import Annotated

import typer

from adapters.database.pauses import MAIL, PAUSABLE
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.who import who
from workers.pauses import Pauser

What = Annotated[str, typer.Argument(help=f"One of {', '.join(PAUSABLE)}.")]


def pause(
    what: What = MAIL,
    reason: Annotated[str, typer.Option("--reason", help="Why: for the record. It is kept sealed.")] = "",
) -> None:
    """Pause all mail, or a queue. Nothing is lost: it goes on with `convenor resume`."""
    _expect(what)
    if not reason.strip():
        fail("Say why, with --reason.", WRONG_USE)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        done = Pauser(toolbox).pause(what, who(), reason.strip())
    typer.echo(f"{what} is paused." if done else f"{what} was paused already.")


def resume(
    what: What = MAIL,
    reason: Annotated[str, typer.Option("--reason", help="Why: for the record. It is kept sealed.")] = "",
) -> None:
    """Let mail, or a queue, go on. Reminders whose time is over by now are not sent."""
    _expect(what)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        done = Pauser(toolbox).resume(what, who(), reason.strip() or None)
    typer.echo(f"{what} goes on." if done else f"{what} was not paused.")


def _expect(what: str) -> None:
    if what not in PAUSABLE:
        fail(f"{what} cannot be paused; these can: {', '.join(PAUSABLE)}.", WRONG_USE)
