"""Two hundred register at once for fifty places: through the webhook, with everything running."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from adapters.database.tables import EnvelopeRow, RegistrationRow
from cli.doors import Street
from config.programmes import load_programmes
from tests.journeys.town import SECRETS, Town, a_town, eventually

PEOPLE, PLACES = 200, 50

ROOM = f"""\
id: room-2030
title: A conference
starts: 2030-06-14
ends: 2030-06-16
place: A hall
admission: {{in_person: {{places: {PLACES}}}}}
sessions:
  - {{id: talk, title: A talk, date: 2030-06-15, start: 18:00, end: 19:30, format: in-person}}
"""


def states(town: Town) -> list[str]:
    """How everybody stands, in the order in which the door has received them."""
    with town.toolbox.database.read() as session:
        wanted = (
            select(RegistrationRow.state)
            .join(EnvelopeRow, EnvelopeRow.participant_id == RegistrationRow.participant_id)
            .order_by(EnvelopeRow.machine_received, EnvelopeRow.id)
        )
        return list(session.scalars(wanted))


def settled(town: Town) -> int:
    with town.toolbox.database.read() as session:
        wanted = select(func.count()).select_from(EnvelopeRow).where(EnvelopeRow.state == "accepted")
        return session.scalar(wanted) or 0


def test_fifty_have_a_place_and_the_others_wait_in_the_order_in_which_they_came(
    tmp_path: Path, database_url: str
) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "room-2030.yaml").write_text(ROOM, "utf-8")
    with a_town(tmp_path, database_url, CONFERENCES=str(programmes)) as town:
        street = Street(town.address, load_programmes(programmes)["room-2030"], SECRETS)

        def register(number: int) -> str:
            person = {"full_name": f"Person {number}", "email": f"p{number}@example.org", "sessions": ["talk"]}
            body = {"type": "registration.submitted", "timestamp": "2021-06-01T07:30:00Z", "data": person}
            return street.post("standard", body, f"msg_{number}", datetime.now(UTC))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(register, range(PEOPLE)))
        street.close()
        eventually(lambda: settled(town) == PEOPLE, 240)
        assert states(town) == ["registered"] * PLACES + ["waitlisted"] * (PEOPLE - PLACES)
        eventually(lambda: sum(town.letters().values()) == PEOPLE, 240)
