"""People's door: the `convenor` command."""

import os

import typer

from cli import admin, bounces, conference, exports, imports, link, monitor, places, run, suppressions, zoom
from cli.demo import demo
from cli.doctor import doctor
from cli.preview.command import preview
from cli.rehearse import rehearse

app = typer.Typer(
    name="convenor",
    help="Turns conference registrations into invitations that arrive.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a pretty traceback shows local variables: personal data
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    demo, run.up, run.web, run.worker, run.clock, run.migrate, doctor, rehearse, preview, monitor.queues,
    monitor.outbox,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)
app.command("import")(imports.import_)
app.command("export")(exports.export)
app.add_typer(monitor.failures_app, name="failures")
app.add_typer(monitor.inbox_app, name="inbox")
app.add_typer(bounces.app, name="bounces")
app.add_typer(suppressions.app, name="suppressions")
app.add_typer(zoom.app, name="zoom")
app.add_typer(places.app, name="places")
app.add_typer(link.app, name="link")
app.add_typer(conference.app, name="conference")
app.add_typer(admin.app, name="admin")


def main() -> None:
    """The entry point of the `convenor` script. What it writes is for its own user's eyes."""
    os.umask(0o077)
    app()


if __name__ == "__main__":
    main()
