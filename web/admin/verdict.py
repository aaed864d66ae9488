"""The monitor's one verdict: what is wrong with the machines, as `domain.health` judges it, and with Zoom's; each
with where in the monitor it is seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.database.tables import ZoomEventRow
from domain.health import Code, Finding, Severity

_SEEN_AT: Final[Mapping[Code, str]] = {
    "policy-bounces": "/failures",
    "dead-letters": "/failures",
    "paused": "/outbox",
}
"""All others: among the queues."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. `path`: where it is seen, below `/admin`. `since`: machine time, where it is known."""

    severity: Severity
    said: str
    remedy: str
    path: str
    runbook: str
    about: str = ""
    since: datetime | None = None


def troubles(findings: Sequence[Finding], events: Sequence[ZoomEventRow], now: datetime) -> list[Trouble]:
    """What is wrong, what is critical first. Of Zoom's events those that are not over at `now`."""
    ahead = [one for one in events if one.ends_at is None or one.ends_at > now]
    found = [*(_of_machines(one) for one in findings), *_of_zoom(ahead)]
    return sorted(found, key=lambda one: one.severity != "critical")


def _of_machines(one: Finding) -> Trouble:
    path = _SEEN_AT.get(one.code, "/queues")
    return Trouble(one.severity, one.said, one.remedy, path, one.runbook, one.about, one.since)


def _of_zoom(events: Sequence[ZoomEventRow]) -> Iterator[Trouble]:
    if stopped := [one for one in events if one.state == "stopped"]:
        yield Trouble(
            "critical", "Zoom events are stopped: nobody gets a link for them.",
            "The page Zoom says why; convenor doctor says how to mend it.", "/zoom", "docs/runbook/zoom-stopped.md",
            _named(stopped),
        )  # fmt: skip
    if differing := [one for one in events if any(each["severity"] == "alarm" for each in one.differences)]:
        yield Trouble(
            "critical", "Zoom events differ from the programme.", "Correct them at Zoom, or correct the programme.",
            "/zoom", "docs/runbook/zoom-differs.md", _named(differing),
        )  # fmt: skip


def _named(events: Sequence[ZoomEventRow]) -> str:
    return ", ".join(f"{one.conference}: {one.session}" for one in events)
