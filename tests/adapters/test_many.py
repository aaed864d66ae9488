"""Many rows with one statement: what is given is what is there, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from adapters.database.engine import Database
from adapters.database.many import insert_all_unless_there
from adapters.database.tables import EnvelopeRow

EIGHT = datetime(2021, 6, 14, 6, tzinfo=UTC)


def a_row(number: int, **given: Any) -> dict[str, Any]:
    """Of one envelope."""
    return {
        "id": f"env_{number}", "conference": "alliance-2021", "source": "standard",
        "delivery_key": bytes([number] * 16), "content_type": "application/json", "sealed_body": b"sealed",
        "received_at": EIGHT, "machine_received": EIGHT, "machine_queued": EIGHT,
        "state": "received", "reasons": [], "attempts": 0, "set_aside_at": None,
    } | given  # fmt: skip


def kept(database: Database, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What stands there after the rows were inserted."""
    with database.statement() as connection:
        assert insert_all_unless_there(connection, EnvelopeRow, rows) == len(rows)
    with database.read() as session:
        found = session.scalars(select(EnvelopeRow).order_by(EnvelopeRow.received_at, EnvelopeRow.id))
        return [{name: getattr(one, name) for name in rows[0]} for one in found]


@pytest.mark.parametrize("octets", [b"", b"\0", b"\\x00", bytes(range(256)), bytes(300_000)])
def test_octets_come_out_as_they_went_in_however_many_they_are(database: Database, octets: bytes) -> None:
    rows = [a_row(1, sealed_body=octets), a_row(2)]
    assert kept(database, rows) == rows


def test_instants_come_out_as_they_went_in_whatever_their_zone(database: Database) -> None:
    local = timezone(timedelta(minutes=53, seconds=28))  # Berlin's, before there were zones
    moments = [EIGHT, EIGHT + timedelta(microseconds=1), (EIGHT + timedelta(hours=1)).astimezone(local)]
    rows = [a_row(number, received_at=one) for number, one in enumerate(moments)]
    assert kept(database, rows) == rows


def test_a_time_without_a_zone_is_refused_and_nothing_is_written(database: Database) -> None:
    rows = [a_row(1), a_row(2, received_at=EIGHT.replace(tzinfo=None))]
    with pytest.raises((ValueError, StatementError), match="a naive datetime says no instant"):
        kept(database, rows)
    with database.read() as session:
        assert list(session.scalars(select(EnvelopeRow))) == []
