"""`convenor link`: another address for a page or a calendar feed that a stranger may have seen, or none at all."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated

import structlog
import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.database import audits, participants, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from cli.start import fail, said_plainly, settings_of, toolbox_of
from cli.who import who
from domain.registration import Refused
from workers import app as corridor
from workers.links import renew_join_address, renew_page_address, revoke_join_address

log = structlog.get_logger(__name__)

app = typer.Typer(help="The personal addresses of pages and calendar feeds.", no_args_is_help=True)

Whose = Annotated[list[str], typer.Argument(help="Registrations (reg_…), or participants (par_…): all of theirs.")]
People = Annotated[list[str], typer.Argument(help="Participants (par_…).")]
Change = Callable[[RegistrationRow], None]


@app.command("renew")
def renew(ids: Whose) -> None:
    """Give join pages new addresses, and tell the participants by letter; the old ones lead nowhere from now on."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        _change(toolbox, ids, partial(renew_join_address, now=toolbox.clock.now()), "renewed")


@app.command("revoke")
def revoke(ids: Whose) -> None:
    """Let the addresses of join pages lead nowhere from now on, and tell nobody. The next letter has new ones."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        _change(toolbox, ids, revoke_join_address, "revoked")


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
        fail(f"{participant.id} has no session to come: there is no letter that could tell the new address. "
             "Nothing was changed for anybody.")  # fmt: skip


def _renew_calendar(toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow) -> None:
    participants.renew_calendar_address(session, participant.id)
    audits.note(session, toolbox.vault, who=who(), action="calendar-address-renewed",
                conference=in_force.conference.id, about=participant.id, now=toolbox.clock.now(),
                machine_now=toolbox.clock.machine_now())  # fmt: skip


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


def _change(toolbox: Toolbox, ids: list[str], change: Change, done: str) -> None:
    corridor.configure(toolbox.settings)
    corridor.use(toolbox)
    changed = changed_rows(toolbox, ids, change)
    for row in changed:
        log.warning("join address changed by hand", registration=row.id, participant=row.participant_id, state=done)
    participants = {row.participant_id for row in changed}
    corridor.enqueue_all(corridor.WRITE_INVITATIONS, [(one,) for one in sorted(participants)])
    if not changed:
        fail("None of these is a registration or a participant who has any.")
    typer.echo(f"{len(changed)} {done}.")


def changed_rows(toolbox: Toolbox, ids: Iterable[str], change: Change) -> list[RegistrationRow]:
    """Change the registrations that are meant by these ids, all of them or none."""
    wanted = set(ids)
    with toolbox.database.write() as session:
        of_registrations = session.scalars(select(RegistrationRow.participant_id).where(RegistrationRow.id.in_(wanted)))
        # In one order for all: see `of_participant`.
        whose = sorted(wanted | set(of_registrations))
        found = [
            row for one in whose for row in registrations.of_participant(session, one, lock=True).values()
            if wanted & {row.id, row.participant_id}
        ]  # fmt: skip
        for row in found:
            change(row)
    return found
