"""Traces for OpenTelemetry, where CONVENOR_TRACES_URL names a collector and the packages of the group `otel` are there.
Elsewhere nothing of it is imported, and each function here returns at once.

The spans are our own, not those of OpenTelemetry's instrumentations: theirs carry the addresses of requests, which here
can be tokens, of clients, and the messages of exceptions; and that of SQLAlchemy does not know version 2.1. What a span
may say is a list, as with the log: no statement, no value, and of an exception its type.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import Engine, event

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

Kind = Literal["internal", "server", "client", "consumer"]

ROUTE: Final = "http.route"
METHOD: Final = "http.request.method"
STATUS: Final = "http.response.status_code"
ENVELOPE: Final = "convenor.envelope"
_ERROR: Final = "error.type"
_OPERATION: Final = "db.operation.name"
SAYS: Final = frozenset({ROUTE, METHOD, STATUS, ENVELOPE, _ERROR, _OPERATION})
"""What a span may say; anything else is left out."""

_OPEN: Final = "convenor spans"

Said = str | int


class TracesUnavailable(Exception):
    """CONVENOR_TRACES_URL is set, and OpenTelemetry is not installed. Trying again does not help."""


class _Tracing:
    """What this process traces with, and in OpenTelemetry's own modules; None where it does not."""

    tracer: Any = None
    api: Any = None
    propagator: Any = None


def expect() -> None:
    """Return where OpenTelemetry is installed.

    Raises:
        TracesUnavailable: where it is not.
    """
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        raise TracesUnavailable("CONVENOR_TRACES_URL: OpenTelemetry is missing; install requirements-otel.lock")


def begin(url: str | None, part: str) -> None:
    """Trace from now on in this process, and send to a collector by OTLP over HTTP. After forking: a thread sends.

    Raises:
        TracesUnavailable: as `expect`.
    """
    if url is None:
        return
    expect()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - optional
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - optional

    begin_with(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)), part)


def begin_with(processor: "SpanProcessor", part: str) -> None:
    """The same, with what takes the spans."""
    from opentelemetry import trace  # noqa: PLC0415 - optional
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - optional
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - optional
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - optional

    provider = TracerProvider(resource=Resource.create({"service.name": "convenor", "convenor.part": part}))
    provider.add_span_processor(processor)
    if _Tracing.tracer is None:
        _listen()
    _Tracing.tracer, _Tracing.api = provider.get_tracer("convenor"), trace
    _Tracing.propagator = TraceContextTextMapPropagator()


def end() -> None:
    """Trace no more in this process."""
    if _Tracing.tracer is not None:
        for name, what in _LISTENERS.items():
            event.remove(Engine, name, what)
    _Tracing.tracer = _Tracing.api = _Tracing.propagator = None


def span(
    name: str,
    kind: Kind = "internal",
    said: Mapping[str, Said] | None = None,
    *,
    after: Mapping[str, str] | None = None,
) -> AbstractContextManager[None]:
    """A span around what is done within it. `name` is of ours: never what somebody has typed. `after`: headers of the
    message that led to it. `said`: see `note`."""
    return nullcontext() if _Tracing.tracer is None else _span(name, kind, said or {}, after)


@contextmanager
def _span(name: str, kind: Kind, said: Mapping[str, Said], after: Mapping[str, str] | None) -> Iterator[None]:
    before = _Tracing.propagator.extract(after) if after else None
    kinds = _Tracing.api.SpanKind
    with _Tracing.tracer.start_as_current_span(
        name, context=before, kind=kinds[kind.upper()], record_exception=False, set_status_on_exception=False
    ) as one:
        note(said)
        try:
            yield
        except BaseException as wrong:
            _fail(one, wrong)
            raise


def note(said: Mapping[str, Said], name: str | None = None) -> None:
    """Say something of the span at hand, where there is one, and perhaps name it better."""
    if _Tracing.tracer is None:
        return
    one = _Tracing.api.get_current_span()
    for key, value in said.items():
        if key in SAYS:
            one.set_attribute(key, value)
    if name is not None:
        one.update_name(name)


def carried() -> dict[str, str]:
    """Headers by which what a message leads to belongs to the span at hand."""
    headers: dict[str, str] = {}
    if _Tracing.tracer is not None:
        _Tracing.propagator.inject(headers)
    return headers


def _fail(one: Any, wrong: BaseException) -> None:  # noqa: ANN401 - a span of OpenTelemetry's
    one.set_attribute(_ERROR, f"{type(wrong).__module__}.{type(wrong).__qualname__}")
    one.set_status(_Tracing.api.StatusCode.ERROR)


def _before(connection: Any, _cursor: object, statement: str, *_ignored: object) -> None:  # noqa: ANN401 - SQLAlchemy's
    """A statement by itself, such as a clock's look whether something is due, is no trace."""
    if _Tracing.tracer is not None and _Tracing.api.get_current_span().is_recording():
        operation = statement.split(None, 1)[0].upper()
        one = _Tracing.tracer.start_span(operation, kind=_Tracing.api.SpanKind.CLIENT)
        one.set_attribute(_OPERATION, operation)
        connection.info.setdefault(_OPEN, []).append(one)


def _after(connection: Any, *_ignored: object) -> None:  # noqa: ANN401 - SQLAlchemy's
    if open_ones := connection.info.get(_OPEN):
        open_ones.pop().end()


def _failed(context: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
    open_ones = context.connection.info.get(_OPEN) if context.connection is not None else None
    if open_ones:
        one = open_ones.pop()
        _fail(one, context.original_exception)
        one.end()


_LISTENERS: Final[Mapping[str, Callable[..., Any]]] = {
    "before_cursor_execute": _before, "after_cursor_execute": _after, "handle_error": _failed,
}  # fmt: skip


def _listen() -> None:
    for name, what in _LISTENERS.items():
        event.listen(Engine, name, what)
