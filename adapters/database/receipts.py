"""What became of an envelope, as its sender may know it: a state and reasons, nothing about the person."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.database.tables import EnvelopeRow, RegistrationRow

_STANDING = ("registered", "pending", "waitlisted", "withdrawn")
"""The states of a participant's registrations, the one first that the sender is told where there are several."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state`: received, rejected, or the standing of the registration. `reasons`: schemas.registration.Reason."""

    state: str
    reasons: list[dict[str, str]]


def outcome(session: Session, receipt: str) -> Outcome | None:
    """What became of the envelope of this receipt, or None for an unknown one.

    One that failed for a reason of ours is still "received": it is kept, and will be judged again.
    """
    row = session.get(EnvelopeRow, receipt)
    if row is None:
        return None
    if row.state != "accepted":
        return Outcome("rejected", row.reasons) if row.state == "rejected" else Outcome("received", [])
    found = set(
        session.scalars(select(RegistrationRow.state).where(RegistrationRow.participant_id == row.participant_id))
    )
    return Outcome(next((state for state in _STANDING if state in found), "registered"), [])
