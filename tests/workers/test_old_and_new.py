"""What an update says of old and new, and what it does to the entry in the calendar, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.database import registrations
from adapters.database.tables import LetterRow, RegistrationRow
from domain.letters.model import Order
from domain.letters.told import Told
from schemas.programme import Conference, Session
from schemas.smtp import SmtpAnswer
from tests.house import OLGA, House, a_house
from tests.workers.test_corridor import LINK_FOLLOWS
from tests.workers.test_delivery import ScriptedPostman
from workers import invitation, plans
from workers.correspondence import Correspondence, NothingToSay

SESSION = "survivor-voices"
HYBRID = OLGA | {"sessions": ["day-1"]}


def orders(house: House, *kinds: str) -> list[Order]:
    """What the desk was given, or would be now, for the letters of these kinds that were not held back."""
    with house.toolbox.database.read() as session:
        rows = list(session.scalars(select(LetterRow).where(LetterRow.kind.in_(kinds), LetterRow.state != "skipped")))
        found = Correspondence.of(house.toolbox, session, rows)
    in_order = sorted(rows, key=lambda row: (row.created_at, row.about, row.revision))
    return [found.order(row, house.toolbox.clock.now()) for row in in_order]


def the_update(house: House) -> Order:
    (order,) = orders(house, "update")
    return order


def now_told(order: Order) -> Told:
    (visit,) = order.visits
    return Told.of(visit.session, order.conference, visit.attendance, visit.interpretation)


def entries(house: House) -> list[tuple[str, int]]:
    return [(str(mail.calendar["METHOD"]), mail.sequence) for mail in house.mail if mail.calendar]


def change_programme(house: House, session_id: str, **fields: Any) -> None:
    """Put a changed programme in force, and let the minute pass in which further changes would be awaited."""
    plans.apply(house.toolbox, changed(in_force(house), session_id, fields), None, "cli:somebody")
    house.wait(60)


def apply_file(house: House, conference: str) -> None:
    """Put what the conference's file says in force, as it was planned."""
    planner = plans.Planner(house.toolbox)
    planner.apply(conference, planner.plan(conference).digest, "cli:somebody")


def in_force(house: House) -> Conference:
    with house.toolbox.database.read() as session:
        found = house.toolbox.shelf.get(session, "alliance-2021")
    assert found is not None
    return found.conference


def changed(known: Conference, session_id: str, fields: dict[str, Any]) -> Conference:
    sessions = [
        Session.model_validate(one.model_dump(mode="json") | (fields if one.id == session_id else {}))
        for one in known.sessions
    ]
    return known.model_copy(update={"sessions": tuple(sessions)})


def write(house: House, people: Sequence[str]) -> None:
    for one in people:
        invitation.write(house.toolbox, one)


def test_an_update_knows_what_the_invitation_had_said(house: House) -> None:
    house.register(HYBRID)
    house.register(HYBRID | {"attendance": "in-person", "interpretation": "fr"})
    order = the_update(house)
    assert order.before == replace(now_told(order), attendance="online", interpretation="ru")
    assert [row.before for row in house.outbox("invitation")] == [None]


def test_five_changes_before_a_letter_goes_are_one_letter_from_the_first_to_the_last(house: House) -> None:
    house.register(HYBRID)
    for language in ("fr", "es", "it", "de", "en"):
        house.process(house.receive(HYBRID | {"interpretation": language}))
    house.deliver()
    order = the_update(house)
    assert (order.before and order.before.interpretation, now_told(order).interpretation) == ("ru", "en")
    assert house.kinds() == ["invitation", "update"]


def test_an_update_after_an_upgrade_knows_what_the_invitation_had_said(house: House) -> None:
    house.register(HYBRID)
    with house.toolbox.database.write() as session:
        session.scalars(select(RegistrationRow)).one().told = None
    house.register(HYBRID | {"attendance": "in-person"})
    order = the_update(house)
    assert order.before == replace(now_told(order), attendance="online")


