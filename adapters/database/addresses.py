"""The addresses of participants: the present one, those before it, and to which of them a letter went.

An address is corrected by a person. The one before stays, sealed: what comes back later is about that one, and
calendars there may still show an entry.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from adapters.database import participants
from adapters.database.tables import FormerAddressRow, LetterRow, ParticipantRow
from adapters.vault import Vault

Which = tuple[str, int]
"""A participant's id, and the version of an address of theirs."""


def correct(session: Session, vault: Vault, row: ParticipantRow, address: str, now: datetime) -> int:
    """Give somebody, who is locked, another address; the version of the one before."""
    before = row.address_version
    former = FormerAddressRow(
        participant_id=row.id, version=before, address_index=row.address_index, until=now,
        sealed_address=vault.seal(_place(row.id, before), participants.address(row, vault).encode()),
    )  # fmt: skip
    session.add(former)
    participants.readdress(row, vault, address)
    row.address_version = before + 1
    return before


def former(row: FormerAddressRow, vault: Vault) -> str:
    """An address of before, in clear.

    Raises:
        VaultError: where it cannot be opened with the keys at hand.
    """
    return vault.open(_place(row.participant_id, row.version), row.sealed_address).decode()


def formers_of(session: Session, participant_id: str) -> list[FormerAddressRow]:
    """Somebody's addresses of before, the oldest first."""
    wanted = select(FormerAddressRow).where(FormerAddressRow.participant_id == participant_id)
    return list(session.scalars(wanted.order_by(FormerAddressRow.version)))


def formers_of_letters(session: Session, batch: Iterable[LetterRow]) -> dict[Which, FormerAddressRow]:
    """The addresses of before to which letters of a batch go; mostly there are none."""
    wanted = [(one.participant_id, one.address_version) for one in batch if one.address_version is not None]
    if not wanted:
        return {}
    of_them = tuple_(FormerAddressRow.participant_id, FormerAddressRow.version).in_(wanted)
    return {(row.participant_id, row.version): row for row in session.scalars(select(FormerAddressRow).where(of_them))}


def of_letter(session: Session, vault: Vault, letter: LetterRow) -> str:
    """Where a letter went, or goes, in clear.

    Raises:
        VaultError: where it cannot be opened with the keys at hand.
    """
    if letter.address_version is None:
        return participants.address(session.get_one(ParticipantRow, letter.participant_id), vault)
    return former(session.get_one(FormerAddressRow, (letter.participant_id, letter.address_version)), vault)


def wearers(session: Session, vault: Vault, address: str, conferences: Iterable[str]) -> list[ParticipantRow]:
    """Whoever has this address in one of these conferences, or had it before, the newest first."""
    index = participants.address_index(vault, address)
    present = select(ParticipantRow).where(
        ParticipantRow.conference.in_(list(conferences)), ParticipantRow.address_index == index
    )
    past = select(FormerAddressRow.participant_id).where(FormerAddressRow.address_index == index)
    before = select(ParticipantRow).where(ParticipantRow.id.in_(past))
    found = {row.id: row for row in [*session.scalars(present), *session.scalars(before)]}
    return sorted(found.values(), key=lambda row: row.created_at, reverse=True)


def _place(participant_id: str, version: int) -> str:
    return f"former_addresses:{participant_id}.{version}:address"
