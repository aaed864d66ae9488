"""People of the conference that the monitor's tests look at, and letters to them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from adapters.database import letters, participants, registrations
from adapters.database.tables import LetterRow, RegistrationRow
from schemas.draft import Draft
from schemas.registration import RegistrationData
from tests.web.conftest import House
from tests.web.street import NOW, PERSON

RIVERS = "rivers-2026"


def registered(house: House, number: int, *, state: str = "registered", **more: Any) -> str:
    """Somebody's registration for the opening; its id."""
    data = RegistrationData.model_validate(PERSON | {"email": f"person{number}@example.org"})
    with house.toolbox.database.write() as session:
        person = participants.locked_or_created(session, house.toolbox.vault, RIVERS, data, NOW, NOW)
        given = {"session_id": "opening", "attendance": "online", "interpretation": None, **more}
        row = registrations.add(
            session, participant_id=person.id, conference=RIVERS, wants_link=state == "registered", machine_said=NOW,
            now=NOW, machine_now=NOW, **given,
        )  # fmt: skip
        row.state = state
        session.flush()
        return row.id


def written(
    house: House, registration: str, kind: str, *, revision: int = 1, due_at: datetime = NOW, about: str | None = None,
    **ends: Any,
) -> str:  # fmt: skip
    """A letter to whoever is registered so, about their session, which ended so; its id."""
    with house.toolbox.database.write() as session:
        place = session.get_one(RegistrationRow, registration)
        draft = Draft(
            kind, about or place.session, revision, (place.session,), due_at,
            due_at + timedelta(hours=1),
        )  # fmt: skip
        assert letters.add(session, place.participant_id, RIVERS, "example.org", draft, NOW, NOW)
        return _ended(session, place.participant_id, kind, revision, ends)


def _ended(session: Session, person: str, kind: str, revision: int, ends: dict[str, Any]) -> str:
    of_it = (LetterRow.participant_id == person, LetterRow.kind == kind, LetterRow.revision == revision)
    if ends:
        session.execute(update(LetterRow).where(*of_it).values(state="claimed"))
        session.execute(update(LetterRow).where(*of_it).values(**ends))
    return session.scalars(select(LetterRow.id).where(*of_it)).one()
