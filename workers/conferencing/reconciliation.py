"""Reconciliation: what Zoom has and what is here, compared every night and before a session, in both directions.

Zoom's webhooks are given up after three retries, so some are lost. Whom Zoom has and we do not comes in as if the
webhook had arrived: as an envelope. Whom Zoom has lost is added again. Where very many differ at once nothing is done:
the list is more likely to be wrong than all those people.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from adapters.database import envelopes, registrants, registrations
from adapters.database.tables import RegistrantRow, RegistrationRow, ZoomEventRow
from adapters.toolbox import Toolbox
from adapters.zoom.client import ZoomClient
from schemas.zoom import ZoomRegistrant
from workers.admission import is_limited
from workers.conferencing import events
from workers.conferencing.events import Event

log = structlog.get_logger(__name__)

SOURCE: Final = "zoom-list"
"""The source of envelopes that a comparison writes: what they say was just seen, and not told at some time."""
FEW: Final = 5
SHARE: Final = 0.2

Pair = tuple[RegistrantRow, ZoomRegistrant]


@dataclass(slots=True)
class _Findings:
    """Who differs. `changed`: links and statuses other than we know; `pending`: strangers who wait for a host; `left`:
    such as wait no longer."""

    here: int = 0
    unknown: list[ZoomRegistrant] = field(default_factory=list)
    pending: list[ZoomRegistrant] = field(default_factory=list)
    cancelled: list[ZoomRegistrant] = field(default_factory=list)
    missing: list[RegistrantRow] = field(default_factory=list)
    changed: list[Pair] = field(default_factory=list)
    left: list[RegistrantRow] = field(default_factory=list)

    @property
    def very_many(self) -> bool:
        """Whether more people of ours are cancelled or missing than can be believed."""
        return len(self.cancelled) + len(self.missing) > max(FEW, SHARE * self.here)


def reconcile(
    toolbox: Toolbox, client: ZoomClient, event: Event, *, force: bool = False
) -> tuple[list[str], dict[str, Any]]:
    """Compare, put right what can be, and keep a report of counts; ids of envelopes to open, and the report. With
    `force` also where very many are cancelled or missing at Zoom.

    Raises:
        ZoomRefused: where the list is not to be had now.
    """
    assert event.number is not None  # noqa: S101 - ready
    there = client.registrants(event.kind, event.number)
    found = _compared(toolbox, event, there)
    counted = {"cancelled_at_zoom": len(found.cancelled), "missing_at_zoom": len(found.missing)}
    left_alone = len(found.cancelled) + len(found.missing) if found.very_many and not force else 0
    if left_alone:
        found.cancelled, found.missing = [], []
        log.error("Zoom's list lacks very many; nothing was changed, a person must look", count=left_alone,
                  session=event.planned.id if event.planned else None)  # fmt: skip
    in_doubt = events.in_doubt(toolbox, event)
    _put_right(toolbox, event, found)
    written = [_envelope(toolbox, event, "registration_cancelled", one) for one in found.cancelled]
    if not in_doubt:
        # Where not everybody is let in, who waits at Zoom waits here too.
        newcomers = [*found.unknown, *(found.pending if _is_limited(event) else ())]
        written += [_envelope(toolbox, event, "registration_created", one) for one in newcomers]
    report = {
        "at": toolbox.clock.now().isoformat(timespec="seconds"), "at_zoom": len(there), "here": found.here,
        "unknown_here": len(found.unknown), "pending_at_zoom": len(found.pending), **counted, "left_alone": left_alone,
    }  # fmt: skip
    if in_doubt and found.unknown:
        report["not_let_in"] = len(found.unknown)
    _keep(toolbox, event, report)
    return [one for one in written if one is not None], report


def _is_limited(event: Event) -> bool:
    return event.planned is not None and event.conference is not None and is_limited(event.planned, event.conference)


def _compared(toolbox: Toolbox, event: Event, there: Sequence[ZoomRegistrant]) -> _Findings:
    """In memory: a list can have thousands, and a transaction that looks at each would keep everybody waiting."""
    with toolbox.database.read() as session:
        rows = {row.address_index: row for row in registrants.of_event(session, event.id)}
        places = registrants.people(session, rows.values())
    said = {registrants.address_index(toolbox.vault, one.email): one for one in there}
    found = _Findings()
    for index, one in said.items():
        row = rows.get(index)
        if row is None or row.registration_id is None:
            known = row is not None and row.status == "approved" and row.desired != "approved"
            if one.status == "approved" and not known:
                found.unknown.append(one)
            elif one.status == "pending" and (row is None or row.status != "pending"):
                found.pending.append(one)
        elif one.status == "denied":
            if (row.desired, row.status) == ("approved", "approved"):
                found.cancelled.append(one)
        elif (row.status, row.zoom_id) != (one.status, one.id) or _has_another_link(
            toolbox, places[row.id][0], row, one
        ):
            found.changed.append((row, one))
    found.left = [row for index, row in rows.items() if _waited_there(row) and index not in said]
    ours = {index: row for index, row in rows.items() if (row.desired, row.status) == ("approved", "approved")}
    found.here = len(ours)
    found.missing = [row for index, row in ours.items() if index not in said]
    return found


def _put_right(toolbox: Toolbox, event: Event, found: _Findings) -> None:
    """Each in a transaction of its own: the registration first, as everybody locks them. Nothing is written where
    nothing differs."""
    for row, one in found.changed:
        with toolbox.database.write() as session:
            session.get(RegistrationRow, row.registration_id, with_for_update=True)
            known = session.get(RegistrantRow, row.id, with_for_update=True)
            if known is not None:
                registrants.note(session, toolbox.vault, known, one, toolbox.clock.now(), in_letters=event.in_letters)
    for row in found.missing:
        with toolbox.database.write() as session:
            lost = session.get(RegistrantRow, row.id, with_for_update=True)
            if lost is not None and lost.status == "approved":
                lost.status = "gone"  # and is added again: the old link leads nowhere
    for row in found.left:
        with toolbox.database.write() as session:
            stranger = session.get(RegistrantRow, row.id, with_for_update=True)
            if stranger is not None and _waited_there(stranger):
                stranger.status = "gone"
    for one in found.pending:
        with toolbox.database.write() as session:
            named = registrants.named_by_zoom(session, toolbox.vault, event.id, one, toolbox.clock.now())
            if named.registration_id is None:
                named.status = "pending"


def _waited_there(row: RegistrantRow) -> bool:
    return row.registration_id is None and row.status == "pending"


def _has_another_link(toolbox: Toolbox, place: RegistrationRow, row: RegistrantRow, one: ZoomRegistrant) -> bool:
    if row.desired != "approved" or one.join_url is None:
        return False
    return registrations.join_link(place, toolbox.vault) != one.join_url


def _keep(toolbox: Toolbox, event: Event, report: dict[str, Any]) -> None:
    differs = any(report[name] for name in ("unknown_here", "cancelled_at_zoom", "missing_at_zoom", "left_alone"))
    with toolbox.database.write() as session:
        row = session.get(ZoomEventRow, event.id, with_for_update=True)
        assert row is not None  # noqa: S101 - events are never deleted
        row.report = report
        row.reconcile_at = event.reconcile_at = events.next_comparison(toolbox, event)
        tell = log.warning if differs else log.info
        tell("compared with Zoom", conference=row.conference, session=row.session, count=report["at_zoom"],
             state="differs" if differs else "agrees")  # fmt: skip


def _envelope(toolbox: Toolbox, event: Event, what: str, one: ZoomRegistrant) -> str | None:
    """As Zoom would have told it. The same finding at the same comparison is the same envelope."""
    clock = toolbox.clock
    body = {
        "event": f"{event.kind}.{what}", "event_ts": int(clock.now().timestamp() * 1000),
        "payload": {"account_id": "", "object": {
            "id": event.number, "registrant": one.model_dump(exclude_none=True),
        }},
    }  # fmt: skip
    assert event.account is not None  # noqa: S101 - a client was found by it
    with toolbox.database.write() as session:
        receipt = envelopes.record(
            session, toolbox.vault, conference=event.account, source=SOURCE,
            delivery_id=f"{event.number}:{one.id}:{what}:{event.reconcile_at}", content_type="application/json",
            body=json.dumps(body).encode(), now=clock.now(), machine_now=clock.machine_now(),
        )  # fmt: skip
    return None if receipt.duplicate else receipt.id
