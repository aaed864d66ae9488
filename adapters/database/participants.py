"""Participants: who they are, sealed, and how they are found again."""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.many import is_among, plain_rows, texts
from adapters.database.tables import ParticipantRow, ProgrammeRow
from adapters.ids import new_id
from adapters.vault import Vault
from schemas.participant import Profile
from schemas.registration import Attempt, PreferencesData, RegistrationData, Visibility
from schemas.value import value

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@value
class Participant:
    """A participant, opened. Never logged, never put in a message of the queue."""

    id: str
    conference: str
    address: str
    profile: Profile
    language: str | None
    time_zone: str | None
    visibility: Visibility


def address_index(vault: Vault, address: str) -> bytes:
    """The keyed hash by which an address is found: the same whatever case or Unicode form it was typed in."""
    return vault.index("participants.address", unicodedata.normalize("NFC", address).casefold())


def of_address(session: Session, vault: Vault, conference: str, address: str) -> ParticipantRow | None:
    """The participant of this address, to be read only, or None."""
    return session.scalars(_of_address(vault, conference, address)).one_or_none()


def locked(session: Session, vault: Vault, conference: str, address: str) -> ParticipantRow | None:
    """The participant of this address, locked for this transaction, or None."""
    return session.scalars(_of_address(vault, conference, address).with_for_update()).one_or_none()


def _of_address(vault: Vault, conference: str, address: str) -> Select[ParticipantRow]:
    return select(ParticipantRow).where(
        ParticipantRow.conference == conference, ParticipantRow.address_index == address_index(vault, address)
    )


def locked_or_created(
    session: Session, vault: Vault, conference: str, data: RegistrationData, machine_said: datetime, now: datetime
) -> ParticipantRow:
    """The participant of this address, locked, made from `data` where there is none yet.

    A known participant is not changed here. Two workers that meet a new address at once make one participant: the
    unique constraint lets the second wait for the first.
    """
    return _locked_or_made(session, vault, conference, data, data, machine_said, now)


def locked_or_noted(session: Session, vault: Vault, conference: str, attempt: Attempt, now: datetime) -> ParticipantRow:
    """The participant of this address, locked; where there is none yet, one without a name or a registration, whom
    every submission overwrites. A known participant is not changed."""
    return _locked_or_made(session, vault, conference, attempt, None, _NEVER, now)


def is_only_noted(row: ParticipantRow) -> bool:
    """Whether nothing of what this person has sent was ever understood."""
    return row.machine_said == _NEVER


def _locked_or_made(
    session: Session, vault: Vault, conference: str, how: RegistrationData | Attempt, data: RegistrationData | None,
    machine_said: datetime, now: datetime,
) -> ParticipantRow:  # fmt: skip
    known = locked(session, vault, conference, how.email)
    if known is not None:
        return known
    participant_id = new_id("par")
    values = {
        "id": participant_id,
        "conference": conference,
        "address_index": address_index(vault, how.email),
        "sealed_address": vault.seal(_place(participant_id, "address"), how.email.encode()),
        "sealed_profile": _sealed_profile(vault, participant_id, data, Profile(full_name="")),
        "sealed_needs": vault.seal_text(_place(participant_id, "needs"), data.needs if data else None),
        "language": how.language,
        "time_zone": how.time_zone,
        "visibility": how.visibility or "standard",
        "submissions": 0,
        "machine_said": machine_said,
        "created_at": now,
    }
    insert_unless_there(session, ParticipantRow, values)
    found = locked(session, vault, conference, how.email)
    assert found is not None, "the row was just inserted, by us or by the one we waited for"  # noqa: S101
    return found


def overwrite(row: ParticipantRow, vault: Vault, data: RegistrationData, machine_said: datetime) -> None:
    """Take over what a newer submission says; what it does not say stays. The address stays as first written,
    because calendars know the participant by it.

    Of an attempt that nobody understood nothing stays but the wish for discretion: anybody may have made it.
    """
    if is_only_noted(row):
        row.language = row.time_zone = None
    row.sealed_profile = _sealed_profile(vault, row.id, data, opened(row, vault).profile)
    if data.needs is not None:
        row.sealed_needs = vault.seal_text(_place(row.id, "needs"), data.needs)
    row.language = data.language or row.language
    row.time_zone = data.time_zone or row.time_zone
    row.visibility = data.visibility or row.visibility
    row.machine_said = machine_said


def prefer(row: ParticipantRow, vault: Vault, data: PreferencesData, machine_said: datetime) -> None:
    """Take over how this person wants to be written to, and called. What is not said stays; no alias is none."""
    if "alias" in data.model_fields_set:
        profile = opened(row, vault).profile.model_copy(update={"alias": data.alias})
        row.sealed_profile = vault.seal(_place(row.id, "profile"), profile.model_dump_json().encode())
    row.language = data.language or row.language
    row.time_zone = data.time_zone or row.time_zone
    row.visibility = data.visibility or row.visibility
    row.machine_said = machine_said


def opened(row: ParticipantRow, vault: Vault) -> Participant:
    """The participant in clear.

    Raises:
        VaultError: where a field cannot be opened with the keys at hand.
    """
    return Participant(
        id=row.id,
        conference=row.conference,
        address=address(row, vault),
        profile=Profile.model_validate_json(vault.open(_place(row.id, "profile"), row.sealed_profile)),
        language=row.language,
        time_zone=row.time_zone,
        visibility=row.visibility,
    )


