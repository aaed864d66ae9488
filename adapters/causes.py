"""Which submission the work at hand goes back to: its envelope's id, the one that its sender was given as a receipt. It
is bound once, where an envelope is opened, and from there stands in every log line and on every letter that follows, so
that one search leads from the webhook to the mail server.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

from adapters import tracing

_NAME = "envelope"


@contextmanager
def going_back_to(envelope_id: str | None) -> Iterator[None]:
    """Within it, log lines, letters and traces name this envelope. None changes nothing."""
    if not envelope_id:
        yield
        return
    with bound_contextvars(**{_NAME: envelope_id}), tracing.span(_NAME, said={tracing.ENVELOPE: envelope_id}):
        yield


def present() -> str | None:
    """The envelope that the work at hand goes back to, where there is one."""
    known: str | None = get_contextvars().get(_NAME)
    return known
