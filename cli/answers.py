"""`convenor answers`: what participants' calendars have answered, and the end of a mail server's pipe."""

import mailbox
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from pydantic_core import from_json

from adapters.database import answers as noted
from adapters.database import audits, programmes, registrations
from adapters.database.tables import PARTICIPATION, AnswerRow, RegistrationRow
from adapters.imap import MailboxUnavailable
from adapters.toolbox import Toolbox
from cli.bounces import TRY_AGAIN
from cli.monitor import AsJson, Limit, Of
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from cli.who import who
from domain.mail import MOST_BYTES
from workers import app as corridor
from workers.mailbox import all_answers, receive_answer

log = structlog.get_logger(__name__)

app = typer.Typer(
    help="What calendars have answered to invitations; `answers read` takes mails from a file or a mail server."
)

_SAID = ["registration", "participant", "conference", "session", "answer", "at", "proposed", "instead", "words"]


@app.callback(invoke_without_command=True)
def answers(context: typer.Context, conference: Of = None, as_json: AsJson = False) -> None:
    """Count, by session, what the calendars of those who are registered have answered. It is a note: whoever declines
    stays registered, and is asked by letter."""
    if context.invoked_subcommand is not None:
        return
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        show("Answers", ["conference", "session", "registered", *PARTICIPATION], _counted(toolbox, conference),
             as_json=as_json)  # fmt: skip


def _counted(toolbox: Toolbox, wanted: str | None) -> list[Row]:
    with toolbox.database.read() as session:
        found = noted.counts(session)
        in_force = [one for one in programmes.all_in_force(session) if wanted in {None, one.id}]
        there = {one.id: registrations.registered(session, one.id) for one in in_force}
    return [
        {
            "conference": conference.id, "session": one.id, "registered": there[conference.id].get(one.id, 0),
            **{partstat: found.get((conference.id, one.id, partstat), 0) for partstat in PARTICIPATION},
        }
        for conference in in_force for one in conference.sessions
    ]  # fmt: skip


@app.command("words")
def words(conference: Of = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the answers that a person may want to act on, with the time that is proposed, whom somebody sends instead,
    and their own words. These are personal: that they were shown is kept."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
        with toolbox.database.write() as session:
            found = noted.to_look_at(session, limit, conference)
            rows = [_said(toolbox, answer, place) for answer, place in found]
            audits.note(session, toolbox.vault, who=who(), action="answers-shown", conference=conference,
                        details={"count": len(rows)}, now=now, machine_now=machine_now)  # fmt: skip
        show("Answers for a person", _SAID, rows, as_json=as_json)


def _said(toolbox: Toolbox, answer: AnswerRow, place: RegistrationRow) -> Row:
    comment = noted.comment(answer, toolbox.vault)
    besides: dict[str, Any] = from_json(comment) if comment else {}
    return {
        "registration": place.id, "participant": place.participant_id, "conference": place.conference,
        "session": place.session, "answer": answer.partstat, "at": answer.dtstamp.isoformat(timespec="seconds"),
        **besides,
    }  # fmt: skip


@app.command("read")
def read(
    files: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="Mails, or mailboxes in the form mbox."),
    ] = None,
) -> None:
    """Take answers from files, or one mail from standard input, as a mail server's pipe gives it. What is no answer to
    an entry of ours is left out, and not kept. Exit 0: done; 75: try again."""
    mails = _in_files(files) if files else _piped()
    try:
        with said_plainly(), toolbox_of(settings_of("answers")) as toolbox:
            corridor.configure(toolbox.settings)
            corridor.use(toolbox)
            taken = [receive_answer(toolbox, raw) for raw in mails]
    except typer.Exit:
        raise typer.Exit(TRY_AGAIN) from None  # what is wrong was said; the answer must not be lost for it
    except Exception:
        log.exception("an answer could not be kept")
        raise typer.Exit(TRY_AGAIN) from None
    if files:
        kept = sum(one is not None for one in taken)
        typer.echo(f"{kept} answers taken, {len(taken) - kept} other mails left out.")


def _piped() -> Iterator[bytes]:
    raw = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(MOST_BYTES):
        pass  # whoever writes into the pipe must not find it closed
    yield raw


def _in_files(files: list[Path]) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as opened:
            beginning = opened.read(MOST_BYTES)
        if beginning.startswith(b"From "):
            several = mailbox.mbox(file, create=False)
            yield from (several.get_bytes(key)[:MOST_BYTES] for key in several.iterkeys())
        else:
            yield beginning


@app.command("fetch")
def fetch() -> None:
    """Look through the mailbox of CONVENOR_ANSWERS_IMAP_URL now, as the clock has it done every minute."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        if toolbox.settings.answers_imap is None:
            fail("CONVENOR_ANSWERS_IMAP_URL is not set: there is no mailbox to look into.", WRONG_USE)
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        try:
            taken = all_answers(toolbox)
        except MailboxUnavailable as wrong:
            fail(f"The mailbox cannot be read ({wrong}). Look at CONVENOR_ANSWERS_IMAP_URL; trying again may help.")
        typer.echo(f"{taken} taken.")
