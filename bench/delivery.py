"""The rows of delivery: mailings against the limit, letters through real workers, and what a worker grows by."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.mailing import Mailing, mailings
from bench.running import a_running_town, delivered
from bench.table import Row
from tests.servers.postgres import postgres_server

_COMMAND = "make bench ARGS={}"
_CPU = {"reminder": ("0.5 ms", "0.3 ms"), "invitation": ("0.8 ms", "0.4 ms")}


def rows(letters: int) -> Iterator[Row]:
    """All of them, with so many letters a mailing."""
    command = _COMMAND.format(letters)
    for one in mailings(letters):
        yield from _of_a_mailing(one, command)
    yield from _through_workers(letters, command)
    yield _on_one_machine(command)


def _of_a_mailing(one: Mailing, command: str) -> Iterator[Row]:
    what = f"{one.what} to {one.letters:,}, {one.size:,} octets each, PostgreSQL, {one.processes} processes"
    at_most = f"{one.limit:,.0f}/s ({', '.join(f'{number}: {rate:,.0f}' for number, rate in one.limits.items())})"
    must = ("50 %", "60 %") if one.what == "reminder" else ("", "")
    yield Row(what, f"{one.rate:,.0f}/s", *must, command, f"{one.source} {at_most}", f"{one.rate / one.limit:.0%}")
    yield Row(
        f"{one.what}, {one.processes} processes: CPU of ours a mail",
        f"{one.cpu / one.letters * 1e3:.2f} ms",
        *_CPU[one.what],
        command,
    )


def _through_workers(letters: int, command: str) -> Iterator[Row]:
    """`convenor up` with PostgreSQL: two delivering children of a Celery worker, woken by the clock."""
    with (
        tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder,
        postgres_server() as server,
        server.database() as url,
        a_running_town(Path(folder), url) as town,
    ):
        first = delivered(town, letters, first=100)
        yield Row(f"reminder to {letters:,} through Celery, PostgreSQL, `up`, from due to recorded",
                  f"{letters / first.wall:,.0f}/s", "", "", command)  # fmt: skip
        yield Row("the same: CPU of the workers a mail, Celery and all", f"{first.cpu / letters * 1e3:.2f} ms",
                  "", "", command)  # fmt: skip
        last = delivered(town, 9 * letters, first=100 + letters)
        yield Row(f"memory of a worker after {letters:,} mails, and after {10 * letters:,}",
                  f"{first.memory:.1f} MB, {last.memory:.1f} MB", "no growth", "", command)  # fmt: skip


def _on_one_machine(command: str) -> Row:
    with (
        tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder,
        a_running_town(Path(folder), f"sqlite:///{folder}/convenor.db") as town,
    ):
        found = delivered(town, 1000, first=100)
        return Row("reminder to 1,000, SQLite, `up`, from due to all accepted", f"{found.wall:.2f} s", "2 s", "1 s",
                   command)  # fmt: skip
