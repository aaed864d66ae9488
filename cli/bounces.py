"""`convenor bounces`: what came back after letters had been sent, and the end of a mail server's pipe."""

import sys
from typing import Annotated

import structlog
import typer

from adapters.database import bounces as reported
from adapters.imap import MailboxUnavailable
from cli.monitor import AsJson, Limit
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from domain.mail import MOST_BYTES
from workers import app as corridor
from workers.mailbox import all_reports, receive

log = structlog.get_logger(__name__)

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: Postfix and Exim keep the report and come again. With any other they would send a report
about it to nobody."""

app = typer.Typer(help="What came back after letters were sent; `bounces read` takes a report from a mail server.")


@app.callback(invoke_without_command=True)
def bounces(context: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List what was reported of letters, the newest first."""
    if context.invoked_subcommand is not None:
        return
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = reported.listed(session, limit)
        rows: list[Row] = [
            {
                "letter": one.letter_id, "what": one.kind, "class": one.bounce_class, "code": one.code,
                "source": one.source, "at": one.at.isoformat(timespec="seconds"),
            }
            for one in found
        ]  # fmt: skip
        show("Bounces", ["letter", "what", "class", "code", "source", "at"], rows, as_json=as_json)


@app.command("read")
def read(
    recipient: Annotated[
        str | None,
        typer.Option(
            envvar=["ORIGINAL_RECIPIENT", "RECIPIENT"],
            help="The address that it was brought to; Postfix and Exim say so in the environment.",
        ),
    ] = None,
) -> None:
    """Take one report from standard input, as a mail server's pipe gives it. Exit 0: it is kept; 75: try again."""
    raw = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(MOST_BYTES):
        pass  # whoever writes into the pipe must not find it closed
    try:
        with said_plainly(), toolbox_of(settings_of("bounces")) as toolbox:
            corridor.configure(toolbox.settings)
            corridor.use(toolbox)
            receive(toolbox, raw, recipient)
    except typer.Exit:
        raise typer.Exit(TRY_AGAIN) from None  # what is wrong was said; the report must not be lost for it
    except Exception:
        log.exception("a report could not be kept")
        raise typer.Exit(TRY_AGAIN) from None


@app.command("fetch")
def fetch() -> None:
    """Empty the mailbox of CONVENOR_BOUNCES_IMAP_URL now, as the clock has it done every minute."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        if toolbox.settings.bounces_imap is None:
            fail("CONVENOR_BOUNCES_IMAP_URL is not set: there is no mailbox to look into.", WRONG_USE)
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        try:
            taken = all_reports(toolbox)
        except MailboxUnavailable as wrong:
            fail(f"The mailbox cannot be read ({wrong}). Look at CONVENOR_BOUNCES_IMAP_URL; trying again may help.")
        typer.echo(f"{taken} taken.")
