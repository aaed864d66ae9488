"""What calendars have answered. Of each registration the answer that was noted last has the say, but for a decline that
was taken back, or after which its owner has spoken of the session by their own hand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from adapters.database.many import is_among, plain_rows, texts
from adapters.database.tables import AnswerRow, RegistrationRow
from adapters.vault import Vault

_NEWER = aliased(AnswerRow)
_HAS_THE_SAY = and_(
    AnswerRow.undone_at.is_(None),
    or_(AnswerRow.partstat != "declined", AnswerRow.machine_at >= RegistrationRow.machine_said),
    ~select(_NEWER.id).where(_NEWER.registration_id == AnswerRow.registration_id, _NEWER.id > AnswerRow.id).exists(),
)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to be noted. `sequence` is that of the entry that was answered, `dtstamp` when (UTC). `comment`: what
    was said besides, as JSON; it is sealed."""

    partstat: str
    sequence: int
    dtstamp: datetime
    comment: str | None = field(default=None, repr=False)


def note(session: Session, vault: Vault, registration_id: str, given: Given, now: datetime, machine_came: datetime
         ) -> None:  # fmt: skip
    """Note an answer that came at `machine_came`, which has the say from now on, unless it is a decline and its owner
    has spoken since it came. The participant is locked by the caller."""
    row = AnswerRow(
        registration_id=registration_id, partstat=given.partstat, sequence=given.sequence, dtstamp=given.dtstamp,
        at=now, machine_at=machine_came,
    )  # fmt: skip
    session.add(row)
    session.flush()  # its id is part of the place that the comment is sealed for
    row.sealed_comment = vault.seal_text(_place(row.id), given.comment)


_OF_REGISTRATIONS = (
    select(AnswerRow.__table__).where(is_among(AnswerRow.registration_id, texts("ids"))).order_by(AnswerRow.id)
)


def latest(session: Session, registration_ids: Iterable[str]) -> dict[str, AnswerRow]:
    """The answers that have the say, by registration, also those that were taken back; to be read only."""
    found = plain_rows(session, AnswerRow, _OF_REGISTRATIONS, ids=list(registration_ids))
    return {row.registration_id: row for row in found}


def comment(row: AnswerRow, vault: Vault) -> str | None:
    """What was said besides, as JSON, in clear.

    Raises:
        VaultError: where it cannot be opened with the keys at hand.
    """
    return vault.open_text(_place(row.id), row.sealed_comment)


def take_back(session: Session, registration_id: str, now: datetime) -> bool:
    """The participant says that a decline was not meant; whether it had the say."""
    wanted = select(AnswerRow).where(AnswerRow.registration_id == registration_id).order_by(AnswerRow.id.desc())
    row = session.scalars(wanted.limit(1).with_for_update()).one_or_none()
    if row is None or row.partstat != "declined" or row.undone_at is not None:
        return False
    row.undone_at = now
    return True


def declined(session: Session, registration_ids: Iterable[str]) -> frozenset[str]:
    """The registrations among these whose calendars have declined, where that has the say."""
    ids = list(registration_ids)
    if not ids:
        return frozenset()
    wanted = (
        select(AnswerRow.registration_id)
        .join(RegistrationRow, AnswerRow.registration_id == RegistrationRow.id)
        .where(AnswerRow.registration_id.in_(ids), AnswerRow.partstat == "declined", _HAS_THE_SAY)
    )
    return frozenset(session.scalars(wanted))


def counts(session: Session) -> dict[tuple[str, str, str], int]:
    """How many of those who are registered have answered what, by conference, session and answer."""
    rows = session.execute(
        select(RegistrationRow.conference, RegistrationRow.session, AnswerRow.partstat, func.count())
        .join(AnswerRow, AnswerRow.registration_id == RegistrationRow.id)
        .where(_HAS_THE_SAY, RegistrationRow.state == "registered")
        .group_by(RegistrationRow.conference, RegistrationRow.session, AnswerRow.partstat)
    )
    return {(conference, session_id, partstat): number for conference, session_id, partstat, number in rows}


def to_look_at(session: Session, limit: int, conference: str | None = None) -> list[tuple[AnswerRow, RegistrationRow]]:
    """Answers that a person may want to act on, the newest first: declined, another time, a deputy, or with words."""
    wanted = (
        select(AnswerRow, RegistrationRow)
        .join(RegistrationRow, AnswerRow.registration_id == RegistrationRow.id)
        .where(
            _HAS_THE_SAY, RegistrationRow.state == "registered",
            (AnswerRow.partstat.in_(("declined", "delegated", "countered")) | AnswerRow.sealed_comment.is_not(None)),
        )
        .order_by(AnswerRow.id.desc())
        .limit(limit)
    )  # fmt: skip
    if conference is not None:
        wanted = wanted.where(RegistrationRow.conference == conference)
    return [(answer, place) for answer, place in session.execute(wanted)]


def _place(answer: int) -> str:
    return f"answers:{answer}:comment"
