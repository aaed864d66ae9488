"""What the admin page shows, in the terminal: queues, outbox, inbox, failures; and replaying what can be replayed."""

from datetime import datetime
from typing import Annotated

import structlog
import typer

from adapters.broker.errors import BrokerUnavailable
from adapters.broker.queues import broker_state
from adapters.database import envelopes, letters, outgoing, signs
from adapters.toolbox import Toolbox
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from workers import app as corridor

log = structlog.get_logger(__name__)

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Of = Annotated[str | None, typer.Option("--conference", help="Only of this conference.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many rows.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Ids, as listed.")]
Everything = Annotated[bool, typer.Option("--all", help="All that are listed.")]

failures_app = typer.Typer(help="What did not go well, with reasons; `failures replay` tries letters again.")
inbox_app = typer.Typer(help="Received submissions; `inbox replay` judges rejected ones again.")


def queues(as_json: AsJson = False) -> None:
    """Show each queue's depth and the age of its oldest message, and the signs of life."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        machine_now = toolbox.clock.machine_now()
        try:
            state = broker_state(toolbox.broker, machine_now=machine_now)
        except BrokerUnavailable:
            fail("The broker does not answer. Registrations are recorded all the same and wait in the database.")
        with toolbox.database.read() as session:
            seen = {one.name.removeprefix("canary:"): one for one in signs.all_signs(session)}
        rows: list[Row] = [
            {
                "queue": one.name,
                "depth": one.depth,
                "oldest_seconds": None if one.oldest is None else round(one.oldest.total_seconds(), 1),
                "last_sign_of_life_seconds": _since(seen.get(one.name), machine_now),
            }
            for one in state.queues
        ]
        rows.append({"queue": "(clock)", "last_sign_of_life_seconds": _since(seen.get("clock"), machine_now)})
        rows.append({"queue": "(being worked on)", "depth": state.unacknowledged})
        show("Queues", ["queue", "depth", "oldest_seconds", "last_sign_of_life_seconds"], rows, as_json=as_json)


def outbox(conference: Of = None, as_json: AsJson = False) -> None:
    """Count the letters by conference, kind and state. Those that are sent were accepted by the mail server; those that
    bounced came back afterwards."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = outgoing.counts(session)
        rows: list[Row] = [
            {"conference": where, "kind": kind, "state": state, "letters": number}
            for (where, kind, state), number in sorted(found.items())
            if conference in {None, where}
        ]
        show("Outbox", ["conference", "kind", "state", "letters"], rows, as_json=as_json)


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
        show("Inbox", _INBOX, _envelopes(toolbox, states, limit, conference), as_json=as_json)


@inbox_app.command("replay")
def replay_envelopes(ids: Ids = None, everything: Everything = False) -> None:
    """Judge rejected or failed submissions again, after the programme or the form's mapping was corrected."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        with toolbox.database.write() as session:
            if everything:
                ids = [row.id for row in envelopes.listed(session, states=["rejected", "failed"], limit=100_000)]
            if not ids:
                fail("Name the submissions to replay, or say --all.", WRONG_USE)
            machine_now = toolbox.clock.machine_now()
            replayed = [one for one in ids if envelopes.replay(session, one, machine_now)]
        corridor.enqueue_all(corridor.OPEN_ENVELOPE, [(one,) for one in replayed])
        log.warning("submissions replayed by hand", count=len(replayed))
        typer.echo(f"{len(replayed)} of {len(ids)} handed over to be judged again.")
        if not replayed:
            raise typer.Exit(1)


@failures_app.callback(invoke_without_command=True)
def failures(context: typer.Context, conference: Of = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List letters that are held for a person, came back, failed, came too late or were skipped, and submissions that
    were rejected, with reasons."""
    if context.invoked_subcommand is not None:
        return
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = outgoing.listed(
                session, states=["held", "bounced", "failed", "expired", "skipped"], limit=limit, conference=conference
            )
        rows: list[Row] = [
            {
                "id": one.id, "conference": one.conference, "what": one.kind, "about": one.about,
                "participant": one.participant_id, "state": outgoing.shown(one), "reason": one.bounced or one.reason,
                "tries": one.tries,
            }
            for one in found
        ]  # fmt: skip
        rows += [
            {**one, "what": "submission", "about": one["source"], "reason": one["reasons"]}
            for one in _envelopes(toolbox, ["rejected", "failed"], limit, conference)
        ]
        show(
            "Failures",
            ["id", "conference", "what", "about", "participant", "state", "reason", "tries"],
            rows,
            as_json=as_json,
        )


@failures_app.command("replay")
def replay_letters(ids: Ids = None, everything: Everything = False) -> None:
    """Try failed or held letters again, with the same Message-ID. Those that would come too late stay as they are."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
        with toolbox.database.write() as session:
            if everything:
                ids = [row.id for row in outgoing.listed(session, states=["failed"], limit=100_000)]
            if not ids:
                fail("Name the letters to replay, or say --all.", WRONG_USE)
            replayed = [one for one in ids if letters.replay(session, one, now, machine_now)]
        corridor.enqueue(corridor.DELIVER)
        log.warning("letters replayed by hand", count=len(replayed))
        typer.echo(f"{len(replayed)} of {len(ids)} planned again.")
        if not replayed:
            raise typer.Exit(1)


_INBOX = ["id", "conference", "source", "state", "received_at", "reasons"]


def _envelopes(toolbox: Toolbox, states: list[str], limit: int, conference: str | None) -> list[Row]:
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


def _since(sign: signs.Sign | None, machine_now: datetime) -> float | None:
    if sign is None or sign.seen is None:
        return None
    return round((machine_now - sign.seen).total_seconds(), 1)
