"""`convenor link`: another address for a join page that a stranger may have seen, or none at all."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated

import structlog
import typer
from sqlalchemy import select

from adapters.database import registrations
from adapters.database.tables import RegistrationRow
from adapters.toolbox import Toolbox
from cli.start import fail, said_plainly, settings_of, toolbox_of
from workers import app as corridor
from workers.links import renew_join_address, revoke_join_address

log = structlog.get_logger(__name__)

app = typer.Typer(help="The personal addresses of join pages: `link renew` and `link revoke`.", no_args_is_help=True)

Whose = Annotated[list[str], typer.Argument(help="Registrations (reg_…), or participants (par_…): all of theirs.")]
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
