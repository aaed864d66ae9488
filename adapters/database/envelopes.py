"""The inbox: envelopes as they were received, sealed, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select, tuple_, update
from sqlalchemy.orm import Session

from adapters.database.many import insert_all_unless_there
from adapters.database.tables import EnvelopeRow
from adapters.ids import new_id
from adapters.vault import Vault
from schemas.registration import Reason
from schemas.value import value

MAIL_SOURCES = ("bounce", "postmark", "mailgun", "answer")
"""What comes back after letters: reports, the events of providers, and answers from calendars. Their column
`conference` says `mail`."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One post, opened."""

    id: str
    conference: str
    source: str
    content_type: str
    body: bytes
    received_at: datetime
    machine_received: datetime


@value
class Arrival:
    """A post as it came. `delivery_id` is the provider's id of the delivery (Standard Webhooks' `webhook-id`); only its
    keyed hash is kept. `now` is the conference's time, `machine_now` the machine's."""

    conference: str
    source: str
    delivery_id: str = field(repr=False)
    content_type: str
    body: bytes = field(repr=False)
    now: datetime
    machine_now: datetime


@value
class Receipt:
    """What the sender is told: an opaque id, and whether this post had come before."""

    id: str
    duplicate: bool


def _place(envelope_id: str) -> str:
    return f"envelopes:{envelope_id}:body"


def record(
    session: Session, vault: Vault, *, conference: str, source: str, delivery_id: str, content_type: str, body: bytes,
    now: datetime, machine_now: datetime,
) -> Receipt:  # fmt: skip
    """Keep one envelope; see `record_all`."""
    arrival = Arrival(conference, source, delivery_id, content_type, body, now, machine_now)
    return record_all(session.connection(), vault, [arrival])[0]


def record_all(connection: Connection, vault: Vault, arrivals: Sequence[Arrival]) -> list[Receipt]:
    """Keep envelopes, sealed, with one statement; a receipt for each. The same delivery id from the same source to the
    same conference gives the receipt of the first, and keeps nothing more."""
    keys = [delivery_key(vault, one.conference, one.source, one.delivery_id) for one in arrivals]
    first: dict[bytes, Arrival] = {}
    for key, one in zip(keys, arrivals, strict=True):
        first.setdefault(key, one)
    # In the order of their keys: two groups with the same deliveries then wait for each other in one direction only.
    rows = [_values(vault, key, first[key]) for key in sorted(first)]
    fresh = {row["delivery_key"]: row["id"] for row in rows}
    all_fresh = insert_all_unless_there(connection, EnvelopeRow, rows) == len(rows)
    known = dict(fresh) if all_fresh else _ids_of(connection, first)
    return [Receipt(known[key], duplicate=fresh.pop(key, None) != known[key]) for key in keys]


def delivery_key(vault: Vault, conference: str, source: str, delivery_id: str) -> bytes:
    """Of everything that makes a delivery what it is: so it is unique alone."""
    return vault.index("envelopes.delivery", f"{conference}\n{source}\n{delivery_id}")


def _values(vault: Vault, key: bytes, one: Arrival) -> dict[str, Any]:
    envelope_id = new_id("env")
    return {
        "id": envelope_id, "conference": one.conference, "source": one.source, "delivery_key": key,
        "state": "received", "content_type": one.content_type[:100],
        "sealed_body": vault.seal(_place(envelope_id), one.body), "reasons": [], "attempts": 0,
        "received_at": one.now, "machine_received": one.machine_now, "machine_queued": one.machine_now,
    }  # fmt: skip


def _ids_of(connection: Connection, arrivals: Mapping[bytes, Arrival]) -> dict[bytes, str]:
    """The ids of deliveries that are there, by their keys."""
    found: dict[bytes, str] = {}
    for conference, source in {(one.conference, one.source) for one in arrivals.values()}:
        wanted = select(EnvelopeRow.delivery_key, EnvelopeRow.id).where(
            EnvelopeRow.conference == conference, EnvelopeRow.source == source,
            EnvelopeRow.delivery_key.in_(arrivals),
        )  # fmt: skip
        found.update((key, envelope_id) for key, envelope_id in connection.execute(wanted))
    return found


def take(session: Session, envelope_id: str, *, wait: bool = False) -> EnvelopeRow | None:
    """The envelope, locked for this transaction, if nobody has settled it yet; nor has it at hand, unless we `wait`."""
    return session.scalars(
        select(EnvelopeRow)
        .where(EnvelopeRow.id == envelope_id, EnvelopeRow.state == "received")
        .with_for_update(skip_locked=not wait)
    ).one_or_none()


def opened(row: EnvelopeRow, vault: Vault) -> Envelope:
    """The envelope with its body in clear.

    Raises:
        VaultError: where the body cannot be opened with the keys at hand.
    """
    body = vault.open(_place(row.id), row.sealed_body)
    return Envelope(row.id, row.conference, row.source, row.content_type, body, row.received_at, row.machine_received)


def settle(row: EnvelopeRow, state: str, now: datetime, *, participant_id: str | None = None,
           reasons: Sequence[Reason] = ()) -> None:  # fmt: skip
    """Write what became of an envelope that `take` has locked: accepted, rejected or failed."""
    row.state, row.settled_at, row.participant_id = state, now, participant_id
    row.reasons = [reason.model_dump() for reason in reasons]


def latest_of(session: Session, participant_id: str) -> str | None:
    """The newest submission of a participant, where there is one."""
    theirs = select(EnvelopeRow.id).where(EnvelopeRow.participant_id == participant_id)
    return session.scalar(theirs.order_by(EnvelopeRow.machine_received.desc()).limit(1))


