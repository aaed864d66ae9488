"""What became of an envelope, as its sender may know it: a state and reasons, nothing about the person."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.database.tables import EnvelopeRow, RegistrationRow

_STANDING = {
    "registered": "registered", "pending": "pending", "offered": "waitlisted", "waitlisted": "waitlisted",
    "refused": "rejected", "withdrawn": "withdrawn",
}  # fmt: skip
"""How somebody stands, as the sender is told, by the states of their registrations; the one first that is told where
there are several. While a place is on offer they are still on the waiting list."""

_REFUSED = {"field": "sessions", "code": "refused", "message": "The organisers have not accepted this registration."}


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
    standing = next((_STANDING[state] for state in _STANDING if state in found), "registered")
    return Outcome(standing, [_REFUSED] if standing == "rejected" else [])
