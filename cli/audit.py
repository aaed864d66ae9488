"""`convenor audit`: who did what, when and why."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.database import audits
from adapters.sheets.written import put
from cli.monitor import AsJson, Limit, Of
from cli.start import fail, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from cli.who import who as me
from web.admin.audit import HEAD, Filters, row, table


def audit(
    who: Annotated[str, typer.Option(help="Only of this account: admin:NAME, cli:NAME or participant.")] = "",
    action: Annotated[str, typer.Option(help="Only this action, such as address-corrected.")] = "",
    conference: Of = None,
    about: Annotated[str, typer.Option(help="Only about this id.")] = "",
    logins: Annotated[bool, typer.Option("--logins", help="Logins, too, and who was not let in.")] = False,
    limit: Limit = 50,
    csv: Annotated[Path | None, typer.Option(help="Write all of it to this file instead; that is noted, too.")] = None,
    as_json: AsJson = False,
) -> None:
    """List who did what by hand, when and why, the newest first."""
    filters = Filters(who, action, conference or "", about, logins="1" if logins else "")
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        if csv is not None:
            try:
                put(csv, table(toolbox, filters, me()), force=False)
            except OSError as wrong:
                fail(f"{csv} cannot be written: {wrong.strerror}")
            return
        with toolbox.database.read() as session:
            found = audits.listed(session, toolbox.vault, limit, **filters.given())
        rows: list[Row] = [dict(zip(HEAD, row(one), strict=True)) for one in found]
        show("Audit", HEAD, rows, as_json=as_json)
