"""The admin page of places: who waits, masked, and deciding about them."""

from pathlib import Path
from typing import Any

import pytest

from adapters.database import audits, participants, registrations
from adapters.database.tables import RegistrationRow
from schemas.registration import RegistrationData
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import NOW, PERSON
from tests.web.test_admin import log_in, tables
from workers.programme import put_in_force

PLACES = "/admin/places"
LECTURE = """\
id: lecture
title: A conference
starts: 2030-06-14
ends: 2030-06-16
place: A hall
sessions:
  - id: talk
    title: A talk
    date: 2030-06-15
    start: 18:00
    end: 19:30
    format: in-person
    admission: {in_person: {approval: true, places: 1}}
"""


@pytest.fixture
def waiting(house: House, tmp_path: Path) -> str:
    """Somebody who waits for approval; the registration's id."""
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / "lecture.yaml").write_text(LECTURE, "utf-8")
    house.set(conferences=folder)
    put_in_force(house.toolbox, folder)
    said = {"full_name": "Olga Petrenko", "email": "olga@mission.example.org"}
    data = RegistrationData.model_validate(PERSON | said | {"organisation": "Example Mission", "country": "UA"})
    with house.toolbox.database.write() as session:
        person = participants.locked_or_created(session, house.toolbox.vault, "lecture", data, NOW, NOW)
        return registrations.add(
            session, participant_id=person.id, conference="lecture", session_id="talk", attendance="in-person",
            interpretation=None, wants_link=False, machine_said=NOW, now=NOW, machine_now=NOW, state="pending",
        ).id  # fmt: skip


def state_of(house: House, registration: str) -> str:
    with house.toolbox.database.read() as session:
        return session.get_one(RegistrationRow, registration).state


def posted(door: Door, **fields: Any) -> int:
    token = Page(door.get(PLACES).text).all("input", name="token")[-1]["value"]
    return door.post(PLACES, data={"token": token, **fields}).status_code


def test_without_a_login_nothing_is_shown_or_decided(house: House, waiting: str) -> None:
    with house.door() as door:
        for answer in (door.get(PLACES), door.post(PLACES, data={"id": waiting, "deed": "approve", "token": "x"})):
            assert (answer.status_code, answer.headers["location"]) == (303, "/admin/login")
    assert state_of(house, waiting) == "pending"


def test_who_waits_is_listed_by_where_they_are_from_and_not_by_name(house: House, waiting: str) -> None:
    with house.door() as door:
        log_in(door)
        page = Page(door.get(PLACES).text)
    found = tables(page)
    assert found["Who waits"][1][0] == waiting
    assert found["Who waits"][1][-3:] == ["Example Mission", "UA", "o…@mission.example.org"]
    assert found["lecture"][1] == ["talk", "in-person", "1", "0", "0", "1", "0", "0"]
    assert "Petrenko" not in page.text


def test_who_is_approved_has_a_place_and_it_is_noted_who_has_done_it(house: House, waiting: str) -> None:
    with house.door() as door:
        log_in(door)
        assert posted(door, id=waiting, deed="approve") == 303
    assert state_of(house, waiting) == "registered"
    with house.toolbox.database.read() as session:
        (noted,) = audits.listed(session, house.toolbox.vault, 5)
    assert (noted.who, noted.action, noted.about) == ("admin:admin", "places.approve", waiting)


def test_a_refusal_needs_a_reason(house: House, waiting: str) -> None:
    with house.door() as door:
        log_in(door)
        assert posted(door, id=waiting, deed="refuse", reason=" ") == 422
        assert posted(door, deed="approve") == 422
        assert state_of(house, waiting) == "pending"
        assert posted(door, id=waiting, deed="refuse", reason="Nobody knows them") == 303
    assert state_of(house, waiting) == "refused"


def test_a_form_from_elsewhere_is_not_taken(house: House, waiting: str) -> None:
    with house.door() as door:
        log_in(door)
        assert door.post(PLACES, data={"token": "forged", "id": waiting, "deed": "approve"}).status_code == 403
    assert state_of(house, waiting) == "pending"


def test_what_became_of_a_decision_is_said_also_where_nothing_did(house: House, waiting: str) -> None:
    with house.door() as door:
        log_in(door)
        for said in ("Approved: 1 of 1. They are told by letter.", "Approved: 0 of 1. The others stay as they are"):
            token = Page(door.get(PLACES).text).all("input", name="token")[-1]["value"]
            done = door.post(PLACES, data={"token": token, "id": waiting, "deed": "approve"})
            assert said in Page(door.get(done.headers["location"]).text).text
        for nonsense in ("approve", "approve-x-1", "dance-1-1", "approve-1-1-1", "approve-²-1"):
            assert "Approved" not in Page(door.get(f"{PLACES}?done={nonsense}").text).text
