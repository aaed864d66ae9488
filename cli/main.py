"""People's door: the `convenor` command."""

import os

import structlog
import typer

from cli import (
    admin,
    answers,
    audit,
    bounces,
    conference,
    exports,
    imports,
    inbox,
    letters,
    link,
    participant,
    pauses,
    places,
    run,
    suppressions,
    zoom,
)  # fmt: skip
from cli.demo import demo
from cli.doctor import doctor
from cli.preview.command import preview
from cli.queues import queues
from cli.rehearse import rehearse
from cli.start import FAILED
from config.logging import keep_to_the_log

log = structlog.get_logger(__name__)

app = typer.Typer(
    name="convenor",
    help="Turns conference registrations into invitations that arrive.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a pretty traceback shows local variables: personal data
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    demo, run.up, run.web, run.worker, run.clock, run.migrate, doctor, rehearse, preview, queues,
    audit.audit, pauses.pause, pauses.resume,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)
app.command("import")(imports.import_)
app.command("export")(exports.export)
app.add_typer(letters.outbox_app, name="outbox")
app.add_typer(letters.failures_app, name="failures")
app.add_typer(inbox.inbox_app, name="inbox")
app.add_typer(bounces.app, name="bounces")
app.add_typer(answers.app, name="answers")
app.add_typer(suppressions.app, name="suppressions")
app.add_typer(zoom.app, name="zoom")
app.add_typer(places.app, name="places")
app.add_typer(link.app, name="link")
app.add_typer(conference.app, name="conference")
app.add_typer(participant.app, name="participant")
app.add_typer(admin.app, name="admin")


def main() -> None:
    """The entry point of the `convenor` script. What it writes is for its own user's eyes.

    Where a part ends by an error of ours, the log says where, and not in the error's words: they may be a person's.
    """
    os.umask(0o077)
    keep_to_the_log()
    try:
        app()
    except Exception:
        if not structlog.is_configured():
            raise  # nothing has been read yet
        log.exception("ended by an error of ours")
        raise SystemExit(FAILED) from None


if __name__ == "__main__":
    main()
