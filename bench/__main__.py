"""`make bench`: what the pieces cost on this machine. Prints one table; asserts nothing about time.

Each row names what was done and how often. Seconds on a shared machine vary by half from run to run; the last column
sets each piece against a fixed loop of the interpreter timed in the same run, which varies less.
"""

import sys
import tempfile
from pathlib import Path

from bench import doors, outbox, webhook
from bench.doors import many_at_once
from bench.mailing import mailings
from bench.measure import Figure, reference
from bench.pieces import pieces
from bench.table import table
from bench.zoom import to_zoom
from cli.tables import show
from config.logging import configure_logging


def main() -> int:
    """Measure and print."""
    configure_logging("error", "console", "bench")
    loop = reference()
    found: list[Figure] = [*pieces()]
    with tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder:
        found += many_at_once(Path(folder) / "busy")
        found += to_zoom(Path(folder) / "zoom")
    rows: list[dict[str, object]] = [
        {
            "what": one.what,
            "times": one.times,
            "each": f"{one.seconds * 1e6:,.0f} us" if one.seconds < 0.01 else f"{one.seconds * 1e3:,.0f} ms",
            "in loops": f"{one.seconds / loop:,.2f}",
        }
        for one in found
    ]
    _mailings(loop)
    table("The doors and the outbox; clients and databases stand on the same cores. Command: make bench",
          [*doors.rows(), *webhook.rows(), *outbox.listed()])  # fmt: skip
    show(f"One loop is {loop * 1e6:,.0f} us. Command: make bench", ["what", "times", "each", "in loops"], rows)
    return 0


def _mailings(loop: float) -> None:
    letters = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rows: list[dict[str, object]] = [
        {
            "to so many people": f"{one.letters:,}",
            "what": one.what,
            "octets": f"{one.size:,}",
            "a second": f"{one.rate:,.0f}",
            "smtp-source -d": f"{one.limit:,.0f}" if one.limit else "not measured",
            "of the limit": f"{one.rate / one.limit:.0%}" if one.limit else "",
            "CPU of ours each": f"{one.cpu / one.letters * 1e3:.2f} ms",
            "in loops": f"{one.cpu / one.letters / loop:,.2f}",
        }
        for one in mailings(letters)
    ]
    show("Letters from the claim to the recorded outcome: PostgreSQL, two processes, the sink on the same cores. "
         f"One loop is {loop * 1e6:,.0f} us. Command: make bench ARGS=NUMBER (see bench/mailing.py)",
         list(rows[0]), rows)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