def with_reminders_of_old(session: Session, limit: int) -> list[str]:
    """Participants whose reminders were not planned under the version of their programme that is in force."""
    wanted = (
        select(ParticipantRow.id)
        .join(ProgrammeRow, ProgrammeRow.conference == ParticipantRow.conference)
        .where(ParticipantRow.reminders_version.is_distinct_from(ProgrammeRow.version))
        .order_by(ParticipantRow.id)
        .limit(limit)
    )
    return list(session.scalars(wanted))


def of_conference(session: Session, conference: str, *, lock: bool = False) -> list[ParticipantRow]:
    """Everybody of a conference, in order of id; with `lock` they stay as they are until the transaction ends."""
    wanted = select(ParticipantRow).where(ParticipantRow.conference == conference).order_by(ParticipantRow.id)
    return list(session.scalars(wanted.with_for_update() if lock else wanted))


def are_more_than(session: Session, conference: str, number: int) -> bool:
    """Whether a conference has more participants than that; no more of them are looked at."""
    one_more = select(ParticipantRow.id).where(ParticipantRow.conference == conference).limit(1).offset(number)
    return session.scalars(one_more).first() is not None


_OF_IDS = select(
    ParticipantRow.id, ParticipantRow.conference, ParticipantRow.sealed_address, ParticipantRow.sealed_profile,
    ParticipantRow.language, ParticipantRow.time_zone, ParticipantRow.visibility, ParticipantRow.muted_at,
    ParticipantRow.reminders_version, ParticipantRow.page_version, ParticipantRow.mail_held_at,
).where(is_among(ParticipantRow.id, texts("ids")))  # fmt: skip


def of_ids(session: Session, ids: Iterable[str]) -> dict[str, ParticipantRow]:
    """Many participants by their ids, with one query, to be read only: what letters to them take, and no more."""
    return {row.id: row for row in plain_rows(session, ParticipantRow, _OF_IDS, ids=list(ids))}


def address(row: ParticipantRow, vault: Vault) -> str:
    """The participant's address alone, in clear.

    Raises:
        VaultError: where it cannot be opened with the keys at hand.
    """
    return vault.open(_place(row.id, "address"), row.sealed_address).decode()


def readdress(row: ParticipantRow, vault: Vault, address: str) -> None:
    """Write another address; see `addresses.correct`, which keeps the one before."""
    row.address_index = address_index(vault, address)
    row.sealed_address = vault.seal(_place(row.id, "address"), address.encode())


def newest(session: Session, conference: str, limit: int, before: tuple[datetime, str] | None = None
           ) -> list[ParticipantRow]:  # fmt: skip
    """A conference's participants, the newest first; those that come after the one who was made `before`, of this
    id."""
    wanted = select(ParticipantRow).where(ParticipantRow.conference == conference)
    if before is not None:
        wanted = wanted.where(tuple_(ParticipantRow.created_at, ParticipantRow.id) < before)
    return list(
        session.scalars(wanted.order_by(ParticipantRow.created_at.desc(), ParticipantRow.id.desc()).limit(limit))
    )


def needs(row: ParticipantRow, vault: Vault) -> str | None:
    """What this person needs in order to take part, in clear.

    Raises:
        VaultError: where it cannot be opened with the keys at hand.
    """
    return vault.open_text(_place(row.id, "needs"), row.sealed_needs)


def is_muted(session: Session, participant_id: str) -> bool:
    """Whether this person wants no reminders."""
    wanted = select(ParticipantRow.muted_at).where(ParticipantRow.id == participant_id)
    return session.scalars(wanted).one_or_none() is not None


def language(session: Session, participant_id: str) -> str | None:
    """The language (ISO 639) that this person wants letters in; None where it is the conference's."""
    wanted = select(ParticipantRow.language).where(ParticipantRow.id == participant_id)
    return session.scalars(wanted).one_or_none()


def mute(session: Session, participant_id: str, since: datetime | None) -> None:
    """Send no reminders to this person; with None, send them again. Whoever muted before keeps the first date."""
    row = session.get(ParticipantRow, participant_id, with_for_update=True)
    if row is not None:
        row.muted_at = since if row.muted_at is None or since is None else row.muted_at


def renew_calendar_address(session: Session, participant_id: str) -> None:
    """Let the address of this person's calendar feed be another from now on; that before leads nowhere."""
    row = session.get(ParticipantRow, participant_id, with_for_update=True)
    if row is not None:
        row.calendar_version += 1


def _place(participant_id: str, column: str) -> str:
    return f"participants:{participant_id}:{column}"


def _sealed_profile(vault: Vault, participant_id: str, data: RegistrationData | None, known: Profile) -> bytes:
    said = {name: getattr(data, name) for name in Profile.model_fields} if data else {}
    profile = known.model_copy(update={name: value for name, value in said.items() if value is not None})
    return vault.seal(_place(participant_id, "profile"), profile.model_dump_json().encode())


_WHOLE = select(ParticipantRow.__table__).where(is_among(ParticipantRow.id, texts("ids")))


def whole(session: Session, ids: Iterable[str]) -> dict[str, ParticipantRow]:
    """The same, with all that is kept of them."""
    return {row.id: row for row in plain_rows(session, ParticipantRow, _WHOLE, ids=list(ids))}
