"""`python -m bench.storm [--people N] [--seconds S] [--seed N] [--database sqlite|postgresql] [--only WORDS] …`

Exit code 0 where nothing was lost, repeated, overtaken or misdirected; else 1, with the command that repeats it.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from bench.storm.storm import Storm, passed, print_verdict


def main() -> int:
    """Let one pass, and judge."""
    asked = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    asked.add_argument("--people", type=int, default=300)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    asked.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    asked.add_argument("--patience", type=float, default=300.0, help="Seconds for what is left, once it is calm.")
    asked.add_argument("--only", default="", help="Of the blows only those whose name holds these words.")
    asked.add_argument("--out", type=Path, help="Where log and database stay; else they are thrown away.")
    given = asked.parse_args()
    storm = Storm(given.people, given.seconds, given.seed, given.database, given.patience, given.only)
    if given.out is not None:
        given.out.mkdir(parents=True)  # what an earlier one has left would be counted
        verdict = passed(storm, given.out)
    else:
        with tempfile.TemporaryDirectory(prefix="convenor-storm-") as folder:
            verdict = passed(storm, Path(folder))
    print_verdict(storm, verdict)
    return 0 if verdict.stood else 1


if __name__ == "__main__":
    sys.exit(main())
