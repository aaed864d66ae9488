"""Offers of places that have become free, to whoever stands first on the waiting list.

A place is kept until the offer is accepted, declined, or not answered in time; then it goes to the next. The sweep
looks every few seconds: whatever has made a place free, nothing else must think of it. Each offer has a transaction of
its own.
"""

from dataclasses import replace
from typing import Final, Literal

import structlog
from sqlalchemy.orm import Session

from adapters.database import participants, places, programmes, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import RegistrationRow
from adapters.toolbox import Toolbox
from domain.admission import offer_until, terms_of
from domain.places import Why
from domain.registration import ChangeReason, Refused, is_over
from domain.sources.understanding import N_
from schemas.programme import Session as ProgrammeSession
from schemas.registration import Attendance, OfferData, Reason
from workers.cases import becoming, case_of
from workers.decided import Whose, write

log = structlog.get_logger(__name__)

MOST_OFFERS: Final = 200
"""For one session at once; the next sweep goes on."""

_NO_OFFER: Final = Reason(field="sessions", code="no-offer", message=N_("There is no such offer any more."))


def sweep(toolbox: Toolbox) -> list[str]:
    """End offers that nobody has answered in time, and offer the places that are free; who has something to be told."""
    with toolbox.database.read() as session:
        waited_for = {
            (conference, one)
            for conference in programmes.ids(session)
            for one, _ in places.sessions_waited_for(session, conference)
        }
    return [told for conference, one in sorted(waited_for) for told in fill(toolbox, conference, one)]


def fill(toolbox: Toolbox, conference: str, session_id: str) -> list[str]:
    """End the offers of a session that were not answered in time, and offer what is free to whoever stands first; the
    ids of the participants whose letters are to be written. In transactions of its own: not within another."""
    with toolbox.database.read() as session:
        expired = places.expired(session, conference, session_id, toolbox.clock.now())
        waited_for = places.sessions_waited_for(session, conference)
    told = [_expired(toolbox, one) for one in expired]
    for one, attendance in waited_for:
        for _ in range(MOST_OFFERS if one == session_id else 0):
            participant = _offered(toolbox, conference, session_id, attendance)
            if participant is None:
                break
            told.append(participant)
    return list(dict.fromkeys(filter(None, told)))


def accept(toolbox: Toolbox, session: Session, in_force: InForce, data: OfferData) -> str:
    """Take the places on offer; the participant's id. Doing it twice changes nothing more.

    Raises:
        Refused: where one of them is offered no more, or never was.
    """
    return _answer(toolbox, session, in_force, data, "registered")


def decline(toolbox: Toolbox, session: Session, in_force: InForce, data: OfferData) -> str:
    """Give the places on offer to the next; the participant's id. Doing it twice changes nothing more.

    Raises:
        Refused: where one of them is offered no more, or never was.
    """
    return _answer(toolbox, session, in_force, data, "withdrawn")


def _expired(toolbox: Toolbox, registration_id: str) -> str | None:
    """An offer that was not answered in time: the person is told, and may register again."""
    with case_of(toolbox, registration_id) as case:
        if case is None or case.row.offered_until is None or case.row.offered_until > toolbox.clock.now():
            return None
        change = becoming(case.row, case.planned, "withdrawn", ("withdrawn",), why="offer-expired")
        write(toolbox, case.session, case.whose, [change], case.row.machine_said)
        log.info("an offer was not answered in time", registration=registration_id)
        return case.row.participant_id


def _offered(toolbox: Toolbox, conference: str, session_id: str, attendance: Attendance) -> str | None:
    """Offer one free place to whoever stands first; the participant, or None where there is nothing to offer."""
    with toolbox.database.read() as session:
        first = places.first_in_line(session, conference, session_id, attendance)
    if first is None:
        return None
    with case_of(toolbox, first.id) as case:
        if case is None:
            return None
        programme, now = case.whose.in_force.conference, toolbox.clock.now()
        until = offer_until(case.planned, programme, attendance, now)
        limit = terms_of(case.planned, programme, attendance).places
        if until is None or (
            limit is not None and places.taken(case.session, conference, session_id, attendance) >= limit
        ):
            return None
        still = places.first_in_line(case.session, conference, session_id, attendance)
        if still is None or still.id != case.row.id:
            return None  # somebody has meanwhile gone or come; the next sweep looks again
        change = replace(becoming(case.row, case.planned, "offered", ("standing",)), offered_until=until)
        write(toolbox, case.session, case.whose, [change], case.row.machine_said)
        return case.row.participant_id


def _answer(
    toolbox: Toolbox, session: Session, in_force: InForce, data: OfferData, becomes: Literal["registered", "withdrawn"]
) -> str:
    participant = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    rows = registrations.of_participant(session, participant.id, lock=True) if participant else {}
    if participant is None or not set(data.sessions) <= rows.keys():
        raise Refused(_NO_OFFER)
    whose, changes = Whose(in_force, participant, rows), []
    for planned in (one for one in in_force.conference.sessions if one.id in data.sessions):
        row = rows[planned.id]
        if row.state == becomes:
            continue
        if not _stands(toolbox, row, planned) or is_over(planned, in_force.conference, toolbox.clock.now()):
            raise Refused(_NO_OFFER)
        why: Why | None = "offer-declined" if becomes == "withdrawn" else None
        reason: ChangeReason = "withdrawn" if becomes == "withdrawn" else "standing"
        changes.append(becoming(row, planned, becomes, (reason,), why=why))
    write(toolbox, session, whose, changes, max(row.machine_said for row in rows.values()))
    return participant.id


def _stands(toolbox: Toolbox, row: RegistrationRow, planned: ProgrammeSession) -> bool:
    """Whether an offer can still be answered."""
    return row.offered_until is not None and toolbox.clock.now() < row.offered_until and not planned.cancelled
