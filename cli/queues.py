"""`convenor queues`: what the monitor's pages Today and Queues say of the house's parts, in the terminal."""

from collections.abc import Iterator
from datetime import timedelta

import typer

from adapters.database.pauses import MAIL
from cli.monitor import AsJson
from cli.start import said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from web.admin import parts

_COLUMNS = [
    "queue", "depth", "oldest_seconds", "came_per_minute", "left_per_minute", "last_sign_of_life_seconds",
    "unanswered_seconds", "paused",
]  # fmt: skip


def queues(as_json: AsJson = False) -> None:
    """Show what the monitor's pages Today and Queues do: what is wrong; each queue's depth, the age of its oldest
    message, what comes and goes in a minute; who shows signs of life."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        found = parts.read(toolbox)
        for one in found.troubles:
            typer.echo(f"{one.severity}: {one.about + ': ' if one.about else ''}{one.said} {one.remedy}", err=True)
        show("Queues", _COLUMNS, [*(_queue(one, found) for one in found.queues), *_others(found)], as_json=as_json)
        if found.broker is None:
            raise typer.Exit(1)


def _queue(one: parts.Queue, found: parts.Parts) -> Row:
    state = one.state
    return {
        "queue": one.name, "depth": state.depth if state else None,
        "oldest_seconds": _seconds(state.oldest if state else None), "came_per_minute": one.came,
        "left_per_minute": one.left, "last_sign_of_life_seconds": _seconds(one.seen),
        "unanswered_seconds": _seconds(one.unanswered), "paused": one.name in found.paused,
    }  # fmt: skip


def _others(found: parts.Parts) -> Iterator[Row]:
    """What is not a queue, in the same columns: whether all mail is paused, clocks and workers, what waits in the
    database, the broker's memory."""
    seen = found.clock.seen if found.clock else None
    yield {"queue": "(all mail)", "paused": MAIL in found.paused}
    yield {"queue": "(clock)", "last_sign_of_life_seconds": _seconds(found.ago(seen) if seen else None)}
    for one in found.processes:
        since = one.unanswered_since
        yield {"queue": f"({one.part} {one.identity})", "last_sign_of_life_seconds": _seconds(found.ago(one.seen)),
               "unanswered_seconds": _seconds(found.ago(since) if since else None)}  # fmt: skip
    if found.broker:
        yield {"queue": "(being worked on)", "depth": found.broker.unacknowledged,
               "oldest_seconds": _seconds(found.broker.oldest_unacknowledged)}  # fmt: skip
        yield {"queue": "(bytes of the broker's memory)", "depth": found.broker.memory_used}
        yield {"queue": "(its limit; 0 is none)", "depth": found.broker.memory_limit}
    waiting = found.waiting
    oldest = found.now - waiting.letters_since if waiting.letters_since else None
    yield {"queue": "(letters that are due)", "depth": waiting.letters, "oldest_seconds": _seconds(oldest)}
    yield {"queue": "(letters to be tried again)", "depth": found.census.retrying}
    yield {"queue": "(letters for later)", "depth": found.for_later}
    yield {"queue": "(letters for a person)", "depth": found.census.letters_in("failed", "held")}


def _seconds(age: timedelta | None) -> float | None:
    return None if age is None else round(age.total_seconds(), 1)
