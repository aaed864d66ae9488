"""Log lines: structured, on standard error, and unable to carry personal data.

Only known fields pass (an allow-list), and of an exception only its type and the lines of code it went through: the
message of a foreign exception may repeat what a person typed. Libraries log through the same gate; what they would
say in free words is kept only from those that speak of machinery.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from config.lines import Lines

FIELDS = frozenset({
    "event", "level", "timestamp", "logger", "exception", "part", "pid", "envelope", "participant", "registration",
    "letter", "conference", "session", "source", "kind", "state", "reason", "count", "queue", "task", "task_id",
    "status", "method", "route", "host", "port", "attempt", "seconds", "version", "trying_again_helps", "name",
    "exit_code", "age", "file", "account", "endpoint", "code", "tracking_id", "registrant",
    "in_a_row", "settled", "planned", "sent", "went", "dropped",
})  # fmt: skip
"""What a log line may say; anything else is dropped, and counted, in the line and by `dropped_fields`. Ids are opaque;
`route` is a pattern such as /hooks/{source}/{conference}, never a path."""

_SPEAKS_OF_MACHINERY = ("celery.worker.consumer", "celery.apps.worker", "celery.bootsteps", "uvicorn.error", "kombu")
"""Loggers of libraries whose own words pass from `warning` on; of all others only that they warned."""

_dropped = 0

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logging(level: str, style: Literal["json", "console"], part: str) -> None:
    """Set up this process's log. `part` names it: web, worker, clock."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(part),
        _safe_exception,
        _known_fields,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    # Our own lines do not go through the standard library, where each costs three times as much: the door writes one
    # for every post.
    structlog.configure(
        processors=[*shared, last],
        logger_factory=Lines,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign_words, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery", "celery.task", "celery.redirected"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    for name in ("celery.app.trace", "celery.worker.strategy", "alembic", "httpx2", "httpcore2", "mail.log"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they would add a line per message
    logging.getLogger("uvicorn.access").disabled = True  # addresses carry tokens


def keep_to_the_log() -> None:
    """For a process of ours as a whole: what Python itself would write to standard error goes through the same gate.
    A thread that ends by an error, a library's warning, a log line that could not be written: each would repeat what a
    person typed."""
    threading.excepthook = _say_that_a_thread_ended
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False


def _say_that_a_thread_ended(ended: threading.ExceptHookArgs) -> None:
    error = ended.exc_value
    structlog.get_logger(__name__).error("a thread ended by an error", exc_info=error)


def _named(part: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.setdefault("part", part)
        return event

    return add


def dropped_fields() -> int:
    """How many fields this process has kept out of its log: each is a mistake of ours."""
    return _dropped


def _known_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    known = {name: value for name, value in event.items() if name in FIELDS or name.startswith("_")}
    if len(known) < len(event):
        global _dropped  # noqa: PLW0603 - a process has one log
        known["dropped"] = len(event) - len(known)
        _dropped += known["dropped"]
    return known


def _safe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The exception's types and where it passed; never its message, never local variables."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    elif isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[0] is not None:
        event["exception"] = _types_and_places(found)
    return event


def _types_and_places(found: ExcInfo) -> str:
    types: list[str] = []
    error: BaseException | None = found[1]
    while error is not None and len(types) < 5:
        types.append(f"{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or error.__context__
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(found[2])]
    return f"{' <- '.join(types)} at {'; '.join(places[-12:])}"


def _foreign_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: Any = event.get("_record")
    if record is not None and not record.name.startswith(_SPEAKS_OF_MACHINERY):
        event["event"] = f"{record.name} says {record.levelname.lower()} ({record.module}:{record.lineno})"
    return event
