"""Reconciliation: what Zoom has and what is here, compared once a night, in both directions.

Zoom's webhooks are given up after three retries, so some are lost. Whom Zoom has and we do not comes in as if the
webhook had arrived: as an envelope. Whom Zoom has lost is added again. Where very many differ at once, nothing is
done: the list is more likely to be wrong than all those people.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from adapters.database import envelopes, registrants
from adapters.database.tables import RegistrantRow, ZoomEventRow
from adapters.toolbox import Toolbox
from adapters.zoom.client import ZoomClient
from domain.conferencing.nights import next_night
from schemas.zoom import ZoomRegistrant
from workers.conferencing.events import Event

log = structlog.get_logger(__name__)

SOURCE: Final = "zoom"
FEW: Final = 5
SHARE: Final = 0.2


def is_due(toolbox: Toolbox, event: Event) -> bool:
    """Whether the night has come."""
    return event.reconcile_at is not None and event.reconcile_at <= toolbox.clock.now()


def reconcile(toolbox: Toolbox, client: ZoomClient, event: Event) -> list[str]:
    """Compare, put right what can be, and keep a report of counts; ids of envelopes to open.

    Raises:
        ZoomRefused: where the list is not to be had now.
    """
    assert event.number is not None and event.conference is not None  # noqa: S101, PT018 - ready, and in force
    there = client.registrants(event.kind, event.number)
    with toolbox.database.write() as session:
        comparison = _Comparison(toolbox, session, event, there)
        written = comparison.put_right()
        row = session.get(ZoomEventRow, event.id, with_for_update=True)
        assert row is not None  # noqa: S101 - events are never deleted
        row.report = {"at": toolbox.clock.now().isoformat(timespec="seconds"), **comparison.report}
        row.reconcile_at = next_night(toolbox.clock.now(), event.conference.time_zone)
        tell = log.warning if comparison.differs else log.info
        tell("compared with Zoom", conference=row.conference, session=row.session, count=len(there),
             state="differs" if comparison.differs else "agrees")  # fmt: skip
    return written


class _Comparison:
    """Zoom's list against our rows. A row that is just being settled is left to its round."""

    def __init__(self, toolbox: Toolbox, session: Session, event: Event, there: Sequence[ZoomRegistrant]) -> None:
        self._toolbox, self._session, self._event, self._there = toolbox, session, event, there
        self.report: dict[str, int | str] = {"at_zoom": len(there)}

    @property
    def differs(self) -> bool:
        """Whether anything but strangers who wait for approval was out of line."""
        return any(self.report.get(name) for name in ("unknown_here", "cancelled_at_zoom", "missing_at_zoom"))

    def put_right(self) -> list[str]:
        """Ids of the envelopes written."""
        vault = self._toolbox.vault
        rows = {row.address_index: row for row in registrants.of_event(self._session, self._event.id)}
        said = {registrants.address_index(vault, one.email): one for one in self._there}
        strangers = [one for index, one in said.items() if not _is_ours(rows.get(index))]
        unknown = [one for one in strangers if one.status == "approved"]
        pending = [one for one in strangers if one.status == "pending"]
        settled = {index: row for index, row in rows.items() if row.desired == "approved" and row.status == "approved"}
        cancelled = [one for index, one in said.items() if index in settled and one.status == "denied"]
        missing = [row for index, row in settled.items() if index not in said]
        self.report |= {
            "here": len(settled), "unknown_here": len(unknown), "pending_at_zoom": len(pending),
            "cancelled_at_zoom": len(cancelled), "missing_at_zoom": len(missing),
        }  # fmt: skip
        for one in pending:
            registrants.named_by_zoom(self._session, vault, self._event.id, one, self._now).status = "pending"
        self._take_over(rows, said)
        written = [self._envelope("registration_created", one) for one in unknown]
        if len(cancelled) + len(missing) > max(FEW, SHARE * len(settled)):
            self.report["left_alone"] = len(cancelled) + len(missing)
            log.error("Zoom's list lacks very many; nothing was changed, a person must look",
                      session=self._event.planned.id if self._event.planned else None,
                      count=len(cancelled) + len(missing))  # fmt: skip
            return [one for one in written if one is not None]
        for row in missing:
            row.status = "gone"  # and is added again: the old link leads nowhere
        written += [self._envelope("registration_cancelled", one) for one in cancelled]
        return [one for one in written if one is not None]

    def _take_over(self, rows: Mapping[bytes, RegistrantRow], said: Mapping[bytes, ZoomRegistrant]) -> None:
        """Links and statuses that have changed at Zoom without our being told."""
        for index, one in said.items():
            row = rows.get(index)
            if row is None or not _is_ours(row) or one.status == "denied":
                continue
            if row.desired == "approved" and one.status == "approved":
                registrants.note(self._session, self._toolbox.vault, row, one, self._now,
                                 in_letters=self._event.in_letters)  # fmt: skip
            elif one.status is not None:
                row.zoom_id, row.status = one.id, one.status

    @property
    def _now(self) -> datetime:
        return self._toolbox.clock.now()

    def _envelope(self, what: str, one: ZoomRegistrant) -> str | None:
        """As Zoom would have told it. The same finding on another night is the same envelope."""
        clock, event = self._toolbox.clock, self._event
        body = {
            "event": f"{event.kind}.{what}", "event_ts": int(clock.now().timestamp() * 1000),
            "payload": {"account_id": "", "object": {
                "id": event.number, "registrant": one.model_dump(exclude_none=True),
            }},
        }  # fmt: skip
        assert event.account is not None  # noqa: S101 - a client was found by it
        receipt = envelopes.record(
            self._session, self._toolbox.vault, conference=event.account, source=SOURCE,
            delivery_id=f"reconciled:{event.number}:{one.id}:{what}", content_type="application/json",
            body=json.dumps(body).encode(), now=clock.now(), machine_now=clock.machine_now(),
        )  # fmt: skip
        return None if receipt.duplicate else receipt.id


def _is_ours(row: RegistrantRow | None) -> bool:
    return row is not None and row.registration_id is not None
