"""Figures for the monitor, the metrics and the command line: how many, and since when. Numbers only, no person.

Counts of envelopes and of letters are with their tables (`envelopes.counts`, `outgoing.counts`, `outgoing.given_up`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from adapters.database import outgoing
from adapters.database.tables import EnvelopeRow, RegistrantRow, RegistrationRow

# Said as their indexes say it: a plan that is kept for any state cannot use an index of one.
_RECEIVED = EnvelopeRow.state == literal_column("'received'")
_REFUSED = EnvelopeRow.state.in_([literal_column("'rejected'"), literal_column("'failed'")])
_LINK_WANTED = RegistrationRow.link == literal_column("'wanted'")


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
    envelopes = select(func.count(), func.min(EnvelopeRow.machine_received)).where(_RECEIVED)
    received, received_since = session.execute(envelopes).one()
    due, due_since = outgoing.waiting(session, now)
    return Waiting(
        envelopes=received,
        envelopes_since=received_since,
        untold=_number(session, RegistrationRow.told_revision < RegistrationRow.revision),
        links=_number(session, _LINK_WANTED & (RegistrationRow.state == "registered")),
        letters=due,
        letters_since=due_since,
    )


def registrations(session: Session) -> dict[tuple[str, str, str], int]:
    """How many registrations by conference, session and state."""
    columns = RegistrationRow.conference, RegistrationRow.session, RegistrationRow.state
    rows = session.execute(select(*columns, func.count()).group_by(*columns))
    return {(conference, session_id, state): number for conference, session_id, state, number in rows}


def refused(session: Session) -> dict[tuple[str, str], int]:
    """How many envelopes wait for a person, by source and state: rejected, or failed."""
    columns = EnvelopeRow.source, EnvelopeRow.state
    rows = session.execute(select(*columns, func.count()).where(_REFUSED).group_by(*columns))
    return {(source, state): number for source, state, number in rows}


def held_at_zoom(session: Session) -> dict[str, int]:
    """How many registrants a person must look at, by the id of their Zoom event."""
    held = select(RegistrantRow.event_id, func.count()).where(RegistrantRow.held)
    rows = session.execute(held.group_by(RegistrantRow.event_id))
    return {event_id: number for event_id, number in rows}  # noqa: C416 - rows, for mypy, are no pairs


def _number(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(RegistrationRow).where(condition)) or 0
