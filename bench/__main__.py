"""`make bench`: what the pieces cost on this machine. Prints one table; asserts nothing about time.

Each row names what was done and how often. Seconds on a shared machine vary by half from run to run; the last column
sets each piece against a fixed loop of the interpreter timed in the same run, which varies less.
"""

import sys
import tempfile
from pathlib import Path

from bench import delivery, doors, outbox, webhook
from bench.doors import many_at_once
from bench.measure import Figure, reference
from bench.pieces import pieces
from bench.planning import of_a_change
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
        found += of_a_change(Path(folder) / "plans")
    rows: list[dict[str, object]] = [
        {
            "what": one.what,
            "times": one.times,
            "each": f"{one.seconds * 1e6:,.0f} us" if one.seconds < 0.01 else f"{one.seconds * 1e3:,.0f} ms",
            "in loops": f"{one.seconds / loop:,.2f}",
        }
        for one in found
    ]
    letters = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    table("Delivery; the sink stands on the same cores. Command: make bench ARGS=NUMBER (see bench/mailing.py)",
          [*delivery.rows(letters)])  # fmt: skip
    table("The doors and the outbox; clients and databases stand on the same cores. Command: make bench",
          [*doors.rows(), *webhook.rows(), *outbox.listed()])  # fmt: skip
    show(f"One loop is {loop * 1e6:,.0f} us. Command: make bench", ["what", "times", "each", "in loops"], rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
