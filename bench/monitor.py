"""Every page of the monitor, as an admin who is logged in gets it, with 100,000 participants and a million letters in
PostgreSQL: through the web part's application, without a network.

`python -m bench.monitor` fills a database of its own, which takes minutes. One that `bench.crowded` has filled is asked
with `--url` and `--folder`, where its house has its keys.
"""

import argparse
import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from statistics import median, quantiles

import httpx2

from adapters.database.schema import migrate
from adapters.toolbox import Toolbox, build
from bench.crowded import CLOCK, fill
from bench.table import Row, table
from cli.hands import hands_of
from domain.accounts import NotChanged
from tests.crowd import CONFERENCE
from tests.house import settings_for
from tests.servers.postgres import postgres_server
from web.app import create_app
from workers.accounts import Warden
from workers.census import keep_count
from workers.programme import put_in_force

HOME = "http://127.0.0.1:8080"
PASSWORD = "four invented words together"  # noqa: S105 - invented
PAGES = (
    "/", "/participants", f"/participants?conference={CONFERENCE}", f"/participants/par_{4711:026}", "/outbox",
    "/outbox?state=planned", "/outbox?state=failed", "/outbox?state=bounced", "/outbox?language=en",
    "/outbox?language=fr", "/outbox?reason=550", "/outbox?reason=superseded", "/outbox?session=survivor-voices",
    "/failures", "/inbox", "/inbox?state=accepted", "/inbox?source=google-forms", "/queues", "/zoom", "/interpretation",
    "/interpretation.csv", "/figures", "/programmes", f"/programmes/{CONFERENCE}", "/places", "/audit", "/accounts",
)  # fmt: skip
TIMES = 30
MUST = "200 ms"
_Taken = tuple[float, float]
"""Seconds of the wall, and those of our own processor: the database's are not among the latter."""


@contextmanager
def crowded() -> Iterator[Toolbox]:
    """A house with a crowd in it."""
    with (
        tempfile.TemporaryDirectory(prefix="convenor-bench-") as folder,
        postgres_server() as server,
        server.database() as url,
    ):
        toolbox = house(Path(folder), url)
        put_in_force(toolbox, toolbox.settings.conferences)
        fill(toolbox)
        yield toolbox
        toolbox.close()


def house(folder: Path, url: str) -> Toolbox:
    """A house with its keys in `folder`, in which an admin can log in."""
    toolbox = build(settings_for(folder, url, "smtp://127.0.0.1:9", clock=CLOCK))
    migrate(toolbox.database)
    with suppress(NotChanged):  # somebody has measured here before
        Warden(toolbox).create("admin", "admin", PASSWORD, "cli:bench", totp="never")
    return toolbox


def rows(toolbox: Toolbox, pages: Sequence[str] = PAGES) -> Iterator[Row]:
    """One for each page, and one for the counting that the pages are spared."""
    begun, worked = time.perf_counter(), time.process_time()
    keep_count(toolbox)
    taken = [(time.perf_counter() - begun, time.process_time() - worked)]
    yield Row("a worker counts everything", _said(taken), "", "", _COMMAND)
    with asyncio.Runner() as runner:
        for page, taken in runner.run(_visited(toolbox, pages)).items():
            yield Row(f"/admin{page}", _said(taken), MUST, "", _COMMAND)


_COMMAND = "python -m bench.monitor"


def _said(taken: Sequence[_Taken]) -> str:
    walls, cpus = zip(*taken, strict=True)
    worst = quantiles(walls, n=20)[-1] if len(walls) > 1 else walls[0]
    return (
        f"first {walls[0] * 1e3:,.0f} ms, p50 {median(walls) * 1e3:,.0f} ms, p95 {worst * 1e3:,.0f} ms, "
        f"CPU of ours {median(cpus) * 1e3:,.0f} ms, "
        f"best {min(walls) * 1e3:,.0f} ms, load {os.getloadavg()[0]:.1f}"
    )


async def _visited(toolbox: Toolbox, pages: Sequence[str]) -> dict[str, list[_Taken]]:
    app = create_app(toolbox, lambda _task, *_ids: None, hands_of(toolbox))
    taken: dict[str, list[_Taken]] = {page: [] for page in pages}
    there = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=there, base_url=HOME, headers={"origin": HOME}) as client:
        await _log_in(client)
        for page in pages:
            for _ in range(TIMES):
                begun, worked = time.perf_counter(), time.process_time()
                answer = await client.get(f"/admin{page}")
                taken[page].append((time.perf_counter() - begun, time.process_time() - worked))
                assert answer.status_code == 200, (page, answer.status_code)
    return taken


async def _log_in(client: httpx2.AsyncClient) -> None:
    page = await client.get("/admin/login")
    (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
    await client.post("/admin/login", data={"token": token, "name": "admin", "password": PASSWORD})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.monitor")
    parser.add_argument("--url", help="of a PostgreSQL that `bench.crowded` has filled")
    parser.add_argument("--folder", type=Path, help="of its house")
    given = parser.parse_args()
    with nullcontext(house(given.folder, given.url)) if given.url else crowded() as measured:
        table("The monitor before 100,000 people and a million letters, in PostgreSQL", [*rows(measured)])
