"""`/u/{token}`: reminders are muted at once and can be had again; looking changes nothing."""

import pytest

from adapters.database import participants
from adapters.tokens import MuteTokens
from schemas.registration import RegistrationData
from tests.web.conftest import Door, House
from tests.web.street import NOW


@pytest.fixture
def participant(house: House) -> str:
    """Somebody who is registered."""
    data = RegistrationData(full_name="Amina Demo", email="amina@example.org", sessions=("opening",))
    with house.toolbox.database.write() as session:
        row = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW)
        return row.id


def address(house: House, participant: str) -> str:
    return f"/u/{MuteTokens(house.toolbox.vault).of(participant)}"


def is_muted(house: House, participant: str) -> bool:
    with house.toolbox.database.read() as session:
        return participants.is_muted(session, participant)


def test_a_mail_scanner_that_follows_the_link_mutes_nothing(door: Door, house: House, participant: str) -> None:
    answer = door.get(address(house, participant))
    assert (answer.status_code, is_muted(house, participant)) == (200, False)
    assert "Send me no more reminders" in answer.text
    assert "Amina" not in answer.text


def test_it_speaks_the_language_of_the_letter_that_led_to_it(door: Door, house: House) -> None:
    data = RegistrationData(full_name="Anna Demo", email="anna@example.org", sessions=("opening",), language="it")
    with house.toolbox.database.write() as session:
        known = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW).id
    assert '<html lang="it"' in door.get(address(house, known), headers={"accept-language": "de"}).text


def test_one_click_in_a_mail_program_mutes_without_cookie_or_redirect(
    door: Door, house: House, participant: str
) -> None:
    for _ in range(2):
        answer = door.post(address(house, participant), data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, is_muted(house, participant)) == (200, True)
        assert "set-cookie" not in answer.headers


def test_reminders_can_be_had_again(door: Door, house: House, participant: str) -> None:
    door.post(address(house, participant), data={"reminders": "off"})
    answer = door.post(address(house, participant), data={"reminders": "on"})
    assert (answer.status_code, is_muted(house, participant)) == (200, False)


def test_an_address_that_we_did_not_write_is_not_known(door: Door) -> None:
    assert door.get("/u/somebody").status_code == 404
    assert door.post("/u/somebody", data={"reminders": "off"}).status_code == 404
