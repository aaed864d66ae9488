"""`/metrics` for Prometheus, read from SQL and the broker when it is scraped; for whoever may read it (rule A11).

A neighbour that is gone takes its own figures with it and no others; `convenor_database_up` and `convenor_broker_up`
say so.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import datetime
from hmac import compare_digest
from typing import Final

import anyio.to_thread
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from adapters.broker.queues import BrokerState
from adapters.database import figures
from adapters.database.engine import DatabaseUnavailable
from adapters.toolbox import Toolbox
from config.logging import dropped_fields
from domain.health import Vitals, verdicts
from web.measures import from_broker, from_sql, gauge, of_vitals
from web.problems import Problem
from web.vitals import broker_now, vitals_of, without_database

_PASSED_ON: Final = ("x-forwarded-for", "forwarded", "x-real-ip", "via")
"""Whoever comes through a web server in front comes from the street, whatever address is seen here."""

_MOST_SECONDS: Final = 5.0
"""A database that is frozen keeps whoever asks on an open connection for ever, and Prometheus waits for eight seconds:
it would see a web part that is down, and not why."""


class Metrics:
    """The registry of one process, and its page."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._token = toolbox.settings.metrics_token
        self._neighbours = _Neighbours(toolbox)
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)

    async def answer(self, request: Request) -> Response:
        """The figures, in Prometheus' text format.

        Raises:
            Problem: 401 without the token, where one is set; else 404 for who is not on this machine or its network.
        """
        self._admit(request)
        text = generate_latest(_Together(self.registry, await self._in_time()))
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _in_time(self) -> list[Metric]:
        with anyio.move_on_after(_MOST_SECONDS):
            return await anyio.to_thread.run_sync(self._neighbours.read, abandon_on_cancel=True)
        return await anyio.to_thread.run_sync(self._neighbours.read_without_database)

    def _admit(self, request: Request) -> None:
        if self._token is None:
            if not _is_near(request):
                raise Problem(404, "There is nothing here.")
            return
        expected = f"Bearer {self._token.get_secret_value()}"
        if not compare_digest(request.headers.get("authorization", "").encode(), expected.encode()):
            raise Problem(401, "Say the token of CONVENOR_METRICS_TOKEN.", headers={"WWW-Authenticate": "Bearer"})


def _is_near(request: Request) -> bool:
    """Whether somebody asks directly, from this machine or a private network."""
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return address.is_private and not any(name in request.headers for name in _PASSED_ON)


class _Together(Collector):
    """What this process counts, and what its neighbours have said."""

    def __init__(self, own: CollectorRegistry, found: Iterable[Metric]) -> None:
        self._own, self._found = own, found

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        yield from self._own.collect()
        yield from self._found


class _Neighbours:
    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def read(self) -> list[Metric]:
        """Everything, read now."""
        clock = self._toolbox.clock
        now, machine_now = clock.now(), clock.machine_now()
        broker = broker_now(self._toolbox)
        try:
            with self._toolbox.database.read() as session:
                waiting = figures.waiting(session, now)
                vitals = vitals_of(self._toolbox, session, broker, waiting)
                found = list(from_sql(session, now, machine_now, waiting))
        except (DatabaseUnavailable, SQLAlchemyError, OSError):
            vitals, found = without_database(broker), []
        return [*_said(vitals, broker, machine_now), *found]

    def read_without_database(self) -> list[Metric]:
        """The same, where the database does not answer in time."""
        broker = broker_now(self._toolbox)
        return list(_said(without_database(broker), broker, self._toolbox.clock.machine_now()))


def _said(vitals: Vitals, broker: BrokerState | None, machine_now: datetime) -> Iterator[Metric]:
    yield gauge("database_up", "Whether the database answers", [], [((), float(vitals.database))])
    yield gauge("broker_up", "Whether the broker answers", [], [((), float(vitals.broker))])
    yield from of_vitals(vitals, verdicts(vitals, machine_now), machine_now)
    if broker is not None:
        yield from from_broker(broker)
    dropped = CounterMetricFamily("convenor_log_fields_dropped", "Fields that this process may not log")
    dropped.add_metric([], dropped_fields())
    yield dropped
