"""On somebody's own page: what their calendar has declined, and that they will attend all the same."""

from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.database import answers
from adapters.database.answers import Given
from adapters.database.tables import RegistrationRow
from adapters.tokens import PageTokens
from cli.hands import hands_of
from tests.house import OLGA, House, a_house
from tests.web.conftest import Door
from web.app import create_app
from workers import intake

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DECLINED = "Your calendar has told us that you decline this session; you are still registered for it."


def decline(house: House) -> None:
    """Olga's calendar has declined."""
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        place = session.scalars(select(RegistrationRow)).one()
        given = Given("declined", 0, clock.machine_now())
        answers.note(session, house.toolbox.vault, place.id, given, clock.now(), clock.machine_now())


def own_page(house: House) -> str:
    with house.toolbox.database.read() as session:
        participant = session.scalars(select(RegistrationRow.participant_id)).one()
    return f"/r/{PageTokens(house.toolbox.vault).of(participant, 1)}"


def test_a_decline_is_shown_and_taken_back_with_one_button(tmp_path: Path, database_url: str) -> None:
    with a_house(tmp_path, database_url) as house:
        house.register(OLGA)

        def judge(_task: str, *ids: str) -> None:
            for one in ids:
                intake.judge(house.toolbox, one)

        app = create_app(house.toolbox, judge, hands_of(house.toolbox))
        with Door(app, ("192.0.2.7", 50000)) as door:
            here = own_page(house)
            assert DECLINED not in door.get(here).text
            decline(house)
            shown = door.get(here).text
            assert (DECLINED in shown, "I will attend" in shown) == (True, True)
            filled = {"do": "change", "nonce": _nonce(shown), "session": "survivor-voices", "attendance": "online",
                      "interpretation": "ru"}  # fmt: skip
            assert door.post(here, data=filled).status_code == 303
            assert DECLINED not in door.get(here).text
        with house.toolbox.database.read() as session:
            assert session.scalars(select(RegistrationRow.state)).all() == ["registered"]
        assert house.kinds() == ["invitation"]


def _nonce(html: str) -> str:
    return html.partition('name="nonce" value="')[2].partition('"')[0]
