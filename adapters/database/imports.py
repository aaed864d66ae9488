"""Rows of tables that were imported before, and everybody who is to be exported."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.database.envelopes import delivery_key
from adapters.database.tables import EnvelopeRow, ParticipantRow, RegistrationRow
from adapters.vault import Vault


def states(session: Session, vault: Vault, conference: str, source: str, delivery_ids: Collection[str]) -> list[str]:
    """In which states the envelopes are that came with these deliveries, one for each that there is."""
    keys = [delivery_key(vault, conference, source, one) for one in delivery_ids]
    wanted = select(EnvelopeRow.state).where(
        EnvelopeRow.conference == conference, EnvelopeRow.source == source, EnvelopeRow.delivery_key.in_(keys)
    )
    return list(session.scalars(wanted))


def with_registrations(session: Session, conference: str) -> list[str]:
    """The ids of all participants of a conference who are or were registered for something."""
    anything = select(RegistrationRow.id).where(RegistrationRow.participant_id == ParticipantRow.id).exists()
    wanted = select(ParticipantRow.id).where(ParticipantRow.conference == conference, anything)
    return list(session.scalars(wanted.order_by(ParticipantRow.id)))
