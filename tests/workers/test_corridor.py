"""A registration's way from its envelope to the participant's mailbox, step by step, on both databases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.database import envelopes
from adapters.database.tables import RegistrationRow
from tests.house import OLGA, House, a_house
from workers import intake


def test_one_session_brings_one_invitation_for_the_right_instant(house: House) -> None:
    house.register(OLGA)
    (mail,) = house.mail
    assert mail.message["To"] == "Olga Petrenko <olga@mission.example.org>"
    assert mail.event.decoded("DTSTART").astimezone(UTC) == datetime(2021, 6, 15, 16, tzinfo=UTC)
    assert mail.event.decoded("DTEND").astimezone(UTC) == datetime(2021, 6, 15, 17, 30, tzinfo=UTC)
    assert "18:00–19:30 Vienna time (CEST, UTC+2)" in mail.text
    assert "19:00–20:30 Kyiv (UTC+3)" in mail.text


def test_the_same_registration_again_sends_nothing_more(house: House) -> None:
    house.register(OLGA)
    house.register(OLGA)
    assert house.kinds() == ["invitation"]


def test_the_address_in_other_letters_is_the_same_participant(house: House) -> None:
    house.register(OLGA)
    house.register(OLGA | {"email": "OLGA@Mission.example.org", "sessions": ["community-policing"]})
    assert [mail.message["To"].addresses[0].addr_spec for mail in house.mail] == ["olga@mission.example.org"] * 3


def test_several_sessions_bring_a_confirmation_that_lists_all_and_an_invitation_each(house: House) -> None:
    house.register(OLGA | {"sessions": ["cedaw-gr38", "community-policing"]})
    assert sorted(house.kinds()) == ["confirmation", "invitation", "invitation"]
    confirmation = house.mail[house.kinds().index("confirmation")]
    assert "11:00–12:30 Vienna time" in confirmation.text
    assert "11:30–13:00 Vienna time" in confirmation.text
    assert "same time" in confirmation.text or "overlap" in confirmation.text


UNSETTLED = """\
id: unsettled
title: A conference
starts: 2021-10-30
ends: 2021-10-31
languages: [en]
sessions:
  - {id: first, title: First, date: 2021-10-30, start: "18:00", end: "19:00", format: in-person, place: A hall}
  - id: second
    title: Second
    date: 2021-10-30
    start: "18:30"
    end: "19:30"
    format: in-person
    place: A hall
    unconfirmed: the room is still open
"""


def test_a_session_that_overlaps_one_not_yet_confirmed_is_confirmed_and_nothing_said_of_the_hours(
    tmp_path: Path, database_url: str
) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "unsettled.yaml").write_text(UNSETTLED, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["first", "second"], "interpretation": None}, conference="unsettled")
        assert sorted(house.kinds()) == ["confirmation", "invitation"]
        assert "same time" not in house.mail[house.kinds().index("confirmation")].text


def test_a_withdrawal_takes_the_entry_out_of_the_calendar_and_coming_back_puts_it_in_again(house: House) -> None:
    house.register(OLGA)
    house.withdraw("olga@mission.example.org", "survivor-voices")
    house.register(OLGA)
    entries = [(str(mail.calendar["METHOD"]), mail.sequence) for mail in house.mail if mail.calendar]
    assert entries == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 2)]
    assert len({str(mail.event["UID"]) for mail in house.mail}) == 1
    stamps = [mail.event.decoded("DTSTAMP") for mail in house.mail]
    assert stamps == sorted(set(stamps))


def test_changes_before_delivery_send_one_letter_with_the_last_word(house: House) -> None:
    for language in ("ru", "es", "ru", "es"):
        house.process(house.receive(OLGA | {"interpretation": language}))
    house.deliver()
    assert house.kinds() == ["invitation"]
    assert "Spanish" in house.mail[0].text
    assert [row.reason for row in house.outbox("invitation") if row.state == "skipped"] == ["superseded"] * 3


def test_who_withdraws_before_the_invitation_went_gets_no_calendar_entry_at_all(house: House) -> None:
    house.process(house.receive(OLGA))
    house.withdraw("olga@mission.example.org")
    assert house.kinds() == ["withdrawal"]
    assert house.mail[0].calendar is None


def test_an_unconfirmed_session_gets_a_confirmation_and_no_invitation(house: House) -> None:
    social_path = OLGA | {"sessions": "all"}
    house.register(social_path, conference="alliance-2023")
    assert house.kinds() == ["confirmation"]
    assert house.mail[0].calendar is None
    assert house.outbox("reminder", "digest") == []


def test_without_a_link_there_is_no_invitation_until_there_is_one(house: House) -> None:
    with house.zoom_away():
        envelope = house.register(OLGA)
    assert house.kinds() == []
    house.go_on(envelope)
    assert house.kinds() == ["invitation"]
    assert "http://127.0.0.1:8080/j/" in house.mail[0].text


def test_where_the_programme_allows_it_the_link_follows_in_an_update(tmp_path: Path, database_url: str) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "link-follows.yaml").write_text(LINK_FOLLOWS, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        with house.zoom_away():
            envelope = house.register(OLGA | {"sessions": ["evening"]}, conference="link-follows")
        house.go_on(envelope)
        assert house.kinds() == ["invitation", "update"]
        assert [mail.sequence for mail in house.mail] == [0, 1]
        assert ["http://127.0.0.1:8080/j/" in mail.text for mail in house.mail] == [False, True]


LINK_FOLLOWS = """\
id: link-follows
title: A conference whose links follow
starts: 2021-10-30
ends: 2021-10-31
link_follows: true
languages: [en]
sessions:
  - id: evening
    title: The evening before the clock goes back
    date: 2021-10-30
    start: 18:00
    end: 19:00
    zoom: {account: osce-org}
