"""Places, approval, waiting lists: from the envelope to the mailbox, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from adapters.database import audits, receipts
from adapters.database.tables import ParticipantRow, RegistrationRow
from tests.house import House, Mail, a_house
from workers import approval, invitation, offers

HALL = """\
id: hall-2030
title: A conference
starts: 2030-06-14
ends: 2030-06-16
languages: [en]
in_person_for: Staff of the house
sessions:
  - id: talk
    title: A talk
    date: 2030-06-15
    start: 18:00
    end: 19:30
    format: hybrid
    place: A hall
    zoom: {account: osce-org}
    admission: {in_person: {places: 1}}
  - id: class
    title: A class
    date: 2030-06-16
    start: 18:00
    end: 19:30
    zoom: {account: osce-org}
    admission: {online: {approval: true, places: 1}}
  - id: vault
    title: The vault
    date: 2030-06-14
    start: 18:00
    end: 19:30
    format: hybrid
    place: The cellar
    zoom: {account: osce-org}
    admission: {in_person: {eligible: {at_once: {domains: [staff.example.org]}}}}
  - {id: open, title: Open to all, date: 2030-06-14, start: 10:00, end: 11:00, format: in-person, place: A lawn}
"""

Halls = Callable[..., AbstractContextManager[House]]


@pytest.fixture
def hall(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house on 1 June 2030, with sessions that not everybody may attend."""
    with halls(tmp_path, database_url) as one:
        yield one


@contextmanager
def halls(folder: Path, database_url: str) -> Iterator[House]:
    programmes = folder / "programmes"
    programmes.mkdir()
    (programmes / "hall-2030.yaml").write_text(HALL, "utf-8")
    with a_house(folder, database_url, conferences=programmes) as one:
        one.at("2030-06-01T09:30:00+02:00")
        yield one


def register(house: House, name: str, *sessions: str, domain: str = "example.org", **more: Any) -> str:
    """Somebody registers, in the room where there is one; the envelope's id."""
    data = {"full_name": f"{name.title()} Quill", "email": f"{name}@{domain}", "sessions": list(sessions),
            "attendance": "in-person", **more}  # fmt: skip
    return house.register(data, conference="hall-2030")


def withdraw(house: House, name: str, *sessions: str) -> None:
    data = {"email": f"{name}@example.org", "sessions": list(sessions)}
    house.register(data, kind="registration.withdrawn", conference="hall-2030")


def answer(house: House, name: str, what: str, *sessions: str) -> str:
    data = {"email": f"{name}@example.org", "sessions": list(sessions)}
    return house.register(data, kind=f"registration.offer_{what}", conference="hall-2030")


def sweep(house: House) -> None:
    """What the clock does every few seconds, and what follows."""
    tell(house, offers.sweep(house.toolbox))


def tell(house: House, participants: list[str]) -> None:
    for one in participants:
        house.tend(one)
        invitation.write(house.toolbox, one)
    house.deliver()


def row_of(house: House, name: str, session_id: str, domain: str = "example.org") -> RegistrationRow:
    with house.toolbox.database.read() as session:
        for row in session.scalars(select(RegistrationRow).where(RegistrationRow.session == session_id)):
            person = session.get_one(ParticipantRow, row.participant_id)
            address = house.toolbox.vault.open(f"participants:{person.id}:address", person.sealed_address)
            if address.decode() == f"{name}@{domain}":
                return row
    raise LookupError(name)


def stands(house: House, name: str, session_id: str, domain: str = "example.org") -> tuple[str, str, str]:
    row = row_of(house, name, session_id, domain)
    return row.state, row.attendance, row.link


def at_zoom(house: House, session_id: str, *statuses: str) -> list[str]:
    """The addresses that Zoom has for a session, of these statuses."""
    return [one["email"] for one in house.zoom.emulator.registrants(house.number(session_id, "hall-2030"), *statuses)]


