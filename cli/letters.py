"""`convenor outbox` and `convenor failures`: letters in the terminal, and what a person can do about them."""

from typing import Annotated, get_args

import typer

from adapters.database import outbox as listing
from adapters.database import outgoing
from adapters.database.outbox import Wanted
from adapters.database.tables import LetterRow
from adapters.toolbox import Toolbox
from cli.inbox import envelope_rows
from cli.monitor import AsJson, Everything, Ids, Limit, Of
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from cli.who import who
from domain.reasons import explained
from domain.replays import EXCLUDED, MOST, NotReplayed, ReplayPlan
from workers import app as corridor
from workers.outbox import Deed, OutboxKeeper
from workers.replays import Chosen, Replayer

outbox_app = typer.Typer(
    help="Letters by kind and state; `outbox list` names them, `outbox retry`, `hold` and `release` touch them."
)
failures_app = typer.Typer(help="What did not go well, with reasons; `failures replay` tries letters again.")

Why = Annotated[str | None, typer.Option("--reason", help="Why: for the record, and in no letter. It is kept sealed.")]
Letters = Annotated[list[str], typer.Argument(help="Letters, as listed (let_…).")]
_UNSENT = ("held", "bounced", "failed", "expired", "skipped")
_COLUMNS = ["id", "conference", "kind", "about", "participant", "state", "reason", "due_at", "next_try", "tries"]


@outbox_app.callback(invoke_without_command=True)
def outbox(context: typer.Context, conference: Of = None, as_json: AsJson = False) -> None:
    """Count the letters by conference, kind and state. Those that are sent were accepted by the mail server; those that
    bounced came back afterwards."""
    if context.invoked_subcommand is not None:
        return
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = outgoing.counts(session)
        rows: list[Row] = [
            {"conference": where, "kind": kind, "state": state, "letters": number}
            for (where, kind, state), number in sorted(found.items())
            if conference in {None, where}
        ]
        show("Outbox", ["conference", "kind", "state", "letters"], rows, as_json=as_json)