def test_after_it_has_gone_the_next_begins_from_there(house: House) -> None:
    for language in ("ru", "fr", "es"):
        house.register(HYBRID | {"interpretation": language})
    told = [order.before and order.before.interpretation for order in orders(house, "update")]
    assert told == ["ru", "fr"]


def test_an_update_that_was_refused_for_good_has_told_nothing(house: House) -> None:
    house.register(HYBRID)
    refused = {"olga@mission.example.org": [SmtpAnswer("recipient", 550, "5.7.1")]}
    postman = ScriptedPostman(house.toolbox.postman, refused)
    replace(house, toolbox=replace(house.toolbox, postman=postman)).register(HYBRID | {"interpretation": "fr"})
    house.register(HYBRID | {"interpretation": "es"})
    (last,) = [row for row in house.outbox("update") if row.state == "sent"]
    assert last.before is not None
    assert last.before["interpretation"] == "ru"


def test_an_invitation_that_may_not_have_arrived_is_what_was_told_before(house: House) -> None:
    lost = ScriptedPostman(house.toolbox.postman, {"olga@mission.example.org": [SmtpAnswer("after-data")]})
    replace(house, toolbox=replace(house.toolbox, postman=lost)).register(HYBRID)
    house.process(house.receive(HYBRID | {"interpretation": "fr"}))
    order = the_update(house)
    assert (order.before and order.before.interpretation) == "ru"


def test_who_comes_back_after_a_withdrawal_is_invited_with_nothing_to_compare(house: House) -> None:
    house.register(HYBRID)
    house.withdraw(OLGA["email"])
    house.register(HYBRID | {"interpretation": "fr"})
    assert house.kinds() == ["invitation", "withdrawal", "invitation"]
    assert [order.before for order in orders(house, "invitation")][-1] is None
    assert [row.before for row in house.outbox("invitation")] == [None, None]


def test_a_cancelled_session_is_taken_out_of_calendars_and_its_reminders_are_void(house: House) -> None:
    house.register(OLGA)
    change_programme(house, SESSION, cancelled=True)
    house.deliver()
    assert house.kinds() == ["invitation", "cancellation"]
    assert entries(house) == [("REQUEST", 0), ("CANCEL", 1)]
    assert house.mail[0].event["UID"] == house.mail[1].event["UID"]
    assert {(row.state, row.reason) for row in house.outbox("digest", "reminder", "week-digest")} == {
        ("skipped", "not-attending")
    }
    place = place_of(house)
    assert (place.state, place.entry, place.told_revision) == ("registered", "cancelled", place.revision)


def place_of(house: House) -> RegistrationRow:
    with house.toolbox.database.read() as session:
        return session.scalars(select(RegistrationRow)).one()


def test_a_cancellation_is_told_once_whatever_the_participant_says_afterwards(house: House) -> None:
    house.register(OLGA | {"sessions": [SESSION, "community-policing"]})
    change_programme(house, SESSION, cancelled=True)
    house.deliver()
    house.register(OLGA | {"sessions": ["community-policing"], "visibility": "discreet", "language": "fr"})
    assert house.kinds().count("cancellation") == 1
    assert [row.about for row in house.outbox("update")] == ["community-policing"]


def test_who_withdraws_from_a_session_before_its_cancellation_went_gets_the_withdrawal_alone(house: House) -> None:
    house.register(OLGA)
    change_programme(house, SESSION, cancelled=True)
    house.withdraw(OLGA["email"])
    assert house.kinds() == ["invitation", "withdrawal"]
    assert entries(house)[1] == ("CANCEL", 1)


def test_who_had_withdrawn_hears_nothing_of_the_cancellation(house: House) -> None:
    house.register(OLGA)
    house.withdraw(OLGA["email"])
    change_programme(house, SESSION, cancelled=True)
    house.deliver()
    assert house.kinds() == ["invitation", "withdrawal"]