def approve(house: House, *ids: str) -> list[str]:
    decided = approval.approve(house.toolbox, ids, "cli:tester")
    tell(house, [one.participant for one in decided if one.participant])
    return [one.became for one in decided]


def refuse(house: House, *ids: str) -> list[str]:
    decided = approval.refuse(house.toolbox, ids, "admin:tester", "Because of a reason of Robin's")
    tell(house, [one.participant for one in decided if one.participant])
    return [one.became for one in decided]


def last_to(house: House, name: str) -> Mail:
    """The last letter that somebody got: of those that are due at one moment, any may go first."""
    return [mail for mail in house.mail if mail.message["To"].addresses[0].addr_spec == f"{name}@example.org"][-1]


def outcome(house: House, envelope: str) -> tuple[str, list[str]]:
    with house.toolbox.database.read() as session:
        found = receipts.outcome(session, envelope)
    assert found is not None
    return found.state, [one["code"] for one in found.reasons]


def test_who_finds_the_room_full_is_on_the_waiting_list_and_is_told_without_a_link(hall: House) -> None:
    register(hall, "ada", "talk")
    receipt = register(hall, "ben", "talk")
    assert stands(hall, "ada", "talk")[:2] == ("registered", "in-person")
    assert stands(hall, "ben", "talk") == ("waitlisted", "in-person", "none")
    assert hall.kinds() == ["invitation", "waitlist"]
    assert (hall.mail[1].calendar, "/j/" in hall.mail[1].text) == (None, False)
    assert outcome(hall, receipt) == ("waitlisted", [])


def test_the_place_of_who_withdraws_is_offered_to_the_first_in_line_and_kept_for_a_day(hall: House) -> None:
    for name in ("ada", "ben", "cem"):
        register(hall, name, "talk")
    withdraw(hall, "ada", "talk")
    sweep(hall)
    assert [stands(hall, name, "talk")[0] for name in ("ben", "cem")] == ["offered", "waitlisted"]
    assert hall.kinds()[-2:] == ["withdrawal", "offer"]
    offer = last_to(hall, "ben")
    assert "Sunday, 2 June 2030\r\n09:30 Vienna time" in offer.text
    assert ("/r/" in offer.text, "/j/" in offer.text, offer.calendar) == (True, False, None)
    sweep(hall)
    register(hall, "dag", "talk")
    assert stands(hall, "dag", "talk")[0] == "waitlisted"


def test_an_offer_that_is_accepted_brings_the_invitation(hall: House) -> None:
    for name in ("ada", "ben"):
        register(hall, name, "talk")
    withdraw(hall, "ada", "talk")
    sweep(hall)
    answer(hall, "ben", "accepted", "talk")
    assert stands(hall, "ben", "talk") == ("registered", "in-person", "present")
    assert hall.kinds()[-2:] == ["offer", "invitation"]
    assert hall.mail[-1].sequence == 0
    assert outcome(hall, answer(hall, "ben", "accepted", "talk")) == ("registered", [])
    assert hall.kinds()[-2:] == ["offer", "invitation"]


def test_an_offer_that_is_declined_goes_to_the_next(hall: House) -> None:
    for name in ("ada", "ben", "cem"):
        register(hall, name, "talk")
    withdraw(hall, "ada", "talk")
    sweep(hall)
    answer(hall, "ben", "declined", "talk")
    sweep(hall)
    assert [stands(hall, name, "talk")[0] for name in ("ben", "cem")] == ["withdrawn", "offered"]
    assert "You have declined the place" in last_to(hall, "ben").text
    assert last_to(hall, "ben").calendar is None


