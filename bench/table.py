"""What delivery must reach, what it aims at, and what was found: one row each."""

from dataclasses import dataclass

from cli.tables import show

COLUMNS = ["what", "found", "limit", "of the limit", "must", "aim", "command"]


@dataclass(frozen=True, slots=True)
class Row:
    """`limit`: what the same machine did in the same run without us, where there is something to compare with."""

    what: str
    found: str
    must: str
    aim: str
    command: str
    limit: str = ""
    of_the_limit: str = ""


def table(title: str, rows: list[Row]) -> None:
    """Print them."""
    listed: list[dict[str, object]] = [
        {
            "what": one.what, "found": one.found, "limit": one.limit, "of the limit": one.of_the_limit,
            "must": one.must, "aim": one.aim, "command": one.command,
        }
        for one in rows
    ]  # fmt: skip
    show(title, COLUMNS, listed)
