"""Options that the commands of the monitor share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Of = Annotated[str | None, typer.Option("--conference", help="Only of this conference.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many rows.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Ids, as listed.")]
Everything = Annotated[bool, typer.Option("--all", help="All that are listed.")]