def test_an_offer_that_is_not_answered_in_time_goes_to_the_next_and_that_is_told_kindly(hall: House) -> None:
    for name in ("ada", "ben", "cem"):
        register(hall, name, "talk")
    withdraw(hall, "ada", "talk")
    sweep(hall)
    hall.at("2030-06-02T09:29:59+02:00")
    sweep(hall)
    assert stands(hall, "ben", "talk")[0] == "offered"
    hall.at("2030-06-02T09:30:00+02:00")
    assert outcome(hall, answer(hall, "ben", "accepted", "talk")) == ("rejected", ["no-offer"])
    sweep(hall)
    assert [stands(hall, name, "talk")[0] for name in ("ben", "cem")] == ["withdrawn", "offered"]
    assert "was not accepted in time" in last_to(hall, "ben").text
    assert "you can register again" in last_to(hall, "ben").text
    register(hall, "ben", "talk")
    assert stands(hall, "ben", "talk")[0] == "waitlisted"


def test_nothing_is_offered_once_the_session_is_about_to_begin(hall: House) -> None:
    for name in ("ada", "ben"):
        register(hall, name, "talk")
    hall.at("2030-06-15T16:45:00+02:00")
    withdraw(hall, "ada", "talk")
    sweep(hall)
    assert stands(hall, "ben", "talk")[0] == "waitlisted"
    register(hall, "cem", "talk")
    assert stands(hall, "cem", "talk")[0] == "registered"


def test_whoever_has_a_place_keeps_it_by_registering_again(hall: House) -> None:
    register(hall, "ada", "talk")
    register(hall, "ben", "talk")
    register(hall, "ada", "talk", interpretation=None)
    assert stands(hall, "ada", "talk")[0] == "registered"


def test_who_waits_for_the_room_may_attend_online_instead_and_the_next_moves_up(hall: House) -> None:
    for name in ("ada", "ben"):
        register(hall, name, "talk")
    register(hall, "ben", "talk", attendance="online")
    assert stands(hall, "ben", "talk")[:2] == ("registered", "online")
    assert hall.kinds()[-1] == "invitation"
    register(hall, "cem", "talk")
    register(hall, "ada", "talk", attendance="online")
    sweep(hall)
    assert stands(hall, "cem", "talk")[0] == "offered"


def test_who_is_online_and_asks_for_a_full_room_stays_online_and_is_told_once(hall: House) -> None:
    register(hall, "ada", "talk")
    register(hall, "ben", "talk", attendance="online")
    for _ in range(2):
        register(hall, "ben", "talk")
    assert stands(hall, "ben", "talk") == ("registered", "online", "present")
    assert hall.kinds() == ["invitation", "invitation", "update"]
    assert "You remain registered to attend this session online" in hall.mail[-1].text
    assert "all places in the room are taken" in hall.mail[-1].text


def test_whom_the_room_is_not_for_is_invited_online_and_the_letter_says_why(hall: House) -> None:
    register(hall, "ada", "vault", domain="mail.staff.example.org")
    register(hall, "ben", "vault")
    assert stands(hall, "ada", "vault", "mail.staff.example.org")[:2] == ("registered", "in-person")
    assert stands(hall, "ben", "vault") == ("registered", "online", "present")
    text = " ".join(hall.mail[-1].text.split())
    assert "As the room is not open to everybody, you are registered to attend online." in text
    assert "May attend in person: Staff of the house" in text


def test_who_awaits_approval_has_no_link_no_entry_and_no_reminders(hall: House) -> None:
    receipt = register(hall, "ada", "class")
    assert stands(hall, "ada", "class") == ("pending", "online", "none")
    assert hall.kinds() == ["pending"]
    assert hall.mail[0].calendar is None
    assert hall.outbox("week-digest", "digest", "reminder", "last-reminder") == []
    assert at_zoom(hall, "class", "approved", "pending") == []
    assert outcome(hall, receipt) == ("pending", [])


