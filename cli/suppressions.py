"""`convenor suppressions`: addresses that are not written to any more, and freeing them."""

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from adapters.database import audits, letters, suppressions
from adapters.database.tables import SuppressionRow
from adapters.toolbox import Toolbox
from cli.monitor import AsJson, Limit
from cli.start import fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from cli.who import who
from workers import app as corridor
from workers.suppression import lift as lift_one

app = typer.Typer(
    help="Addresses that are not written to any more: `suppressions list` and `suppressions lift`.",
    no_args_is_help=True,
)

_COLUMNS = ["id", "reason", "code", "source", "since", "expires", "state", "letter", "participant", "by", "because"]


@app.command("list")
def listed(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List suppressed addresses, by the letters that brought it about; also those that were freed, and by whom."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        with toolbox.database.read() as session:
            rows = suppressions.listed(session, limit)
            people = {row.id: letters.by_id(session, row.letter_id) for row in rows}
        shown = [_shown(toolbox, row) | {"participant": one.participant_id if (one := people[row.id]) else None}
                 for row in rows]  # fmt: skip
        show("Suppressions", _COLUMNS, shown, as_json=as_json)


@app.command("lift")
def lift(
    ids: Annotated[list[str], typer.Argument(help="Suppressions, as listed (sup_…).")],
    by: Annotated[str, typer.Option("--by", help="Who frees them.")],
    because: Annotated[str, typer.Option("--because", help="Why: for instance that the person has been spoken with.")],
) -> None:
    """Write to addresses again, and send what was held for them and is still of use. Who and why is kept, sealed."""
    lifting = suppressions.Lifting(by.strip(), because.strip())
    if not (lifting.by and lifting.because):
        fail("Say who frees them, and why.")
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        with toolbox.database.write() as session:
            found = suppressions.find(session, ids, toolbox.clock.now())
            planned = sum(_lifted(toolbox, session, row, lifting) for row in found)
        corridor.enqueue(corridor.DELIVER)
        typer.echo(f"{len(found)} of {len(ids)} lifted; {planned} letters planned again.")
        if not found:
            raise typer.Exit(1)


def _lifted(toolbox: Toolbox, session: Session, row: SuppressionRow, lifting: suppressions.Lifting) -> int:
    """One is lifted, and that is noted; how many letters are planned again."""
    number, letter = lift_one(toolbox, session, row, lifting), letters.by_id(session, row.letter_id)
    clock, details = toolbox.clock, {"was": [row.reason], "letters": number, "suppression": row.id}
    audits.note(session, toolbox.vault, who=who(), action="suppression-lifted", reason=lifting.because,
                conference=letter.conference if letter else None, about=letter.participant_id if letter else row.id,
                details=details, now=clock.now(), machine_now=clock.machine_now())  # fmt: skip
    return number


def _shown(toolbox: Toolbox, row: SuppressionRow) -> Row:
    lifting = suppressions.lifting_of(row, toolbox.vault)
    ended = "expired" if row.expires_at <= toolbox.clock.now() else "in force"
    return {
        "id": row.id, "reason": row.reason, "code": row.code, "source": row.source,
        "since": row.since.isoformat(timespec="seconds"), "expires": row.expires_at.isoformat(timespec="seconds"),
        "state": "lifted" if lifting else ended, "letter": row.letter_id, "by": lifting.by if lifting else None,
        "because": lifting.because if lifting else None,
    }  # fmt: skip
