"""Traces: one from the door, one from each task, and nothing personal in any. OpenTelemetry stays optional."""

import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from adapters import causes, tracing
from adapters.database.engine import DatabaseUnavailable
from tests.web.conftest import House
from tests.web.street import HOOK, PAGE, native, signed, typed
from workers import app as corridor

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@pytest.fixture
def kept() -> "Iterator[InMemorySpanExporter]":
    """What a collector would be sent."""
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415 - optional
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: PLC0415 - optional

    exporter = InMemorySpanExporter()
    tracing.begin_with(SimpleSpanProcessor(exporter), "test")
    yield exporter
    tracing.end()


def said(kept: "InMemorySpanExporter") -> list[tuple[str, dict[str, object]]]:
    return [(one.name, dict(one.attributes or {})) for one in kept.get_finished_spans()]


def test_requests_are_named_by_their_routes_and_carry_neither_token_nor_person(
    house: House, kept: "InMemorySpanExporter"
) -> None:
    house.set(traces_url="http://127.0.0.1:4318/v1/traces")
    with house.door() as door:
        receipt = door.post(HOOK, content=native(), headers=signed(native())).json()["receipt"]
        door.get("/j/a-token-of-somebody?with=words", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
        door.post(PAGE, data=typed())
        door.request("INVENTED", "/olga@mission.example.org")
    spans = {name: about for name, about in said(kept) if tracing.METHOD in about}
    assert spans == {
        "POST /hooks/{source}/{conference}": {
            tracing.METHOD: "POST", tracing.ROUTE: "/hooks/{source}/{conference}", tracing.STATUS: 202,
            tracing.ENVELOPE: receipt,
        },
        "GET /j/{token:path}": {tracing.METHOD: "GET", tracing.ROUTE: "/j/{token:path}", tracing.STATUS: 404},
        "POST /register/{conference}": spans["POST /register/{conference}"],
        "_OTHER": {tracing.METHOD: "_OTHER", tracing.ROUTE: "", tracing.STATUS: 404},
    }  # fmt: skip
    everything = "".join(one.to_json() for one in kept.get_finished_spans()).lower()
    assert not any(word in everything for word in ("a-token", "words", "olga", "amina", "192.0.2.7", "b" * 16))
    assert {name for _, about in said(kept) for name in about} <= tracing.SAYS


def test_of_statements_and_errors_only_the_kind_is_kept(house: House, kept: "InMemorySpanExporter") -> None:
    with pytest.raises((SQLAlchemyError, DatabaseUnavailable)):
        work(house)
    with house.toolbox.database.read() as session:
        session.execute(text("SELECT 1"))  # of no work, and no trace
    found = [(name, about.get("error.type") is not None) for name, about in said(kept)]
    assert [one for one in found if one[0] != "BEGIN"] == [("SELECT", False), ("SELECT", True), ("work", True)]
    assert "olga" not in "".join(one.to_json() for one in kept.get_finished_spans())
    assert not any(one.events for one in kept.get_finished_spans())


def work(house: House) -> None:
    with tracing.span("work"), house.toolbox.database.write() as session:
        session.execute(text("SELECT :one AS found"), {"one": "olga@mission.example.org"})
        session.execute(text("SELECT olga FROM nowhere"))


def test_a_task_belongs_to_what_has_sent_it_and_its_work_to_a_submission(
    house: House, kept: "InMemorySpanExporter", monkeypatch: pytest.MonkeyPatch
) -> None:
    corridor.use(house.toolbox)
    with tracing.span("door"):
        headers: dict[str, object] = {}
        corridor._stamped(headers)
    parent = str(headers["traceparent"])
    with tracing.span("task", "consumer", after={"traceparent": parent}), causes.going_back_to("env_1"):
        pass
    door, envelope, task = kept.get_finished_spans()
    assert (trace_of(door), trace_of(door)) == (trace_of(task), trace_of(envelope))
    assert dict(envelope.attributes or {}) == {tracing.ENVELOPE: "env_1"}


def trace_of(one: "ReadableSpan") -> int:
    assert one.context is not None
    return int(one.context.trace_id)


def test_without_the_setting_nothing_that_traces_is_imported() -> None:
    """The client of the broker imports its own part of it, where it is installed."""
    program = "import sys, cli.main, web.app, workers.intake; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not any(one.startswith(("opentelemetry.sdk.trace", "opentelemetry.exporter")) for one in done.stdout.split())


def test_where_it_is_not_installed_the_setting_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "find_spec", lambda _name: None)
    with pytest.raises(tracing.TracesUnavailable, match=r"requirements-otel\.lock"):
        tracing.begin("http://127.0.0.1:4318/v1/traces", "web")
    tracing.begin(None, "web")
