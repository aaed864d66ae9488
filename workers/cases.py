"""Cases: one registration to be decided about, in a transaction of its own, with all that is locked for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.database import registrations
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.places import State, Why
from domain.registration import Change, ChangeReason, wants_link
from schemas.programme import Session as ProgrammeSession
from workers.admission import hold
from workers.decided import Whose


@dataclass(frozen=True, slots=True)
class Case:
    """One registration, with the places of its session and its participant locked."""

    session: Session
    whose: Whose
    row: RegistrationRow
    planned: ProgrammeSession


@contextmanager
def case_of(toolbox: Toolbox, registration_id: str) -> Iterator[Case | None]:
    """One registration to be decided about, in a transaction; None where there is none, or its session is in no
    programme."""
    with toolbox.database.write() as session:
        known = session.execute(
            select(RegistrationRow.participant_id, RegistrationRow.conference, RegistrationRow.session)
            .where(RegistrationRow.id == registration_id)
        ).one_or_none()  # fmt: skip
        in_force = toolbox.shelf.get(session, known.conference, hold=True) if known else None
        planned = in_force.conference.session(known.session) if known and in_force else None
        if known is None or in_force is None or planned is None:
            yield None
            return
        hold(session, in_force.conference, (planned.id,))
        participant = session.get_one(ParticipantRow, known.participant_id, with_for_update=True)
        rows = registrations.of_participant(session, participant.id, lock=True)
        yield Case(session, Whose(in_force, participant, rows), rows[planned.id], planned)


def becoming(
    row: RegistrationRow, planned: ProgrammeSession, state: State, reasons: tuple[ChangeReason, ...], *,
    why: Why | None = None,
) -> Change:  # fmt: skip
    """The change by which a registration comes to stand otherwise, and nothing else of it is different."""
    return Change(
        row.session, state, row.attendance, row.interpretation, reasons,
        wants_link=state == "registered" and wants_link(planned), why=why,
    )  # fmt: skip
