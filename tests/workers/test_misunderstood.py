"""Registrations that were not understood: who is written to about it, when, how often, and what not."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.database import envelopes
from adapters.database.tables import LetterRow, ParticipantRow
from domain.letters.model import Order
from tests.house import OLGA, House, a_house
from workers.correspondence import Correspondence, NothingToSay
from workers.programme import put_in_force

WRONG = OLGA | {"sessions": ["no-such-session"], "language": "fr"}
HALF_PAST_TEN = "2021-06-01T10:00:00+02:00"


def planned(house: House) -> list[tuple[str, str | None]]:
    return [(row.state, row.reason) for row in house.outbox("not-understood")]


def the_order(house: House) -> Order:
    (row,) = house.outbox("not-understood")
    with house.toolbox.database.read() as session:
        return Correspondence.of(house.toolbox, session, [row]).order(row, row.due_at)


def people(house: House) -> list[ParticipantRow]:
    with house.toolbox.database.read() as session:
        return list(session.scalars(select(ParticipantRow)))


def test_half_an_hour_after_it_came_its_sender_is_told_what_was_wrong_and_where_to_register(house: House) -> None:
    envelope = house.register(WRONG)
    assert house.due() == 0
    house.at("2021-06-01T09:59:59+02:00")
    house.deliver()
    assert house.kinds() == []
    house.at(HALF_PAST_TEN)
    house.deliver()
    assert house.kinds() == ["not-understood"]
    mail = house.mail[0]
    assert (mail.message["To"], mail.calendar) == (OLGA["email"], None)
    assert "http://127.0.0.1:8080/register/alliance-2021" in mail.text
    (row,) = house.outbox("not-understood")
    assert (row.about, row.sessions) == (envelope, [])


def test_the_order_says_what_was_wrong_and_nothing_of_who_it_was(house: House) -> None:
    house.register(WRONG | {"full_name": "x" * 300, "title": "Ambassador"})
    order = the_order(house)
    assert (order.problems, order.visits, order.calendar) == (("too-long",), (), None)
    assert (order.person.full_name, order.person.title, order.person.language) == ("", None, "fr")
    assert order.registering == "http://127.0.0.1:8080/register/alliance-2021"


def test_nothing_of_another_registration_at_that_address_stands_in_it(house: House) -> None:
    house.register(OLGA | {"full_name": "Olga Petrenko", "title": "Excellency"})
    house.register(WRONG | {"full_name": "Somebody Else"})
    order = the_order(house)
    assert (order.person.full_name, order.person.title, order.visits) == ("", None, ())
    house.at(HALF_PAST_TEN)
    house.deliver()
    letter = house.mail[-1].source.decode()
    text = house.mail[-1].text
    assert house.kinds() == ["invitation", "not-understood"]
    for word in ("Petrenko", "Somebody", "Excellency", "Survivor"):
        assert word not in text
        assert word not in letter


def test_a_submission_that_was_accepted_meanwhile_is_not_spoken_of(house: House) -> None:
    envelope = house.register(WRONG)
    with house.toolbox.database.write() as session:
        assert envelopes.replay(session, envelope, house.toolbox.clock.machine_now())
    house.at(HALF_PAST_TEN)
    house.deliver()
    assert (house.kinds(), planned(house)) == ([], [("skipped", "resolved")])


def test_who_has_registered_meanwhile_is_not_told(house: House) -> None:
    house.register(WRONG)
    house.register(OLGA)
    house.at(HALF_PAST_TEN)
    house.deliver()
    assert (house.kinds(), planned(house)) == (["invitation"], [("skipped", "resolved")])
    assert house.mail[0].message["To"] == "Olga Petrenko <olga@mission.example.org>"


def test_who_has_registered_and_withdrawn_again_meanwhile_is_not_told(house: House) -> None:
    house.register(WRONG)
    house.register(OLGA)
    house.withdraw(OLGA["email"])
    house.at(HALF_PAST_TEN)
    house.deliver()
    assert planned(house) == [("skipped", "resolved")]


def test_a_registration_of_before_does_not_answer_for_one_that_failed(house: House) -> None:
    house.register(OLGA)
    house.register(WRONG)
    house.at(HALF_PAST_TEN)
    house.deliver()
    assert house.kinds() == ["invitation", "not-understood"]


def test_an_address_gets_one_such_letter_a_day_and_three_for_a_conference(house: House) -> None:
    for day, letters in ((1, 1), (2, 2), (3, 3), (4, 3), (9, 3)):
        house.at(f"2021-06-{day:02}T10:00:00+02:00")
        house.register(WRONG)
        house.register(WRONG)
        house.at(f"2021-06-{day:02}T10:30:00+02:00")
        house.deliver()
        assert house.kinds().count("not-understood") == letters


def test_one_that_was_skipped_counts_for_nothing(house: House) -> None:
    envelope = house.register(WRONG)
    with house.toolbox.database.write() as session:
        envelopes.replay(session, envelope, house.toolbox.clock.machine_now())
    house.at(HALF_PAST_TEN)
    house.deliver()
    house.process(envelope)
    house.deliver()
    assert planned(house) == [("skipped", "resolved"), ("sent", None)]
    assert [row.revision for row in house.outbox("not-understood")] == [1, 2]


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (WRONG, "hosted"),
        (WRONG | {"email": "nobody"}, "standard"),
        (OLGA | {"language": "tlh"}, "standard"),
        (OLGA | {"visibility": "rather not", "full_name": ""}, "standard"),
        (OLGA, "google-forms"),
    ],
    ids=["our-own-page", "no-address", "a-choice-that-a-mapping-explains", "that-too", "no-mapping"],
)
def test_what_the_participant_cannot_mend_or_has_been_told_at_once_brings_no_letter(
    house: House, data: dict[str, Any], source: str
) -> None:
    envelope = house.receive(data, source=source)
    house.process(envelope)
    assert house.envelope(envelope).state == "rejected"
    assert (planned(house), people(house)) == ([], [])


def test_a_withdrawal_of_nothing_brings_no_letter_which_would_tell_who_is_registered(house: House) -> None:
    house.withdraw(OLGA["email"])
    assert planned(house) == []


def test_who_asked_for_discretion_gets_a_discreet_letter_which_names_no_conference(house: House) -> None:
    house.register(WRONG | {"visibility": "discreet"})
    order = the_order(house)
    assert (order.person.visibility, order.registering) == ("discreet", None)
    house.at(HALF_PAST_TEN)
    house.deliver()
    assert not any(word in house.mail[0].source.decode() for word in ("lliance", "OSCE", "Conference"))


def test_who_asks_for_discretion_where_they_are_known_otherwise_gets_this_one_discreetly(house: House) -> None:
    house.register(OLGA)
    house.register(WRONG | {"visibility": "discreet"})
    assert the_order(house).person.visibility == "discreet"
    assert [person.visibility for person in people(house)] == ["discreet"]


def test_their_entries_are_renewed_at_once(house: House) -> None:
    house.register(OLGA | {"sessions": ["day-1"]})
    house.register(WRONG | {"visibility": "discreet"})
    assert house.kinds() == ["invitation", "update"]
    entries = [(mail.sequence, str(mail.event["CLASS"])) for mail in house.mail]
    assert entries == [(0, "PUBLIC"), (1, "PRIVATE")]


def test_what_a_refused_submission_says_against_discretion_does_not_hold(house: House) -> None:
    house.register(OLGA | {"visibility": "discreet"})
    house.register(WRONG | {"visibility": "standard"})
    assert ([person.visibility for person in people(house)], house.kinds()) == (["discreet"], ["invitation"])


def test_of_an_attempt_that_failed_only_the_wish_for_discretion_stays(house: House) -> None:
    house.register(WRONG | {"time_zone": "Asia/Tokyo", "visibility": "discreet"})
    house.register({name: OLGA[name] for name in ("full_name", "email", "sessions")})
    (person,) = people(house)
    assert (person.language, person.time_zone, person.visibility) == (None, None, "discreet")


def test_the_next_registration_says_who_it_is_even_if_it_was_given_earlier(house: House) -> None:
    earlier = house.receive(OLGA)
    house.register(WRONG | {"full_name": ""})
    house.process(earlier)
    house.deliver()
    assert [str(mail.message["To"]) for mail in house.mail] == ["Olga Petrenko <olga@mission.example.org>"]
    assert len(people(house)) == 1


def test_who_then_registers_on_zooms_page_is_called_as_they_say_there(house: House) -> None:
    house.register(WRONG | {"email": "robin@ngo.example.org"})
    house.look_at("protecting-children")
    house.visit_zoom("protecting-children")
    house.hear()
    assert [str(mail.message["To"]) for mail in house.mail] == ["Robin Quill <robin@ngo.example.org>"]


def test_whoever_only_failed_to_register_has_no_links_and_nothing_to_withdraw(house: House) -> None:
    house.register(WRONG)
    house.register({"email": OLGA["email"]}, kind="registration.links_requested", source="lost-link")
    withdrawal = house.receive({"email": OLGA["email"]}, kind="registration.withdrawn")
    house.process(withdrawal)
    house.deliver()
    assert [reason["code"] for reason in house.envelope(withdrawal).reasons] == ["not-registered"]
    assert house.kinds() == []


def test_a_letter_about_an_envelope_that_is_gone_is_not_written(house: House) -> None:
    house.register(WRONG)
    (row,) = house.outbox("not-understood")
    with house.toolbox.database.read() as session:
        empty = Correspondence.of(house.toolbox, session, [row])
    empty.envelopes.clear()
    with pytest.raises(NothingToSay, match="resolved"):
        empty.order(row, row.due_at)


PROGRAMME = """\
id: small
title: A small conference
starts: 2021-06-14
ends: 2021-06-16
languages: [en]
sessions:
  - id: evening
    title: An evening
    date: 2021-06-15
    start: 18:00
    end: 19:30
    zoom: {account: osce-org}
"""


def test_a_programme_can_still_be_corrected_when_nobody_but_they_has_come(tmp_path: Path, database_url: str) -> None:
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / "small.yaml").write_text(PROGRAMME, "utf-8")
    with a_house(tmp_path, database_url, conferences=folder) as house:
        envelope = house.register(OLGA | {"sessions": ["late-evening"]}, conference="small")
        (folder / "small.yaml").write_text(PROGRAMME.replace("id: evening", "id: late-evening"), "utf-8")
        assert put_in_force(house.toolbox, folder).in_force == ("small",)
        with house.toolbox.database.write() as session:
            envelopes.replay(session, envelope, house.toolbox.clock.machine_now())
        house.process(envelope)
        house.deliver()
        assert house.kinds() == ["invitation"]
        assert [row.kind for row in rows(house)].count("not-understood") == 1


def rows(house: House) -> list[LetterRow]:
    with house.toolbox.database.read() as session:
        return list(session.scalars(select(LetterRow)))