def test_who_was_not_invited_yet_is_told_of_the_cancellation_without_a_calendar(house: House) -> None:
    with house.zoom_away():
        house.register(OLGA)
        change_programme(house, SESSION, cancelled=True)
    house.deliver()
    assert house.kinds() == ["cancellation"]
    assert house.mail[0].calendar is None


def test_a_session_that_takes_place_after_all_is_an_invitation_again_with_its_reminders(house: House) -> None:
    house.register(OLGA)
    change_programme(house, SESSION, cancelled=True)
    house.deliver()
    change_programme(house, SESSION, cancelled=False, start="20:00", end="21:00")
    house.deliver()
    assert house.kinds() == ["invitation", "cancellation", "invitation"]
    assert entries(house) == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 2)]
    assert [row.state for row in house.outbox("reminder")] == ["skipped", "planned"]


def test_a_moved_session_is_told_old_and_new_and_its_reminders_move_with_it(house: House) -> None:
    house.register(OLGA)
    change_programme(house, SESSION, date="2021-06-16", start="10:00", end="11:30")
    house.deliver()
    order = the_update(house)
    assert order.before is not None
    assert order.before.start.isoformat() == "2021-06-15T16:00:00+00:00"
    assert now_told(order).start.isoformat() == "2021-06-16T08:00:00+00:00"
    assert replace(order.before, start=now_told(order).start, end=now_told(order).end) == now_told(order)
    assert entries(house) == [("REQUEST", 0), ("REQUEST", 1)]
    standing = [(row.kind, row.about, row.due_at.isoformat()) for row in house.outbox("digest", "reminder")
                if row.state == "planned"]  # fmt: skip
    assert standing == [
        ("digest", "2021-06-16", "2021-06-15T15:00:00+00:00"), ("reminder", SESSION, "2021-06-16T07:00:00+00:00"),
    ]  # fmt: skip


def test_who_was_reminded_of_the_old_time_is_reminded_of_the_new_one_too(house: House) -> None:
    """Rule R7."""
    house.register(OLGA)
    for moment in ("2021-06-14T17:00:00+02:00", "2021-06-15T17:00:00+02:00"):
        house.at(moment)
        house.deliver()
    change_programme(house, SESSION, start="20:00", end="21:00")
    house.at("2021-06-15T19:00:00+02:00")
    house.deliver()
    assert house.kinds() == ["invitation", "digest", "reminder", "update", "reminder"]


def test_a_session_that_is_moved_to_within_the_hour_is_told_and_not_reminded_of_besides(house: House) -> None:
    house.register(OLGA)
    for moment in ("2021-06-14T17:00:00+02:00", "2021-06-15T16:00:00+02:00"):
        house.at(moment)
        house.deliver()
    change_programme(house, SESSION, start="16:40", end="18:00")
    house.deliver()
    assert house.kinds() == ["invitation", "digest", "update"]
    assert [row.reason for row in house.outbox("reminder")] == ["registered-after-its-time"]
    change_programme(house, SESSION, start="18:00", end="19:30")
    assert [(row.state, row.due_at.isoformat()) for row in house.outbox("reminder")][-1] == (
        "planned", "2021-06-15T15:00:00+00:00",
    )  # fmt: skip


@pytest.mark.parametrize("sessions", [["day-1"], ["day-1", "community-policing"]], ids=["the-same", "one-more"])
def test_turning_discreet_and_back_changes_every_entry_in_the_calendar(house: House, sessions: list[str]) -> None:
    house.register(HYBRID | {"sessions": ["day-1", "survivor-voices"]})
    house.register(HYBRID | {"sessions": sessions, "visibility": "discreet"})
    house.register(HYBRID | {"sessions": sessions, "visibility": "standard"})
    titles: dict[str, list[tuple[int, str]]] = {}
    for mail in house.mail:
        if mail.calendar:
            titles.setdefault(str(mail.event["UID"]), []).append((mail.sequence, str(mail.event["SUMMARY"])))
    assert len(titles) == len({"day-1", "survivor-voices", *sessions})
    of_both = [found for found in titles.values() if len(found) == 3]
    assert len(of_both) == 2
    for (first, plain), (second, hidden), (third, again) in of_both:
        assert (first, second, third) == (0, 1, 2)
        assert plain == again
        assert hidden not in plain
        assert "onference" not in hidden