@outbox_app.command("list")
def list_letters(
    conference: Of = None,
    session_id: Annotated[str | None, typer.Option("--session", help="Only what is about this session.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind.")] = None,
    state: Annotated[str | None, typer.Option(help="planned, claimed, sent, bounced, held, failed …")] = None,
    language: Annotated[str | None, typer.Option(help="Only to those who read this language.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with this reason's code.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List letters, the latest due first; where only planned ones are asked for, the next first."""
    wanted = Wanted(conference=conference, session=session_id, kind=kind, states=(state,) if state else (),
                    language=language, reason=reason)  # fmt: skip
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = listing.page(session, wanted, limit)
        show("Letters", _COLUMNS, [_letter(one) for one in found], as_json=as_json)


@outbox_app.command("retry")
def retry(ids: Letters, reason: Why = None) -> None:
    """Let letters that wait for another try be tried at once."""
    _do("retry", ids, reason)


@outbox_app.command("hold")
def hold(ids: Letters, reason: Why = None) -> None:
    """Hold planned letters until somebody releases them. A later letter about the same session does not wait."""
    _do("hold", ids, reason)


@outbox_app.command("release")
def release(ids: Letters, reason: Why = None) -> None:
    """Let letters go that somebody has held."""
    _do("release", ids, reason)


@failures_app.callback(invoke_without_command=True)
def failures(
    context: typer.Context,
    conference: Of = None,
    limit: Limit = 50,
    groups: Annotated[bool, typer.Option("--groups", help="By reason, with what each means and what helps.")] = False,
    as_json: AsJson = False,
) -> None:
    """List letters that are held for a person, came back, failed, came too late or were skipped, and submissions that
    were rejected, with reasons."""
    if context.invoked_subcommand is not None:
        return
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        if groups:
            _show_groups(toolbox, conference, as_json=as_json)
            return
        with toolbox.database.read() as session:
            found = outgoing.listed(session, states=_UNSENT, limit=limit, conference=conference)
        rows: list[Row] = [{**_letter(one), "what": one.kind} for one in found]
        rows += [
            {**one, "what": "submission", "about": one["source"], "reason": one["reasons"]}
            for one in envelope_rows(toolbox, ["rejected", "failed"], limit, conference)
        ]
        columns = ["id", "conference", "what", "about", "participant", "state", "reason", "tries"]
        show("Failures", columns, rows, as_json=as_json)


@failures_app.command("replay")
def replay_letters(
    ids: Ids = None,
    everything: Everything = False,
    because: Annotated[str | None, typer.Option("--of-reason", help="All that failed for this reason's code.")] = None,
    conference: Of = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go, and the digest of it.")] = False,
    digest: Annotated[str | None, typer.Option(help="As --dry-run has said it: that goes, or nothing.")] = None,
    reason: Why = None,
    as_json: AsJson = False,
) -> None:
    """Try failed or held letters again, with the same Message-ID. Those that would come too late, or have nothing to
    say any more, stay as they are. Letters that are named go also to addresses that are suppressed."""
    if not ids and not everything and because is None:
        fail("Name the letters to replay, or say --all.", WRONG_USE)
    states = ("failed", "held") if because else ("failed",)
    chosen: Chosen = ids or Wanted(conference=conference, states=states, reason=because)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        replayer = Replayer(toolbox)
        if dry_run:
            _show_plan(replayer.plan(chosen, anyway=bool(ids)), as_json=as_json)
            return
        _apply(replayer, chosen, digest, reason, named=ids)


def _apply(replayer: Replayer, chosen: Chosen, digest: str | None, reason: str | None, *, named: Ids) -> None:
    plan, done = replayer.plan(chosen, anyway=bool(named)), 0
    of = len(set(named)) if named else plan.letters + sum(plan.excluded.values())
    try:
        while more := replayer.apply(chosen, digest, who(), reason, anyway=bool(named)):
            done += more
            if digest is not None or not plan.more:
                break
    except NotReplayed as refused:
        _show_plan(refused.plan)
        fail(str(refused))
    typer.echo(f"{done} of {of} planned again.")
    if not done:
        raise typer.Exit(1)


def _do(deed: Deed, ids: list[str], reason: str | None) -> None:
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        assert deed in get_args(Deed)  # noqa: S101 - ours
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        done = OutboxKeeper(toolbox).do(deed, ids, who(), reason)
    typer.echo(f"{len(done)} of {len(ids)}: {deed}.")
    if not done:
        raise typer.Exit(1)


def _letter(one: LetterRow) -> Row:
    return {
        "id": one.id, "conference": one.conference, "kind": one.kind, "about": one.about,
        "participant": one.participant_id, "state": outgoing.shown(one), "reason": one.bounced or one.reason,
        "due_at": one.due_at.isoformat(timespec="seconds"),
        "next_try": one.machine_try_after.isoformat(timespec="seconds") if one.machine_try_after else None,
        "tries": one.tries,
    }  # fmt: skip


def _show_groups(toolbox: Toolbox, conference: str | None, *, as_json: bool) -> None:
    with toolbox.database.read() as session:
        found = listing.groups(session)
    rows: list[Row] = []
    for one in found:
        if conference in {None, one.conference}:
            known = explained(one.reason)
            rows.append(one._asdict() | (known._asdict() if known else {}))
    columns = ["conference", "state", "reason", "letters", "people", "meaning", "remedy"]
    show("Failures", columns, rows, as_json=as_json)


def _show_plan(plan: ReplayPlan, *, as_json: bool = False) -> None:
    if as_json:
        show("Replay", [], [plan.as_json()], as_json=True)
        return
    typer.echo(f"{plan.letters} letters to {plan.people} people would go.")
    for why, number in plan.excluded.items():
        typer.echo(f"{number} would not. {EXCLUDED[why]}")
    if plan.more:
        typer.echo(f"There are more: {MOST} go at a time.")
    typer.echo(f"Digest: {plan.digest}")
