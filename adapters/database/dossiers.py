"""All that is kept about one participant, read for one page. Each question has an index; none is about everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from adapters.database import addresses, audits, participants, pauses, suppressions
from adapters.database.audits import Audit
from adapters.database.tables import (
    AnswerRow,
    AttendanceRow,
    BounceRow,
    EnvelopeRow,
    FormerAddressRow,
    LetterEventRow,
    LetterRow,
    ParticipantRow,
    PauseRow,
    RegistrantRow,
    RegistrationRow,
    SuppressionRow,
    Table,
    ZoomEventRow,
)  # fmt: skip
from adapters.vault import Vault

Row = TypeVar("Row", bound=Table)

_MOST = 1000
"""Rows of one kind: nobody reads more."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """Rows, in order of time. `stays`: with the ids of their registrations; `suppressions`: of the present address."""

    person: ParticipantRow
    places: Sequence[RegistrationRow]
    letters: Sequence[LetterRow]
    events: Sequence[LetterEventRow]
    bounces: Sequence[BounceRow]
    envelopes: Sequence[EnvelopeRow]
    at_zoom: Sequence[tuple[RegistrantRow, ZoomEventRow]]
    stays: Sequence[tuple[AttendanceRow, str | None]]
    answers: Sequence[AnswerRow]
    formers: Sequence[FormerAddressRow]
    suppressions: Sequence[SuppressionRow]
    audits: Sequence[Audit]
    pauses: Sequence[PauseRow]


def read(session: Session, vault: Vault, participant_id: str) -> Dossier | None:
    """The dossier of somebody, or None. Bodies of envelopes are not read."""
    person = session.get(ParticipantRow, participant_id)
    if person is None:
        return None
    places = _all(session, RegistrationRow, RegistrationRow.participant_id == person.id, RegistrationRow.created_at)
    letters = _all(session, LetterRow, LetterRow.participant_id == person.id, LetterRow.created_at)
    own, mails = [one.id for one in places], [one.id for one in letters]
    index = suppressions.index_of(vault, participants.address(person, vault))
    at_zoom = session.execute(
        select(RegistrantRow, ZoomEventRow)
        .join(ZoomEventRow, ZoomEventRow.id == RegistrantRow.event_id)
        .where(RegistrantRow.registration_id.in_(own))
    )
    stays = session.execute(
        select(AttendanceRow, RegistrantRow.registration_id)
        .join(RegistrantRow, RegistrantRow.id == AttendanceRow.registrant_id)
        .where(RegistrantRow.registration_id.in_(own))
        .order_by(AttendanceRow.joined_at)
    )
    return Dossier(
        person, places, letters,
        _all(session, LetterEventRow, LetterEventRow.letter_id.in_(mails), LetterEventRow.id),
        _all(session, BounceRow, BounceRow.letter_id.in_(mails), BounceRow.id),
        _envelopes(session, person.id, [one.about for one in letters if one.kind == "not-understood"]),
        [(row, event) for row, event in at_zoom],
        [(row, whose) for row, whose in stays],
        _all(session, AnswerRow, AnswerRow.registration_id.in_(own), AnswerRow.id),
        addresses.formers_of(session, person.id),
        _all(session, SuppressionRow, SuppressionRow.address_index == index, SuppressionRow.since),
        audits.listed(session, vault, _MOST, about=[person.id, *own, *mails]),
        pauses.listed(session),
    )  # fmt: skip


def whose(session: Session, given: str) -> str | None:
    """The participant whom an opaque id means: their own, a registration's, a letter's, a Message-ID, a receipt or a
    registrant's; None for any other."""
    kind = given.partition("_")[0]
    if "@" in given:
        bare = f"<{given.strip('<>')}>"
        return session.scalars(select(LetterRow.participant_id).where(LetterRow.message_id == bare)).one_or_none()
    if kind == "rgt":
        found = session.get(RegistrantRow, given)
        given, kind = (found.registration_id or "" if found else ""), "reg"
    column = {
        "par": ParticipantRow.id, "reg": RegistrationRow.participant_id, "let": LetterRow.participant_id,
        "env": EnvelopeRow.participant_id,
    }.get(kind)  # fmt: skip
    if column is None:
        return None
    return session.scalars(select(column).where(column.class_.id == given)).one_or_none()


def _envelopes(session: Session, participant_id: str, ids: Sequence[str]) -> Sequence[EnvelopeRow]:
    without_body = select(EnvelopeRow).options(defer(EnvelopeRow.sealed_body, raiseload=True))
    settled = session.scalars(without_body.where(EnvelopeRow.participant_id == participant_id).limit(_MOST)).all()
    others = session.scalars(without_body.where(EnvelopeRow.id.in_(ids))).all() if ids else []
    return sorted({one.id: one for one in [*settled, *others]}.values(), key=lambda one: one.received_at)


def _all(
    session: Session, kind: type[Row], condition: ColumnElement[bool], order: InstrumentedAttribute[Any]
) -> Sequence[Row]:
    """In order; where there are more than anybody reads, the latest."""
    latest = session.scalars(select(kind).where(condition).order_by(order.desc()).limit(_MOST)).all()
    return latest[::-1]