def test_an_update_to_a_discreet_person_is_handed_no_title_of_old(house: House) -> None:
    house.register(HYBRID)
    change_programme(house, "day-1", title="Another title", start="15:00")
    house.process(house.receive(HYBRID | {"visibility": "discreet", "interpretation": "fr"}))
    order = the_update(house)
    assert order.before is not None
    assert order.before == replace(now_told(order), start=order.before.start, end=order.before.end)
    assert order.before.start != now_told(order).start


@pytest.mark.parametrize("new", [{"language": "fr"}, {"time_zone": "Asia/Tokyo"}], ids=["language", "time-zone"])
def test_another_language_or_zone_of_letters_renews_the_entry_and_asks_for_no_answer(
    house: House, new: dict[str, str]
) -> None:
    """Rule 14 of the calendar's: SEQUENCE stays, DTSTAMP grows."""
    house.register(HYBRID)
    house.register(HYBRID | new)
    assert house.kinds() == ["invitation", "update"]
    assert entries(house) == [("REQUEST", 0), ("REQUEST", 0)]
    first, second = (mail.event.decoded("DTSTAMP") for mail in house.mail)
    assert first < second
    order = the_update(house)
    assert (order.before, order.changes) == (
        now_told(order),
        tuple({"language": "language", "time_zone": "time-zone"}[one] for one in new),
    )
    house.register(HYBRID | new)
    assert house.kinds() == ["invitation", "update"]


@pytest.mark.parametrize(
    ("first", "changes"),
    [
        ({"time_zone": "Europe/Vienna"}, [{"time_zone": "Europe/Berlin"}]),
        ({}, [{"attendance": "in-person"}, {"attendance": "online"}]),
        ({}, [{"language": "fr", "visibility": "discreet"}, {"language": "en", "visibility": "standard"}]),
        ({"visibility": "discreet"}, [{"interpretation": "fr"}]),
    ],
    ids=["a-zone-with-the-same-hours", "there-and-back", "discreet-and-back", "what-discreet-letters-never-say"],
)
def test_where_nothing_differs_for_its_reader_there_is_no_update(
    house: House, first: dict[str, str], changes: list[dict[str, str]]
) -> None:
    house.register(HYBRID | first)
    for change in changes:
        house.process(house.receive(HYBRID | first | change))
    house.deliver()
    assert house.kinds() == ["invitation"]
    place = place_of(house)
    assert (place.told_revision, place.changes) == (place.revision, [])
    house.register(HYBRID | {"attendance": "in-person", "interpretation": "es", "visibility": "standard"})
    assert house.kinds() == ["invitation", "update"]
    assert the_update(house).before is not None


def test_who_withdraws_and_comes_back_before_a_letter_goes_hears_nothing(house: House) -> None:
    house.register(HYBRID)
    house.process(house.receive({"email": OLGA["email"], "sessions": "all"}, kind="registration.withdrawn"))
    house.process(house.receive(HYBRID))
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_a_change_taken_back_is_told_where_the_letter_before_may_have_arrived(house: House) -> None:
    house.register(HYBRID)
    lost = ScriptedPostman(house.toolbox.postman, {"olga@mission.example.org": [SmtpAnswer("after-data")]})
    replace(house, toolbox=replace(house.toolbox, postman=lost)).register(HYBRID | {"attendance": "in-person"})
    house.register(HYBRID | {"attendance": "online"})
    assert house.kinds() == ["invitation", "update"]