def older_waiting(session: Session, envelope_id: str, limit: int) -> list[str]:
    """Ids of envelopes that came earlier to the same conference and still wait, the oldest first."""
    this = session.get(EnvelopeRow, envelope_id)
    if this is None:
        return []
    earlier = select(EnvelopeRow.id).where(
        EnvelopeRow.conference == this.conference,
        EnvelopeRow.state == "received",
        tuple_(EnvelopeRow.machine_received, EnvelopeRow.id) < tuple_(this.machine_received, this.id),
    )
    return list(session.scalars(earlier.order_by(EnvelopeRow.machine_received, EnvelopeRow.id).limit(limit)))


def count_attempt(session: Session, envelope_id: str, most: int, now: datetime) -> str | None:
    """Count a try that ended in an error of ours; after `most` of them the envelope is failed. Returns its state."""
    row = session.scalars(select(EnvelopeRow).where(EnvelopeRow.id == envelope_id).with_for_update()).one_or_none()
    if row is None or row.state != "received":
        return row.state if row else None
    row.attempts += 1
    if row.attempts >= most:
        reason = Reason(field="", code="internal-error", message="An error of ours; see the log. It can be replayed.")
        settle(row, "failed", now, reasons=[reason])
    return row.state


def replay(session: Session, envelope_id: str, machine_now: datetime) -> bool:
    """Put a rejected or failed envelope back to be judged again; whether there was one that still has its body."""
    done = session.execute(
        update(EnvelopeRow)
        .where(
            EnvelopeRow.id == envelope_id,
            EnvelopeRow.state.in_(("rejected", "failed")),
            func.length(EnvelopeRow.sealed_body) > 0,
        )
        .values(
            state="received", reasons=[], attempts=0, settled_at=None, set_aside_at=None, machine_queued=machine_now
        )
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def stuck(session: Session, queued_before: datetime, limit: int) -> list[str]:
    """Ids of envelopes that were handed to the broker before `queued_before` (machine time) and still wait,
    the longest-waiting first."""
    waiting = select(EnvelopeRow.id).where(EnvelopeRow.state == "received", EnvelopeRow.machine_queued < queued_before)
    return list(
        session.scalars(waiting.order_by(EnvelopeRow.machine_queued, EnvelopeRow.machine_received).limit(limit))
    )


def queued(session: Session, ids: Sequence[str], machine_now: datetime) -> None:
    """Note that these were handed to the broker (again)."""
    session.execute(update(EnvelopeRow).where(EnvelopeRow.id.in_(ids)).values(machine_queued=machine_now))


def find(session: Session, envelope_id: str) -> EnvelopeRow | None:
    """The row, or None."""
    return session.get(EnvelopeRow, envelope_id)


def of_ids(session: Session, ids: Sequence[str]) -> dict[str, EnvelopeRow]:
    """The rows that there are of these ids."""
    return {row.id: row for row in session.scalars(select(EnvelopeRow).where(EnvelopeRow.id.in_(ids)))} if ids else {}


def counts(session: Session) -> dict[tuple[str, str, str], int]:
    """How many envelopes by conference, source and state."""
    rows = session.execute(
        select(EnvelopeRow.conference, EnvelopeRow.source, EnvelopeRow.state, func.count()).group_by(
            EnvelopeRow.conference, EnvelopeRow.source, EnvelopeRow.state
        )
    )
    return {(conference, source, state): number for conference, source, state, number in rows}


def listed(session: Session, *, states: Sequence[str], limit: int, conference: str | None = None) -> list[EnvelopeRow]:
    """The newest envelopes in these states; without what registers nobody and was done: our own additions that came
    back from Zoom, events that were opened or closed, reports about letters, answers."""
    silent = and_(
        EnvelopeRow.source.in_(("zoom", "zoom-list", *MAIL_SOURCES)),
        EnvelopeRow.state == "accepted",
        EnvelopeRow.participant_id.is_(None),
    )
    wanted = select(EnvelopeRow).where(EnvelopeRow.state.in_(states), ~silent)
    if conference:
        wanted = wanted.where(EnvelopeRow.conference == conference)
    return list(session.scalars(wanted.order_by(EnvelopeRow.machine_received.desc()).limit(limit)))


def forget(session: Session, received_before: datetime) -> int:
    """Empty the bodies of accepted envelopes that came before then (machine time); how many."""
    done = session.execute(
        update(EnvelopeRow)
        .where(
            EnvelopeRow.state == "accepted",
            EnvelopeRow.machine_received < received_before,
            func.length(EnvelopeRow.sealed_body) > 0,
        )
        .values(sealed_body=b"")
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def forget_reports(session: Session, received_before: datetime) -> int:
    """Empty the bodies of reports about letters, and of answers, that came before then (machine time), whatever became
    of them; how many. They are mails of others, and can hold anything."""
    done = session.execute(
        update(EnvelopeRow)
        .where(
            EnvelopeRow.source.in_(MAIL_SOURCES),
            EnvelopeRow.state != "received",
            EnvelopeRow.machine_received < received_before,
            func.length(EnvelopeRow.sealed_body) > 0,
        )
        .values(sealed_body=b"")
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def waiting(session: Session) -> int:
    """How many envelopes nobody has settled yet."""
    wanted = select(func.count()).select_from(EnvelopeRow).where(EnvelopeRow.state == "received")
    return session.scalar(wanted) or 0
