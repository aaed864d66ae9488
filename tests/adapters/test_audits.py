"""Audits: what was done by hand is kept, and the reason that somebody typed is sealed."""

from datetime import UTC, datetime

from sqlalchemy import select

from adapters.database.audits import Audit, listed, note
from adapters.database.engine import Database
from adapters.database.tables import AuditRow
from adapters.vault import Vault, new_key_ring

NOW = datetime(2021, 6, 1, 9, 30, tzinfo=UTC)
VAULT = Vault(new_key_ring())


def test_deeds_are_listed_with_their_reasons_the_newest_first(database: Database) -> None:
    with database.write() as session:
        note(session, VAULT, who="cli:anna", action="programme applied", conference="alliance-2021",
             details={"sessions": 2}, now=NOW, machine_now=NOW)  # fmt: skip
        note(session, VAULT, who="admin:anna", action="place approved", conference="alliance-2021", about="reg_1",
             reason="Her delegation has rung.", now=NOW, machine_now=NOW)  # fmt: skip
        note(session, VAULT, who="cli:anna", action="exported", conference="shdm-2022", now=NOW, machine_now=NOW)
    with database.read() as session:
        assert listed(session, VAULT, 10, conference="alliance-2021") == [
            Audit("admin:anna", "place approved", "alliance-2021", "reg_1", "Her delegation has rung.", {}, NOW),
            Audit("cli:anna", "programme applied", "alliance-2021", None, None, {"sessions": 2}, NOW),
        ]
        assert [one.action for one in listed(session, VAULT, 1)] == ["exported"]


def test_a_reason_stands_sealed_in_the_database(database: Database) -> None:
    with database.write() as session:
        note(session, VAULT, who="cli:anna", action="place refused", about="reg_1", reason="Olga is known to us.",
             now=NOW, machine_now=NOW)  # fmt: skip
    with database.read() as session:
        sealed = session.scalars(select(AuditRow.sealed_reason)).one()
    assert sealed is not None
    assert b"Olga" not in sealed