def test_turning_discreet_hides_the_titles_of_sessions_that_are_over_too(house: House) -> None:
    house.register(HYBRID | {"sessions": ["day-1", "community-policing"]})
    house.at("2021-06-15T20:00:00+02:00")
    house.register(HYBRID | {"sessions": ["community-policing"], "visibility": "discreet"})
    assert sorted(row.about for row in house.outbox("update") if row.state == "sent") == ["community-policing", "day-1"]
    assert [mail.sequence for mail in house.mail if mail.calendar] == [0, 0, 1, 1]


def test_an_update_for_discretion_alone_says_so(house: House) -> None:
    house.register(HYBRID)
    house.register(HYBRID | {"visibility": "discreet"})
    assert the_update(house).changes == ("visibility",)


def test_attendance_in_the_room_moves_the_entry(house: House) -> None:
    house.register(HYBRID)
    house.register(HYBRID | {"attendance": "in-person"})
    assert entries(house) == [("REQUEST", 0), ("REQUEST", 1)]
    assert the_update(house).changes == ("details",)


def test_what_is_kept_of_what_was_told_comes_back_as_it_was(house: House) -> None:
    house.register(HYBRID | {"visibility": "discreet"})
    told = place_of(house).told
    assert told is not None
    kept = Told.kept(told)
    assert kept.title != "Online meeting"
    assert Told.kept(kept.to_keep()) == kept


@pytest.mark.parametrize(("state", "kind"), [("pending", "pending"), ("waitlisted", "waitlist")])
def test_who_has_no_place_yet_is_told_so_without_link_or_entry_and_invited_when_there_is_one(
    house: House, state: str, kind: str
) -> None:
    house.process(house.receive(OLGA))
    stand(house, state)
    house.deliver()
    assert house.kinds() == [kind]
    assert house.mail[0].calendar is None
    ((visit,),) = (order.visits for order in orders(house, kind))
    assert (visit.link, visit.join_link) == ("none", None)
    assert [row.reason for row in house.outbox("invitation")] == ["superseded"]
    stand(house, "registered")
    house.deliver()
    assert house.kinds() == [kind, "invitation"]


@pytest.mark.parametrize("kind", ["offer", "refusal"])
def test_who_is_registered_gets_neither_an_offer_nor_a_refusal(house: House, kind: str) -> None:
    house.process(house.receive(OLGA))
    with house.toolbox.database.write() as session:
        session.scalars(select(LetterRow).where(LetterRow.kind == "invitation")).one().kind = kind
    with pytest.raises(NothingToSay, match="not-attending"):
        orders(house, kind)


def test_who_got_a_place_before_the_letter_went_gets_the_invitation_alone(house: House) -> None:
    house.process(house.receive(OLGA))
    for state in ("waitlisted", "registered"):
        stand(house, state)
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_who_waits_for_a_session_that_is_cancelled_is_told(house: House) -> None:
    house.process(house.receive(OLGA))
    stand(house, "pending")
    house.deliver()
    change_programme(house, SESSION, cancelled=True)
    house.deliver()
    assert house.kinds() == ["pending", "cancellation"]
    assert house.mail[1].calendar is None


def stand(house: House, state: str) -> None:
    """Let the one registration stand otherwise, as a decision of the secretariat's will."""
    with house.toolbox.database.write() as session:
        place = session.scalars(select(RegistrationRow)).one()
        place.state, place.link, place.sealed_join_link = state, "none", None
        place.waiting_at = house.toolbox.clock.now() if state == "waitlisted" else None
        registrations.bump(place, [state], house.toolbox.clock.now(), raise_sequence=False)
    write(house, [place.participant_id])


def test_an_invitation_whose_link_is_to_come_is_the_letter_that_says_so(tmp_path: Path, database_url: str) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "link-follows.yaml").write_text(LINK_FOLLOWS, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        with house.zoom_away():
            envelope = house.register(OLGA | {"sessions": ["evening"]}, conference="link-follows")
            assert [order.kind for order in orders(house, "invitation")] == ["link-follows"]
        house.go_on(envelope)
        assert house.kinds() == ["invitation", "update"]
        assert [order.kind for order in orders(house, "invitation")] == ["invitation"]
