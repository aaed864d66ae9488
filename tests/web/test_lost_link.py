"""`/lost-link/{conference}`: the same answer for every address, and an envelope in the inbox."""

import json
from datetime import timedelta
from typing import Any

import pytest

from adapters.database import envelopes, participants
from adapters.database.engine import DatabaseUnavailable
from adapters.database.envelopes import Envelope
from adapters.database.programmes import put_in_force
from domain.sources import reader
from schemas.programme import Conference
from schemas.registration import LinksData, LinksRequested, RegistrationData
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import CONFERENCE, NOW

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

FORM = "/lost-link/rivers-2026"


def inbox(house: House) -> list[Envelope]:
    with house.toolbox.database.read() as session:
        rows = envelopes.listed(session, states=("received",), limit=100)
        return [envelopes.opened(row, house.toolbox.vault) for row in rows]


def asked(email: str = "amina@example.org", **more: Any) -> dict[str, Any]:
    return {"email": email, "website": "", **more}


def test_the_form_has_one_field_with_its_label_and_no_cookie(door: Door) -> None:
    answer = door.get(FORM)
    page = Page(answer.text)
    assert page.one("label", for_="email").text.strip() == "E-mail address"
    assert [one["name"] for one in page.all("input")] == ["email", "website"]
    assert page.one("form")["action"] == f"{FORM}?lang=en"
    assert page.all("script") == page.all("style") == []
    assert "set-cookie" not in answer.headers


def test_a_request_is_an_envelope_that_a_worker_understands(door: Door, house: House) -> None:
    answer = door.post(FORM, data=asked(" Amina@Example.org "))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{FORM}/sent?lang=en")
    (envelope,) = inbox(house)
    assert envelope.source == "lost-link"
    assert json.loads(envelope.body) == {
        "type": "registration.links_requested", "data": {"email": "Amina@Example.org"},
    }  # fmt: skip
    read = reader("standard").read(envelope.body, envelope.content_type, CONFERENCE)
    assert read == LinksRequested(type="registration.links_requested", data=LinksData(email="Amina@example.org"))
    assert house.queued == [("intake.open_envelope", envelope.id)]


def test_known_and_unknown_addresses_are_answered_alike_and_nothing_is_said_of_a_receipt(
    door: Door, house: House
) -> None:
    data = RegistrationData(full_name="Amina", email="amina@example.org", sessions=("opening",))
    with house.toolbox.database.write() as session:
        participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW)
    known, unknown = (door.post(FORM, data=asked(email)) for email in ("amina@example.org", "nobody@example.org"))
    assert (known.status_code, known.text, dict(known.headers)) == (
        unknown.status_code, unknown.text, dict(unknown.headers),
    )  # fmt: skip
    assert "env_" not in known.text + str(known.headers)
    assert "amina" not in known.headers["location"]
    assert len(inbox(house)) == 2


def test_what_follows_says_what_happens_now_and_where_to_ask(door: Door) -> None:
    said = Page(door.get(f"{FORM}/sent").text)
    assert said.one("h1").text == "Your request has been received"
    assert "If the address that you gave is registered, a letter" in said.text


def test_asking_twice_is_two_requests(door: Door, house: House) -> None:
    """Whether that makes one letter or two is for a worker to say."""
    for _ in range(2):
        assert door.post(FORM, data=asked()).status_code == 303
    assert len(inbox(house)) == 2


@pytest.mark.parametrize("email", ["", "amina", "amina@", "a@b@example.org", "a@example.org\r\nBcc: b@example.org"])
def test_what_is_no_address_is_said_in_the_page_and_kept_to_be_corrected(door: Door, house: House, email: str) -> None:
    answer = door.post(FORM, data=asked(email))
    page = Page(answer.text)
    field = page.by_id("email")
    assert (answer.status_code, inbox(house)) == (422, [])
    assert (field["aria-invalid"], page.description(field)) == (
        "true", "Error: Give an e-mail address like name@example.org.",
    )  # fmt: skip
    assert page.one("title").text.startswith("Error: ")


def test_who_fills_in_what_people_do_not_see_sends_nothing(door: Door, house: House) -> None:
    answer = door.post(FORM, data=asked(website="https://example.org"))
    assert (answer.status_code, inbox(house)) == (422, [])
    assert "A field that people do not see was filled in" in Page(answer.text).text
    assert Page(answer.text).by_id("email")["value"] == "amina@example.org"


