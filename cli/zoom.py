"""`convenor zoom`: the Zoom event behind each session, who still waits for Zoom, asking again, and comparing now."""

from datetime import datetime
from typing import Annotated

import typer

from adapters.database import audits, registrants, zoom_events
from adapters.database.tables import RegistrantRow, ZoomEventRow
from adapters.toolbox import Toolbox
from adapters.zoom.client import ZoomRefused
from cli.monitor import AsJson, Everything, Ids, Limit, Of
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from cli.who import who
from cli.zoom_examination import why
from workers import app as corridor
from workers.conferencing import asking, stage

app = typer.Typer(
    help="The Zoom events behind sessions, and who waits for Zoom; `zoom replay` asks again, `zoom compare` compares."
)

_EVENTS = ["conference", "session", "account", "kind", "number", "found_by", "state", "reason", "host", "there",
           "waiting", "held", "pending_at_zoom", "came", "differences"]  # fmt: skip
_WAITING = ["id", "conference", "session", "registration", "wanted", "state", "reason", "until", "tries", "tracking_id"]
_COMPARED = ["conference", "session", "compared", "at", "at_zoom", "here", "unknown_here", "pending_at_zoom",
             "cancelled_at_zoom", "missing_at_zoom", "left_alone"]  # fmt: skip

Sessions = Annotated[list[str], typer.Argument(help="Sessions, by their ids in the programme.")]
Force = Annotated[bool, typer.Option("--force", help="Put right also where very many differ.")]
ByName = Annotated[bool, typer.Option("--by-name", help="Under their own names and addresses: they have agreed to it.")]


@app.callback(invoke_without_command=True)
def events(context: typer.Context, conference: Of = None, as_json: AsJson = False) -> None:
    """List the Zoom events, with their registrants in numbers and what differs from the programme."""
    if context.invoked_subcommand is not None:
        return
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            counts = registrants.counts(session) | registrants.came(session)
            rows = [_event(one, counts) for one in zoom_events.listed(session, conference)]
        show("Zoom events", _EVENTS, rows, as_json=as_json)


@app.command("waiting")
def waiting(conference: Of = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List registrations that Zoom has not yet as they are wanted: held for a person, or waiting until a time."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        show("Waiting for Zoom", _WAITING, _waiting(toolbox, limit, conference), as_json=as_json)


@app.command("replay")
def replay(
    ids: Ids = None, everything: Everything = False, by_name: ByName = False,
    reason: Annotated[str, typer.Option("--reason", help="Why: for the record. It is kept sealed.")] = "",
) -> None:  # fmt: skip
    """Ask Zoom again for registrants that are held or wait, after what was wrong has been put right.

    `--by-name`: for those who wanted an alias, and with whom the secretariat has spoken.
    """
    if everything == bool(ids) or (everything and by_name):
        fail("Name the registrants to ask for again, or say --all; with --by-name they must be named.", WRONG_USE)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        with toolbox.database.write() as session:
            known = registrants.waiting(session, limit=100_000)
            found = [one for one in known if everything or one[0].id in set(ids or ())]
            asked = asking.free(session, found, by_name=toolbox.vault if by_name else None)
            if asked.number:
                clock, details = toolbox.clock, {"registrants": asked.number, "sessions": asked.sessions,
                                                 "was": asked.reasons, "by_name": by_name}  # fmt: skip
                audits.note(session, toolbox.vault, who=who(), action="zoom-asked", reason=reason.strip() or None,
                            about=found[0][0].registration_id if len(found) == 1 else None, details=details,
                            now=clock.now(), machine_now=clock.machine_now())  # fmt: skip
        asking.go(toolbox, asked)
        typer.echo(f"{asked.number} will be asked for again.")
        if not asked.number:
            raise typer.Exit(1)


@app.command("compare")
def compare(sessions: Sessions, conference: Of = None, force: Force = False, as_json: AsJson = False) -> None:
    """Compare sessions with Zoom at once, in both directions, as it is done every night. Exit 1 where one was not."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        with toolbox.database.read() as session:
            found = [one for one in zoom_events.listed(session, conference) if one.session in sessions]
        if unknown := sorted(set(sessions) - {one.session for one in found}):
            fail(f"No Zoom event is behind: {', '.join(unknown)}.")
        rows = [_compared(toolbox, one, force=force) for one in found]
        show("Compared with Zoom", _COMPARED, rows, as_json=as_json)
        if any("at" not in row for row in rows):
            raise typer.Exit(1)


def _compared(toolbox: Toolbox, one: ZoomEventRow, *, force: bool) -> Row:
    which: Row = {"conference": one.conference, "session": one.session}
    try:
        report = stage.compare(toolbox, one.id, force=force)
    except ZoomRefused as refused:
        return {**which, "compared": f"no: {why(toolbox, refused)}"}
    if report is None:
        return {**which, "compared": "no: the event is not ready, or somebody speaks with Zoom about it just now"}
    return {**which, "compared": "yes", **report}


def _event(one: ZoomEventRow, counts: dict[tuple[str, str], int]) -> Row:
    return {
        "conference": one.conference, "session": one.session, "account": one.account, "kind": one.kind,
        "number": one.number, "found_by": one.found_by, "state": one.state, "reason": one.reason,
        "host": _host(one), "there": counts.get((one.id, "there"), 0), "waiting": counts.get((one.id, "waiting"), 0),
        "held": counts.get((one.id, "held"), 0), "pending_at_zoom": counts.get((one.id, "pending"), 0),
        "came": counts.get((one.id, "came")),
        "differences": ", ".join(difference["code"] for difference in one.differences),
    }  # fmt: skip


def _host(one: ZoomEventRow) -> str | None:
    """What the host has done, as far as Zoom has told; a host may end an event and start it again."""
    if one.started_at is not None and (one.ended_at is None or one.ended_at < one.started_at):
        return f"under way since {one.started_at:%Y-%m-%d %H:%M} UTC"
    return None if one.ended_at is None else f"ended {one.ended_at:%Y-%m-%d %H:%M} UTC"


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _waiting(toolbox: Toolbox, limit: int, conference: str | None) -> list[Row]:
    with toolbox.database.read() as session:
        found = registrants.waiting(session, limit=limit, conference=conference)
    return [
        {
            "id": row.id, "conference": event.conference, "session": event.session,
            "registration": row.registration_id, "wanted": row.desired, "state": state_of(row, event),
            "reason": row.reason or event.reason, "until": _written(row.due_at or event.due_at),
            "tries": row.tries, "tracking_id": row.tracking_id or event.tracking_id,
        }
        for row, event in found
    ]  # fmt: skip


def state_of(row: RegistrantRow, event: ZoomEventRow) -> str:
    """What somebody waits for."""
    if row.held:
        return "held for a person"
    if event.state != "ready":
        return "waiting for the event"
    until = row.due_at or event.due_at
    return "waiting for Zoom" if until is None else f"waiting for Zoom until {until:%Y-%m-%d %H:%M} UTC"