def test_approval_brings_the_invitation_and_the_reminders(hall: House) -> None:
    register(hall, "ada", "class")
    ada = row_of(hall, "ada", "class").id
    assert approve(hall, ada, "reg_nobody") == ["registered", "unknown"]
    assert stands(hall, "ada", "class") == ("registered", "online", "present")
    assert hall.kinds() == ["pending", "invitation"]
    assert {one.kind for one in hall.outbox("digest", "reminder")} == {"digest", "reminder"}
    assert approve(hall, ada) == ["registered"]
    with hall.toolbox.database.read() as session:
        (noted,) = audits.listed(session, hall.toolbox.vault, 10)
    assert (noted.who, noted.action, noted.about) == ("cli:tester", "places.approve", ada)


def test_whom_an_admin_approves_when_all_places_are_taken_is_on_the_waiting_list_and_is_not_asked_again(
    hall: House,
) -> None:
    for name in ("ada", "ben"):
        register(hall, name, "class")
    ids = [row_of(hall, name, "class").id for name in ("ada", "ben")]
    assert approve(hall, *ids) == ["registered", "waitlisted"]
    withdraw(hall, "ada", "class")
    sweep(hall)
    answer(hall, "ben", "accepted", "class")
    assert stands(hall, "ben", "class")[0] == "registered"


def test_a_refusal_is_told_and_its_reason_kept_for_the_record_alone(hall: House) -> None:
    receipt = register(hall, "ada", "class")
    ada = row_of(hall, "ada", "class").id
    assert refuse(hall, ada) == ["refused"]
    assert hall.kinds() == ["pending", "refusal"]
    assert "Robin" not in hall.mail[-1].text
    assert outcome(hall, receipt) == ("rejected", ["refused"])
    register(hall, "ada", "class")
    assert (stands(hall, "ada", "class")[0], hall.kinds()[-1]) == ("refused", "refusal")
    with hall.toolbox.database.read() as session:
        (noted,) = audits.listed(session, hall.toolbox.vault, 10)
    assert (noted.reason, noted.details["was"]) == ("Because of a reason of Robin's", "pending")


def test_who_is_refused_after_all_loses_entry_link_and_join_address(hall: House) -> None:
    register(hall, "ada", "talk")
    before = row_of(hall, "ada", "talk")
    assert refuse(hall, before.id) == ["refused"]
    assert stands(hall, "ada", "talk") == ("refused", "in-person", "none")
    assert row_of(hall, "ada", "talk").join_version == before.join_version + 1
    cancel = hall.mail[-1]
    assert (hall.kinds()[-1], str(cancel.calendar["METHOD"]) if cancel.calendar else None) == ("refusal", "CANCEL")
    assert cancel.sequence == 1
    assert at_zoom(hall, "talk", "approved") == []
    assert {one.state for one in hall.outbox("digest", "reminder", "week-digest")} <= {"skipped"}


def test_a_confirmation_lists_what_is_pending_and_what_is_waited_for_as_what_it_is(hall: House) -> None:
    register(hall, "ada", "talk")
    register(hall, "ben", "open", "talk", "class", "vault")
    confirmation = hall.mail[hall.kinds().index("confirmation")]
    text = " ".join(confirmation.text.split())
    assert "You are registered for 2 sessions." in text
    assert (
        "Awaiting approval by the organisers; we will write to you as soon as a decision has been taken: - A class"
        in text
    )
    assert "On the waiting list; we will write to you as soon as a place becomes available for you: - A talk" in text


def test_whoever_has_withdrawn_and_awaits_approval_again_has_the_entry_taken_out(hall: House) -> None:
    register(hall, "ada", "class")
    ada = row_of(hall, "ada", "class").id
    approve(hall, ada)
    withdraw(hall, "ada", "class")
    register(hall, "ada", "class")
    assert stands(hall, "ada", "class")[0] == "registered"  # approved once, and the place is free
    assert hall.mail[-1].sequence == 2


