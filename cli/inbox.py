"""`convenor inbox`: received submissions, and what a person does about those that were not accepted."""

from typing import Annotated, Any

import typer

from adapters.database import envelopes
from adapters.database.submissions import Sought
from adapters.toolbox import Toolbox
from cli.monitor import AsJson, Everything, Ids, Limit, Of
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from cli.who import who
from domain.submissions import CORRECTABLE, NotCorrected, NotJudged
from workers import app as corridor
from workers.submissions import Chosen, Submissions

inbox_app = typer.Typer(
    help="Received submissions; `inbox replay` judges rejected ones again; `open`, `correct`, `set-aside` are for one."
)

One = Annotated[str, typer.Argument(help="A submission, as listed (env_…).")]
Why = Annotated[str, typer.Option("--reason", help="Why: for the record. It is kept sealed.")]
_INBOX = ["id", "conference", "source", "state", "received_at", "reasons"]


@inbox_app.callback(invoke_without_command=True)
def inbox(
    context: typer.Context,
    conference: Of = None,
    state: Annotated[str | None, typer.Option(help="received, accepted, rejected or failed.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List received submissions, the newest first, with the reasons of those that were rejected."""
    if context.invoked_subcommand is not None:
        return
    states = [state] if state else ["received", "accepted", "rejected", "failed"]
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        show("Inbox", _INBOX, envelope_rows(toolbox, states, limit, conference), as_json=as_json)


@inbox_app.command("replay")
def replay_envelopes(
    ids: Ids = None,
    everything: Everything = False,
    code: Annotated[str | None, typer.Option(help="All that were rejected for this code, and not set aside.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many, and the digest of it.")] = False,
    digest: Annotated[str | None, typer.Option(help="As --dry-run has said it: those, or none.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why: for the record. It is kept sealed.")] = None,
) -> None:
    """Judge rejected or failed submissions again, after the programme or the form's mapping was corrected."""
    if not ids and not everything and code is None:
        fail("Name the submissions to replay, or say --all.", WRONG_USE)
    chosen: Chosen = ids or Sought(open=True, code=code)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        clerk = _clerk(toolbox)
        plan = clerk.plan(chosen)
        if dry_run:
            typer.echo(f"{plan.submissions} would be judged again. Digest: {plan.digest}")
            return
        try:
            done = _replayed(clerk, chosen, digest, reason, at_once=not plan.more)
        except NotJudged as refused:
            fail(str(refused))
    typer.echo(f"{done} of {len(ids) if ids else max(done, plan.submissions)} handed over to be judged again.")
    if not done:
        raise typer.Exit(1)


def _replayed(clerk: Submissions, chosen: Chosen, digest: str | None, reason: str | None, *, at_once: bool) -> int:
    """How many; as many times over as it takes, where no digest says which."""
    done = 0
    while more := len(clerk.replay(chosen, digest, who(), reason)):
        done += more
        if at_once or digest is not None:
            break
    return done


@inbox_app.command("open")
def open_(envelope: One, reason: Why, as_json: AsJson = False) -> None:
    """Show what a submission says. It is personal: it is noted who has seen it, and why."""
    _expect(reason)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        opened = _clerk(toolbox).open(envelope, who(), reason)
    if opened is None:
        fail("There is no such submission, or what it said has been emptied.")
    rows: list[Row] = [{"field": name, "value": value} for name, value in opened.fields.items()]
    show("Submission", ["field", "value"], rows or [{"field": "(as it came)", "value": opened.text}], as_json=as_json)


@inbox_app.command("correct")
def correct(
    envelope: One,
    reason: Why,
    given: Annotated[
        list[str], typer.Option("--set", help=f"FIELD=VALUE, of {', '.join(CORRECTABLE)}; an empty one takes it away.")
    ],
) -> None:
    """Record a corrected copy of a rejected submission, and have it judged. The original stays as it came."""
    _expect(reason)
    fields = dict(_field(one) for one in given)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        try:
            copy = _clerk(toolbox).correct(envelope, fields, who(), reason)
        except NotCorrected as refused:
            fail("\n".join(f"{one.field}: {one.message}" if one.field else one.message for one in refused.reasons))
    typer.echo(f"{copy} is the corrected copy; it is handed over to be judged.")


@inbox_app.command("set-aside")
def set_aside(ids: Annotated[list[str], typer.Argument(help="Submissions, as listed (env_…).")], reason: Why) -> None:
    """Note that nothing more is to be done about rejected submissions."""
    _expect(reason)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        done = _clerk(toolbox).set_aside(ids, who(), reason)
    typer.echo(f"{len(done)} of {len(ids)} set aside.")
    if not done:
        raise typer.Exit(1)


def envelope_rows(toolbox: Toolbox, states: list[str], limit: int, conference: str | None) -> list[Row]:
    """Submissions in these states, the newest first."""
    with toolbox.database.read() as session:
        found = envelopes.listed(session, states=states, limit=limit, conference=conference)
    return [
        {
            "id": one.id, "conference": one.conference, "source": one.source, "state": one.state,
            "received_at": one.received_at.isoformat(timespec="seconds"),
            "reasons": "; ".join(f"{reason['field']}: {reason['message']}" for reason in one.reasons),
        }
        for one in found
    ]  # fmt: skip


def _field(said: str) -> tuple[str, Any]:
    name, _, value = said.partition("=")
    if name not in CORRECTABLE:
        fail(f"{name} cannot be corrected; these can: {', '.join(CORRECTABLE)}.", WRONG_USE)
    if name == "sessions" and value != "all":
        return name, [one for one in value.replace(",", " ").split() if one]
    return name, value or None


def _expect(reason: str) -> None:
    if not reason.strip():
        fail("Say why.", WRONG_USE)


def _clerk(toolbox: Toolbox) -> Submissions:
    corridor.configure(toolbox.settings)
    corridor.use(toolbox)
    return Submissions(toolbox)
