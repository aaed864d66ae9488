"""`convenor places`: who waits for approval or for a place, how many places are taken, and deciding about who waits."""

from typing import Annotated

import typer

from adapters.database import participants, places, programmes
from adapters.database.participants import Participant
from adapters.database.places import Waiting
from adapters.toolbox import Toolbox
from cli.monitor import AsJson, Limit, Of
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from cli.who import who
from domain.admission import is_open, terms_of, ways
from domain.masks import masked
from schemas.programme import Conference
from schemas.registration import Attendance
from workers import app as corridor
from workers.approval import Approver, Decided

app = typer.Typer(
    help="Who waits for approval or for a place; `places show` counts, `places approve` and `places refuse` decide."
)

_WAITING = ["id", "conference", "session", "attendance", "state", "since", "offered_until", "approved",
            "organisation", "country", "address"]  # fmt: skip
_TAKEN = ["session", "attendance", "places", "registered", "offered", "pending", "waitlisted", "refused"]

Whose = Annotated[list[str], typer.Argument(help="Registrations, as listed (reg_…).")]
Why = Annotated[str, typer.Option("--reason", help="Why: for the record, and in no letter. It is kept sealed.")]


@app.callback(invoke_without_command=True)
def listed(context: typer.Context, conference: Of = None, limit: Limit = 100, as_json: AsJson = False) -> None:
    """List who waits for an admin's approval, then the waiting lists in their order."""
    if context.invoked_subcommand is not None:
        return
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = places.waiting(session, limit=limit, conference=conference)
            people = participants.of_ids(session, {one.participant_id for one in found})
        rows = [_waiting(one, participants.opened(people[one.participant_id], toolbox.vault)) for one in found]
        show("Waiting", _WAITING, rows, as_json=as_json)


@app.command("show")
def taken(conference: Annotated[str, typer.Argument(help="The conference's id.")], as_json: AsJson = False) -> None:
    """Show how many have a place, or wait for one, in each session that not everybody is let in to."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            found = programmes.in_force(session, conference)
            if found is None:
                fail(f"No programme is in force for {conference}.")
            rows = _taken(found[0], places.counts(session, conference))
        show("Places", _TAKEN, rows, as_json=as_json)


@app.command("approve")
def let_in(ids: Whose) -> None:
    """Let people in who wait for approval, or were refused. Where all places are taken they are on the waiting list."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        _done(_approver(toolbox).approve(ids, who()))


@app.command("refuse")
def turn_away(ids: Whose, reason: Why) -> None:
    """Refuse people who wait, or who have a place: their calendar entry is cancelled, their link revoked. They are told
    by letter, and are not let in by registering again; `places approve` takes it back."""
    if not reason.strip():
        fail("Say why.", WRONG_USE)
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        _done(_approver(toolbox).refuse(ids, who(), reason.strip()))


def _approver(toolbox: Toolbox) -> Approver:
    corridor.configure(toolbox.settings)
    corridor.use(toolbox)
    return Approver(toolbox)


def _done(decided: list[Decided]) -> None:
    """Say what became of each. Exit 1 where nothing was changed."""
    for one in decided:
        typer.echo(f"{one.registration}: {one.became}{'' if one.participant else ' (nothing was changed)'}")
    if not any(one.participant for one in decided):
        raise typer.Exit(1)


def _waiting(one: Waiting, person: Participant) -> Row:
    return {
        "id": one.id, "conference": one.conference, "session": one.session, "attendance": one.attendance,
        "state": one.state, "since": one.since.isoformat(timespec="seconds"),
        "offered_until": one.offered_until.isoformat(timespec="seconds") if one.offered_until else None,
        "approved": one.approved, "organisation": person.profile.organisation, "country": person.profile.country,
        "address": masked(person.address),
    }  # fmt: skip


def _taken(conference: Conference, counts: dict[tuple[str, Attendance, str], int]) -> list[Row]:
    return [
        {
            "session": session.id, "attendance": way, "places": terms_of(session, conference, way).places,
            **{state: counts.get((session.id, way, state), 0) for state in _TAKEN[3:]},
        }
        for session in conference.sessions for way in ways(session) if not is_open(session, conference, way)
    ]  # fmt: skip
