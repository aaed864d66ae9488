"""`convenor link`: another address for a page or a calendar feed that a stranger may have seen, or none at all."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow
from adapters.toolbox import Toolbox
from cli.start import fail, said_plainly, settings_of, toolbox_of
from cli.who import who
from domain.registration import Refused
from workers import app as corridor
from workers.links import JoinChange, change_join_addresses, renew_calendar_address, renew_page_address

app = typer.Typer(help="The personal addresses of pages and calendar feeds.", no_args_is_help=True)

Whose = Annotated[list[str], typer.Argument(help="Registrations (reg_…), or participants (par_…): all of theirs.")]
People = Annotated[list[str], typer.Argument(help="Participants (par_…).")]


@app.command("renew")
def renew(ids: Whose) -> None:
    """Give join pages new addresses, and tell the participants by letter; the old ones lead nowhere from now on."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        _change(toolbox, ids, "renewed")


@app.command("revoke")
def revoke(ids: Whose) -> None:
    """Let the addresses of join pages lead nowhere from now on, and tell nobody. The next letter has new ones."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        _change(toolbox, ids, "revoked")


@app.command("page")
def page(ids: People) -> None:
    """Give people's own pages new addresses, and tell them by letter; the old ones lead nowhere from now on."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        _renew(toolbox, ids, partial(_renew_page, toolbox))


@app.command("calendar")
def calendar(ids: People) -> None:
    """Give calendar feeds new addresses, which stand on people's own pages; nobody is told."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        _renew(toolbox, ids, partial(_renew_calendar, toolbox))


def _renew_page(toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow) -> None:
    try:
        renew_page_address(toolbox, session, in_force, participant, who=who())
    except Refused:
        fail(f"{participant.id} has no page, or has it no more. Nothing was changed for anybody.")


def _renew_calendar(toolbox: Toolbox, session: Session, _: InForce, participant: ParticipantRow) -> None:
    renew_calendar_address(toolbox, session, participant, who=who())


def _renew(toolbox: Toolbox, ids: list[str], renewing: Callable[[Session, InForce, ParticipantRow], None]) -> None:
    """For all of these people, or for none."""
    corridor.configure(toolbox.settings)
    corridor.use(toolbox)
    renewed = 0
    with toolbox.database.write() as session:
        for one in sorted(set(ids)):
            participant = session.get(ParticipantRow, one, with_for_update=True)
            in_force = toolbox.shelf.get(session, participant.conference) if participant else None
            if participant is None or in_force is None:
                fail("Not all of these are participants. Nothing was changed for anybody.")
            renewing(session, in_force, participant)
            renewed += 1
    corridor.enqueue(corridor.DELIVER)
    typer.echo(f"{renewed} renewed.")


def _change(toolbox: Toolbox, ids: list[str], change: JoinChange) -> None:
    corridor.configure(toolbox.settings)
    corridor.use(toolbox)
    with toolbox.database.write() as session:
        changed = change_join_addresses(toolbox, session, ids, change, who=who())
        number = sum(len(one.sessions) for one in changed)
    corridor.enqueue_all(corridor.WRITE_INVITATIONS, [(one.participant,) for one in changed])
    if not changed:
        fail("None of these is a registration or a participant who has any.")
    typer.echo(f"{number} {change}.")