def test_who_asks_too_often_is_asked_to_wait_and_others_are_not(door: Door, house: House) -> None:
    for _ in range(20):
        assert door.post(FORM, data=asked()).status_code == 303
    answer = door.post(FORM, data=asked())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert "Nothing was sent. Please wait a minute, then try again." in Page(answer.text).text
    door.come_from("192.0.2.8")
    assert door.post(FORM, data=asked()).status_code == 303
    door.come_from("192.0.2.7")
    house.clock.machine += timedelta(seconds=3)
    assert door.post(FORM, data=asked()).status_code == 303


def test_while_nothing_can_be_kept_the_page_asks_for_patience(
    door: Door, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.get(FORM)  # the programme is known from now on

    def gone(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    for way in ("statement", "write"):
        monkeypatch.setattr(type(house.toolbox.database), way, gone)
    answer = door.post(FORM, data=asked())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "Your request could not be taken just now" in Page(answer.text).text


def test_an_unknown_conference_has_no_form(door: Door) -> None:
    for address in ("/lost-link/nobody-2026", "/lost-link/nobody-2026/sent"):
        answer = door.get(address, headers={"accept-language": "it"})
        assert (answer.status_code, Page(answer.text).text) == (
            404, "Questo indirizzo non porta ad alcuna pagina Qui non c’è alcuna conferenza con questo nome.",
        )  # fmt: skip
    assert door.post("/lost-link/nobody-2026", data=asked()).status_code == 404


def test_who_does_not_know_which_conference_it_was_has_a_form_that_names_none(door: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        for name, ends in (("lakes-2026", "2026-09-01"), ("over-2026", "2026-08-02"), ("gone-2026", "2026-08-01")):
            other = CONFERENCE.model_dump(mode="json") | {"id": name, "title": "Lakes", "starts": "2026-08-01",
                                                          "ends": ends, "sessions": [], "forms": []}  # fmt: skip
            put_in_force(session, Conference.model_validate(other), "example.org", NOW)
    page = Page(door.get("/lost-link", headers={"accept-language": "fr"}).text)
    assert (page.one("html")["lang"], page.one("form")["action"]) == ("fr", "/lost-link?lang=fr")
    answer = door.post("/lost-link?lang=fr", data=asked())
    assert (answer.status_code, answer.headers["location"]) == (303, "/lost-link/sent?lang=fr")
    assert sorted(one.conference for one in inbox(house)) == ["lakes-2026", "over-2026", "rivers-2026"]
    assert sorted(one for _, one in house.queued) == sorted(one.id for one in inbox(house))
    sent = door.get(answer.headers["location"]).text
    assert (Page(sent).one("h1").text, "Lakes" in sent, "Rivers" in sent) == (
        "Votre demande a bien été reçue", False, False,
    )  # fmt: skip


def test_where_nothing_is_to_come_the_answer_is_the_same(door: Door, house: House) -> None:
    house.clock.moment = NOW + timedelta(days=100)
    answer = door.post("/lost-link", data=asked())
    assert (answer.status_code, answer.headers["location"], inbox(house)) == (303, "/lost-link/sent?lang=en", [])
    assert door.post("/lost-link", data=asked("no address")).status_code == 422


def test_the_form_for_all_records_twenty_envelopes_at_most(door: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        for number in range(25):
            other = CONFERENCE.model_copy(update={"id": f"rivers-{number}"})
            put_in_force(session, other, "example.org", NOW)
    door.post("/lost-link", data=asked())
    assert len(inbox(house)) == 20


def test_the_language_is_kept_from_page_to_page(door: Door) -> None:
    page = Page(door.get(FORM, headers={"accept-language": "ru-RU,ru;q=0.9"}).text)
    assert (page.one("html")["lang"], page.one("h1").text) == ("ru", "Получить ссылки ещё раз")
    answer = door.post(page.one("form")["action"], data=asked())
    assert answer.headers["location"] == f"{FORM}/sent?lang=ru"
    assert Page(door.get(answer.headers["location"]).text).one("h1").text == "Ваш запрос получен"


def test_the_registration_page_leads_to_it(door: Door) -> None:
    assert f"{FORM}?lang=en" in [one["href"] for one in Page(door.get("/register/rivers-2026").text).all("a")]
