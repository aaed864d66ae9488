"""Delivery claims a letter in the very moment in which a word is written that would have held it back."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from adapters.database import claims
from adapters.database.tables import LetterRow, RegistrationRow
from tests.house import OLGA, House
from workers import intake, invitation

WITHDRAWN = {"email": OLGA["email"]}


def untold(house: House, data: dict[str, Any], kind: str = "registration.submitted") -> str:
    """News about somebody that no letter has told yet; the participant's id."""
    participant = intake.judge(house.toolbox, house.receive(data, kind=kind))
    assert participant is not None
    return participant


@contextmanager
def delivery_claims_meanwhile(house: House) -> Iterator[None]:
    """All that is due is claimed before what is done in here, and it is committed when that waits for it."""
    clock, database = house.toolbox.clock, house.toolbox.database
    until = clock.machine_now() + timedelta(seconds=75)
    with database.write() as session:
        assert claims.claim(session, "another/1/1#1", 100, clock.now(), clock.machine_now(), until)
        yield


def write_meanwhile(house: House, participant: str) -> None:
    """Write what is untold while a claim is not committed yet."""
    writer = threading.Thread(target=invitation.write, args=(house.toolbox, participant))
    with delivery_claims_meanwhile(house):
        writer.start()
        _until_it_waits(house)
    writer.join(30)
    assert not writer.is_alive()


def _until_it_waits(house: House) -> None:
    """On SQLite whoever writes waits from the beginning, and nothing shows it."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = :what")
    for _ in range(0 if house.toolbox.database.is_sqlite else 600):
        with house.toolbox.database.engine.connect() as connection:
            if connection.execute(waiting, {"what": "transactionid"}).scalar():
                return
        time.sleep(0.05)
    assert house.toolbox.database.is_sqlite, "it did not wait for the claim"


def told(house: House) -> list[tuple[str, str, str | None, int | None]]:
    """Kind, state, method and SEQUENCE of each letter, in order."""
    rows = sorted(house.outbox("invitation", "update", "withdrawal"), key=lambda row: row.revision)
    return [(row.kind, row.state, row.method, row.sequence) for row in rows]


def test_a_withdrawal_cancels_the_invitation_that_delivery_is_just_claiming(house: House) -> None:
    house.process(house.receive(OLGA))
    write_meanwhile(house, untold(house, WITHDRAWN, "registration.withdrawn"))
    assert told(house) == [("invitation", "claimed", "REQUEST", 0), ("withdrawal", "planned", "CANCEL", 1)]
    with house.toolbox.database.read() as session:
        assert session.scalars(select(RegistrationRow.entry)).all() == ["cancelled"]


def test_a_change_follows_the_invitation_that_delivery_is_just_claiming_as_an_update(house: House) -> None:
    house.process(house.receive(OLGA))
    write_meanwhile(house, untold(house, OLGA | {"interpretation": "es"}))
    assert told(house) == [("invitation", "claimed", "REQUEST", 0), ("update", "planned", "REQUEST", 0)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_letters_that_are_settled_together_are_not_waited_for(house: House) -> None:
    """Whoever settles holds rows in any order, and may wait for a participant: neither may wait for the other."""
    house.process(house.receive(OLGA))
    participant = untold(house, WITHDRAWN, "registration.withdrawn")
    with delivery_claims_meanwhile(house):
        pass
    with house.toolbox.database.write() as session:
        session.scalars(select(LetterRow).where(LetterRow.state == "claimed").with_for_update()).all()
        assert invitation.write(house.toolbox, participant)
    assert told(house)[-1] == ("withdrawal", "planned", "CANCEL", 1)