@pytest.mark.parametrize("state", ["pending", "waitlisted", "offered", "refused"])
def test_no_letter_of_any_kind_has_a_link_before_there_is_a_place(hall: House, state: str) -> None:
    register(hall, "zoe", "talk")
    register(hall, "ada", "open", "vault", "talk", "class", attendance="online" if state == "pending" else "in-person")
    one = "class" if state in {"pending", "refused"} else "talk"
    if state == "refused":
        refuse(hall, row_of(hall, "ada", one).id)
    if state == "offered":
        withdraw(hall, "zoe", "talk")
        sweep(hall)
    assert stands(hall, "ada", one)[0] == state
    hall.register({"email": "ada@example.org"}, kind="registration.links_requested", conference="hall-2030")
    for moment in ("2030-06-07T17:00:00+02:00", "2030-06-14T17:00:00+02:00", "2030-06-15T17:00:00+02:00",
                   "2030-06-15T17:00:00+02:00", "2030-06-16T17:30:00+02:00"):  # fmt: skip
        hall.at(moment)
        hall.deliver()
    row = row_of(hall, "ada", one)
    assert (row.link, row.sealed_join_link, row.entry) == ("none", None, "none")
    tokens = f"/j/{row.id.removeprefix('reg_')}"
    mine = [mail for mail in hall.mail if mail.message["To"].addresses[0].addr_spec == "ada@example.org"]
    assert len(mine) > 3
    assert not [mail for mail in mine if tokens in mail.text]
    titles = {"talk": "A talk", "class": "A class"}
    spoken_of = [mail for mail in mine if titles[one] in mail.text and mail.calendar is not None]
    assert spoken_of == []


def visit_zoom(house: House, approval_type: int) -> int:
    """Robin registers for the class on Zoom's own page, whose registrants are approved at once (0) or by a host (1);
    Zoom's number of the event."""
    number = house.number("class", "hall-2030")
    house.zoom.emulator.change(number, {"settings": {"approval_type": approval_type}})
    house.tend_all()
    page = house.zoom.emulator.event(number)["registration_url"].rpartition("/")[2]
    said = {"first_name": "Robin", "last_name": "Quill", "email": "robin@example.org", "language": "en-US"}
    assert httpx2.post(f"{house.zoom.url}/webinar/register/{page}", data=said).status_code == 200
    house.hear()
    house.tend_all()
    return number


def test_who_registers_on_zooms_page_awaits_approval_there_as_here(hall: House) -> None:
    visit_zoom(hall, 1)
    assert (stands(hall, "robin", "class"), hall.kinds()) == (("pending", "online", "none"), ["pending"])
    assert at_zoom(hall, "class", "pending") == ["robin@example.org"]
    assert approve(hall, row_of(hall, "robin", "class").id) == ["registered"]
    assert at_zoom(hall, "class", "approved") == ["robin@example.org"]
    assert (stands(hall, "robin", "class")[2], hall.kinds()) == ("present", ["pending", "invitation"])


def test_whom_zoom_lets_in_at_once_is_taken_out_again_until_approved_here(hall: House) -> None:
    visit_zoom(hall, 0)
    assert (stands(hall, "robin", "class")[0], hall.kinds()) == ("pending", ["pending"])
    assert at_zoom(hall, "class", "approved") == []
    assert approve(hall, row_of(hall, "robin", "class").id) == ["registered"]
    assert at_zoom(hall, "class", "approved") == ["robin@example.org"]


def test_a_host_who_approves_at_zoom_has_approved(hall: House) -> None:
    number = visit_zoom(hall, 1)
    hall.at("2030-06-01T09:40:00+02:00")
    hall.zoom.emulator.act(number, "approve", "robin@example.org")
    hall.hear()
    hall.tend_all()
    assert stands(hall, "robin", "class") == ("registered", "online", "present")


def test_a_refusal_is_carried_to_zoom_where_somebody_waits_there(hall: House) -> None:
    visit_zoom(hall, 1)
    refuse(hall, row_of(hall, "robin", "class").id)
    hall.tend_all()
    assert at_zoom(hall, "class", "pending", "approved") == []
