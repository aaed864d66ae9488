"""`convenor zoom`: the Zoom event behind each session, who still waits for Zoom, and asking again."""

import structlog
import typer

from adapters.database import registrants, zoom_events
from adapters.database.tables import RegistrantRow, ZoomEventRow
from adapters.toolbox import Toolbox
from cli.monitor import AsJson, Everything, Ids, Limit, Of
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from workers import app as corridor

log = structlog.get_logger(__name__)

app = typer.Typer(help="The Zoom events behind sessions, and who waits for Zoom; `zoom replay` asks again.")

_EVENTS = ["conference", "session", "account", "kind", "number", "found_by", "state", "reason", "there", "waiting",
           "held", "pending_at_zoom", "differences"]  # fmt: skip
_WAITING = ["id", "conference", "session", "registration", "wanted", "state", "reason", "until", "tries", "tracking_id"]


@app.callback(invoke_without_command=True)
def events(context: typer.Context, conference: Of = None, as_json: AsJson = False) -> None:
    """List the Zoom events, with their registrants in numbers and what differs from the programme."""
    if context.invoked_subcommand is not None:
        return
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            counts = registrants.counts(session)
            rows = [_event(one, counts) for one in zoom_events.listed(session, conference)]
        show("Zoom events", _EVENTS, rows, as_json=as_json)


@app.command("waiting")
def waiting(conference: Of = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List registrations that Zoom has not yet as they are wanted: held for a person, or waiting until a time."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        show("Waiting for Zoom", _WAITING, _waiting(toolbox, limit, conference), as_json=as_json)


@app.command("replay")
def replay(ids: Ids = None, everything: Everything = False) -> None:
    """Ask Zoom again for registrants that are held or wait, after what was wrong has been put right."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        with toolbox.database.write() as session:
            found = registrants.waiting(session, limit=100_000)
            known = {row.id: event.id for row, event in found}
            wanted = list(known) if everything else [one for one in ids or () if one in known]
            if not (everything or ids):
                fail("Name the registrants to ask for again, or say --all.", WRONG_USE)
            freed = registrants.free(session, wanted)
            zoom_events.try_now(session, {known[one] for one in wanted})
        corridor.enqueue_all(corridor.TEND_EVENT, [(one,) for one in sorted({known[one] for one in wanted})])
        log.warning("registrants asked for again by hand", count=freed)
        typer.echo(f"{freed} will be asked for again.")
        if not freed:
            raise typer.Exit(1)


def _event(one: ZoomEventRow, counts: dict[tuple[str, str], int]) -> Row:
    return {
        "conference": one.conference, "session": one.session, "account": one.account, "kind": one.kind,
        "number": one.number, "found_by": one.found_by, "state": one.state, "reason": one.reason,
        "there": counts.get((one.id, "there"), 0), "waiting": counts.get((one.id, "waiting"), 0),
        "held": counts.get((one.id, "held"), 0), "pending_at_zoom": counts.get((one.id, "pending"), 0),
        "differences": ", ".join(difference["code"] for difference in one.differences),
    }  # fmt: skip


def _waiting(toolbox: Toolbox, limit: int, conference: str | None) -> list[Row]:
    with toolbox.database.read() as session:
        found = registrants.waiting(session, limit=limit, conference=conference)
    return [
        {
            "id": row.id, "conference": event.conference, "session": event.session,
            "registration": row.registration_id, "wanted": row.desired, "state": state_of(row, event),
            "reason": row.reason or event.reason, "until": row.due_at and row.due_at.isoformat(timespec="seconds"),
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
    return "waiting for Zoom" if row.due_at is None else f"waiting for Zoom until {row.due_at:%Y-%m-%d %H:%M} UTC"
