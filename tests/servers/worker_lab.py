"""A Celery application of the tests' own, and worker processes of it whose broker can be ill-treated.

The worker process imports this module and is told by its environment where its broker is (`LAB_BROKER`), where to
write a line for each task done (`LAB_DONE`), and how long it may take to end (`LAB_PATIENCE`).
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from celery import Celery

from adapters.broker.celery_settings import celery_settings
from adapters.broker.repairs import repair
from adapters.broker.shutdown import drain_on_sigterm

QUEUE = "delivery"
ROOT = Path(__file__).resolve().parents[2]


def lab_app(broker_url: str) -> Celery:
    """The application, for a publisher or a worker. Its tasks are its own: others must not appear in it."""
    app = Celery("tests.servers.worker_lab", set_as_current=False)
    app.conf.update(celery_settings(broker_url, queues=[QUEUE]))

    @app.task(name="lab.note", shared=False)
    def note(number: int, seconds: float) -> None:
        time.sleep(seconds)
        with Path(os.environ["LAB_DONE"]).open("a") as done:
            done.write(f"{number}\n")

    return app


@dataclass(slots=True)
class LabWorker:
    """A worker process, with who publishes to it."""

    process: "subprocess.Popen[bytes]"
    app: Celery
    file: Path
    log: Path

    def publish(self, number: int, seconds: float) -> None:
        """A task that takes so long and then notes its number."""
        self.app.send_task("lab.note", (number, seconds), queue=QUEUE)

    @property
    def done(self) -> list[int]:
        """The numbers noted, in order; twice where a task ran twice."""
        return [int(line) for line in self.file.read_text().splitlines()]

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None


@contextmanager
def a_worker(folder: Path, broker_url: str, *, patience: float = 25.0) -> Iterator[LabWorker]:
    """A worker of two child processes on a real broker; killed at the end, where it still runs."""
    done, log = folder / "done", folder / "worker.log"
    done.touch()
    environment = os.environ | {"LAB_BROKER": broker_url, "LAB_DONE": str(done), "LAB_PATIENCE": str(patience)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "celery", "-A", "tests.servers.worker_lab", "worker", "-c2",
             "-Q", QUEUE, "--without-gossip", "--without-mingle", "--loglevel=INFO"],
            cwd=ROOT, env=environment, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        with lab_app(broker_url) as app:
            yield LabWorker(process, app, done, log)
    finally:
        process.kill()
        process.wait()


if "LAB_BROKER" in os.environ:
    repair()
    drain_on_sigterm(float(os.environ["LAB_PATIENCE"]))
    app = lab_app(os.environ["LAB_BROKER"])