"""


def test_what_cannot_be_accepted_is_kept_with_its_reasons_and_stops_nobody(house: House) -> None:
    wrong = house.receive(OLGA | {"sessions": ["no-such-session"]})
    right = house.receive(OLGA)
    house.process(wrong)
    house.process(right)
    house.deliver()
    assert house.envelope(wrong).state == "rejected"
    assert house.envelope(wrong).reasons == [
        {"field": "sessions", "code": "unknown-session",
         "message": "Not a session of alliance-2021: number 1 in the list."}
    ]  # fmt: skip
    assert house.kinds() == ["invitation"]


def test_a_rejected_submission_can_be_judged_again(house: House) -> None:
    wrong = house.receive(OLGA | {"sessions": ["no-such-session"]})
    house.process(wrong)
    with house.toolbox.database.write() as session:
        assert envelopes.replay(session, wrong, house.toolbox.clock.machine_now())
    assert (house.envelope(wrong).state, house.envelope(wrong).reasons) == ("received", [])


def test_a_withdrawal_that_overtook_its_registration_waits_for_it(house: House) -> None:
    registration = house.receive(OLGA)
    withdrawal = house.receive({"email": "olga@mission.example.org"}, kind="registration.withdrawn")
    house.process(withdrawal)
    assert house.envelope(withdrawal).state == "received"
    house.process(registration)
    house.process(withdrawal)
    assert house.envelope(withdrawal).state == "accepted"


def test_an_older_submission_that_comes_late_adds_its_sessions_and_changes_nothing_else(house: House) -> None:
    older = house.receive(OLGA | {"time_zone": "Asia/Almaty", "sessions": ["community-policing"]})
    house.process(house.receive(OLGA))
    house.process(older)
    house.deliver()
    assert all("Almaty" not in mail.text for mail in house.mail)
    assert sorted(house.kinds()) == ["confirmation", "invitation", "invitation"]


def test_a_discreet_letter_names_neither_session_nor_conference(house: House) -> None:
    house.register(OLGA | {"visibility": "discreet"})
    (mail,) = house.mail
    told = f"{mail.message['Subject']} {mail.message['From']} {mail.text} {mail.event.to_ical().decode()}"
    html = mail.message.get_body(("html",))
    assert html is not None
    told += html.get_content()
    for word in ("Survivor", "Trafficking", "Alliance", "OSCE", "ICAT", "survivor-voices"):
        assert word not in told
    assert str(mail.event["CLASS"]) == "PRIVATE"


def test_turning_discreet_later_changes_the_entry_that_is_in_the_calendar(house: House) -> None:
    house.register(OLGA)
    house.register(OLGA | {"visibility": "discreet"})
    assert house.kinds() == ["invitation", "update"]
    assert [str(mail.event["SUMMARY"]) for mail in house.mail][1] == "Online meeting"


@pytest.mark.parametrize(
    ("wall", "utc"),
    [("2021-06-14T18:00", "2021-06-14T16:00"), ("2026-03-28T10:00", "2026-03-28T09:00"),
     ("2026-03-29T10:00", "2026-03-29T08:00"), ("2026-10-24T10:00", "2026-10-24T08:00"),
     ("2026-10-25T10:00", "2026-10-25T09:00")],
)  # fmt: skip
def test_a_session_on_either_side_of_a_clock_change_is_at_its_hour_in_vienna(
    tmp_path: Path, database_url: str, wall: str, utc: str
) -> None:
    day, _, hour = wall.partition("T")
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    dated = LINK_FOLLOWS.replace("2021-10-30", day).replace("2021-10-31", day).replace("18:00", hour)
    (programmes / "link-follows.yaml").write_text(dated.replace("19:00", "19:30"), "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="link-follows")
        assert house.mail[0].event.decoded("DTSTART").astimezone(UTC) == datetime.fromisoformat(f"{utc}:00+00:00")


def test_withdrawals_that_are_handed_over_in_the_wrong_order_do_not_wait_for_a_sweep_each(house: House) -> None:
    people = [OLGA | {"email": f"person{number}@mission.example.org"} for number in range(4)]
    waiting = [house.receive(one) for one in people]
    waiting += [house.receive({"email": one["email"]}, kind="registration.withdrawn") for one in people]
    intake.open_envelope(waiting[-1])
    assert {house.envelope(one).state for one in waiting} == {"accepted"}


def test_a_withdrawal_that_is_judged_late_does_not_undo_a_later_registration(house: House) -> None:
    house.register(OLGA)
    withdrawal = house.receive({"email": "olga@mission.example.org"}, kind="registration.withdrawn")
    house.register(OLGA)  # again, later; nothing changes, and yet it has been said
    house.process(withdrawal)
    house.deliver()
    assert house.envelope(withdrawal).state == "accepted"
    assert house.kinds() == ["invitation"]


def test_an_older_submission_that_comes_late_does_not_undo_newer_choices(house: House) -> None:
    older = house.receive(OLGA | {"interpretation": "es"})
    house.register(OLGA)
    house.process(older)
    house.deliver()
    assert house.kinds() == ["invitation"]
    assert "Russian" in house.mail[0].text


def test_an_entry_that_is_in_the_calendar_is_cancelled_whatever_was_held_back_meanwhile(house: House) -> None:
    house.register(OLGA)
    house.process(house.receive({"email": "olga@mission.example.org"}, kind="registration.withdrawn"))
    house.process(house.receive(OLGA))
    house.process(house.receive({"email": "olga@mission.example.org"}, kind="registration.withdrawn"))
    house.deliver()
    assert house.kinds() == ["invitation", "withdrawal"]
    cancelled = house.mail[1]
    assert cancelled.calendar is not None
    assert (str(cancelled.calendar["METHOD"]), str(cancelled.event["UID"])) == (
        "CANCEL",
        str(house.mail[0].event["UID"]),
    )
    assert cancelled.sequence > house.mail[0].sequence


def test_who_comes_to_the_room_need_not_wait_for_a_link(house: House) -> None:
    with house.zoom_away():
        house.register(OLGA | {"sessions": ["day-1"], "attendance": "in-person"})
    assert house.kinds() == ["invitation"]
    assert "Hofburg" in house.mail[0].text


def test_a_link_that_cannot_be_had_is_asked_for_less_and_less_often(house: House) -> None:
    with house.zoom_away():
        envelope = house.receive(OLGA)
        house.process(envelope)
        asked = house.asked_of_zoom()
        assert asked > 0
        assert house.events_with_work() == []
        house.retry_now()
        (event,) = house.events_with_work()
        house.tend_event(event)
        assert house.asked_of_zoom() > asked
        assert house.events_with_work() == []


def test_nobody_asks_for_a_link_to_a_session_that_is_unconfirmed(house: House) -> None:
    house.register(OLGA | {"sessions": "all"}, conference="alliance-2023")
    assert house.asked_of_zoom() == 0


def test_nobody_asks_for_a_link_to_a_session_that_is_over(house: House) -> None:
    with house.zoom_away():
        envelope = house.register(OLGA)
    asked = house.asked_of_zoom()
    house.at("2021-06-15T19:30:00+02:00")
    house.go_on(envelope)
    assert house.asked_of_zoom() == asked
    assert house.kinds() == []


TYPEFORM = """\
id: typed
title: A conference with a form
starts: 2021-10-30
ends: 2021-10-31
languages: [en]
sessions:
  - id: evening
    title: An evening
    date: 2021-10-30
    start: 18:00
    end: 19:00
    interpretation: [fr, ru]
    zoom: {account: osce-org}
forms:
  - source: typeform
    sessions: [evening]
    questions:
      - {question: name, field: full_name}
      - {question: mail, field: email}
      - {question: listen, field: interpretation}
"""


def test_an_answer_that_a_provider_repeats_late_does_not_undo_a_newer_one(tmp_path: Path, database_url: str) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "typed.yaml").write_text(TYPEFORM, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        now = house.toolbox.clock.machine_now()
        for number, (language, hours) in enumerate((("Russian", 1), ("French", 3))):
            said = {"name": "Olga Petrenko", "mail": "olga@mission.example.org", "listen": language}
            answers = [{"type": "text", "text": text, "field": {"ref": ref}} for ref, text in said.items()]
            body = {
                "event_id": f"e{number}", "event_type": "form_response",
                "form_response": {
                    "form_id": "f", "token": f"t{number}", "answers": answers,
                    "submitted_at": (now - timedelta(hours=hours)).isoformat(),
                },
            }  # fmt: skip
            house.process(house.posted(body, source="typeform", conference="typed"))
        with house.toolbox.database.read() as session:
            (place,) = session.scalars(select(RegistrationRow)).all()
        assert place.interpretation == "ru"
