"""Figures for the monitor, the metrics and the command line: how many, and since when. Numbers only, no person.

Counts of envelopes and of letters are with their tables (`envelopes.counts`, `outgoing.counts`, `outgoing.given_up`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from adapters.database import outgoing
from adapters.database.tables import EnvelopeRow, RegistrationRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the corridor has not come to yet. It shows what a broker's figures cannot: work that no queue holds.

    `envelopes_since` is in the machine's time; `letters_since` in the conference's, as due times are.
    """

    envelopes: int
    envelopes_since: datetime | None
    untold: int
    links: int
    letters: int
    letters_since: datetime | None


def waiting(session: Session, now: datetime) -> Waiting:
    """What waits: envelopes that nobody has judged, registrations with something to tell, links to be obtained, and
    letters that are due at `now` (the conference's time) and neither sent nor given up."""
    envelopes = select(func.count(), func.min(EnvelopeRow.machine_received)).where(EnvelopeRow.state == "received")
    received, received_since = session.execute(envelopes).one()
    due, due_since = outgoing.waiting(session, now)
    return Waiting(
        envelopes=received,
        envelopes_since=received_since,
        untold=_number(session, RegistrationRow.told_revision < RegistrationRow.revision),
        links=_number(session, (RegistrationRow.link == "wanted") & (RegistrationRow.state == "registered")),
        letters=due,
        letters_since=due_since,
    )


def registrations(session: Session) -> dict[tuple[str, str, str], int]:
    """How many registrations by conference, session and state."""
    columns = RegistrationRow.conference, RegistrationRow.session, RegistrationRow.state
    rows = session.execute(select(*columns, func.count()).group_by(*columns))
    return {(conference, session_id, state): number for conference, session_id, state, number in rows}


def _number(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(RegistrationRow).where(condition)) or 0
