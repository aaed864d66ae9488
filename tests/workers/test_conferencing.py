"""What is said to Zoom: everybody is there once, has a link, and is gone when they have withdrawn."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from adapters.database import registrants, zoom_events
from adapters.database.tables import RegistrationRow, ZoomEventRow
from adapters.processes import identity
from config.programmes import load_programmes
from tests.house import OLGA, House, a_house
from web.zoom_emulator.faults import Fault
from workers.conferencing import stage
from workers.programme import zoom_event_of

SESSION = "survivor-voices"


def a_crowd(number: int, session: str = SESSION) -> list[dict[str, Any]]:
    """So many people who register for a session."""
    return [
        OLGA | {"full_name": f"Person {one}", "email": f"person{one}@ngo.example.org", "sessions": [session]}
        for one in range(1, number + 1)
    ]


def who_wait(house: House, crowd: list[dict[str, Any]]) -> list[str]:
    """Register them while Zoom is away; their envelopes."""
    with house.zoom_away():
        envelopes = [house.receive(one) for one in crowd]
        for one in envelopes:
            house.process(one)
    house.retry_now()
    return envelopes


def what_zoom_was_told(house: House) -> list[dict[str, str]]:
    """Of each registrant, but for empty fields."""
    with house.zoom.emulator.working() as work:
        rows = [json.loads(row["fields"]) for row in work.rows("SELECT fields FROM registrants ORDER BY row")]
    return [{name: value for name, value in row.items() if value} for row in rows]


def calls(house: House, endpoint: str) -> int:
    """How often Zoom was called so."""
    return sum(one["endpoint"] == endpoint for one in house.zoom.emulator.calls())


def test_a_registration_is_a_registrant_with_name_address_and_language_and_nothing_else(house: House) -> None:
    house.register(
        OLGA | {"language": "ru", "organisation": "Example Mission", "country": "UA", "needs": "step-free access"}
    )
    (told,) = what_zoom_was_told(house)
    assert told == {"email": "olga@mission.example.org", "first_name": "Olga Petrenko", "language": "ru-RU"}


def test_whom_zoom_added_without_an_answer_is_found_and_not_added_twice(house: House) -> None:
    house.look_at(SESSION)
    house.zoom.emulator.inject(Fault(kind="drop", endpoint="add-registrant", committed=True))
    envelope = house.register(OLGA)
    assert house.kinds() == []
    house.go_on(envelope)
    assert house.kinds() == ["invitation"]
    assert (len(house.at_zoom(SESSION)), calls(house, "add-registrant")) == (1, 1)


def test_a_batch_whose_answer_was_lost_is_looked_for_and_nobody_is_added_twice(house: House) -> None:
    who_wait(house, a_crowd(7))
    house.zoom.emulator.inject(Fault(kind="drop", endpoint="batch-registrants", committed=True))
    house.tend_all()
    assert house.kinds() == ["invitation"] * 7
    assert len(house.at_zoom(SESSION)) == 7
    assert (calls(house, "batch-registrants"), calls(house, "add-registrant")) == (1, 0)


def test_many_who_wait_are_added_in_batches_of_thirty(house: House) -> None:
    who_wait(house, a_crowd(62))
    house.tend_all()
    assert house.kinds() == ["invitation"] * 62
    assert len({one["id"] for one in house.at_zoom(SESSION, "approved")}) == 62
    assert (calls(house, "batch-registrants"), calls(house, "add-registrant")) == (2, 2)


def test_a_few_are_added_one_by_one_with_their_language(house: House) -> None:
    who_wait(house, a_crowd(3))
    house.tend_all()
    assert [one["language"] for one in what_zoom_was_told(house)] == ["en-US"] * 3
    assert calls(house, "batch-registrants") == 0


def test_one_whom_zoom_refuses_keeps_no_neighbour_from_being_added(house: House) -> None:
    crowd = a_crowd(6)
    crowd[2]["email"] = f"{'x' * 64}@{'long-domain.' * 6}example.org"
    who_wait(house, crowd)
    house.tend_all()
    assert house.kinds() == ["invitation"] * 5
    assert [(one.held, one.reason) for one in house.registrants() if one.held] == [(True, "address-too-long-for-zoom")]


def test_capacity_reached_in_the_middle_of_a_batch_lets_in_as_many_as_there_is_room_for(house: House) -> None:
    house.zoom.emulator.configure(webinar_capacity=7)
    who_wait(house, a_crowd(12))
    house.tend_all()
    assert house.kinds() == ["invitation"] * 7
    assert len(house.at_zoom(SESSION)) == 7
    assert house.zoom_event(SESSION).reason == "zoom-3000-full"
    house.zoom.emulator.configure(webinar_capacity=100)
    house.retry_now()
    house.tend_all()
    assert house.kinds() == ["invitation"] * 12
    assert len({one["email"] for one in house.at_zoom(SESSION, "approved")}) == len(house.at_zoom(SESSION)) == 12


def test_where_zoom_wants_approval_ours_are_approved_and_strangers_are_left(house: House) -> None:
    house.zoom.emulator.change(house.number(SESSION), {"settings": {"approval_type": 1}})
    house.visit_zoom(SESSION)
    house.register(OLGA)
    assert house.kinds() == ["invitation"]
    assert [(one["email"], one["status"]) for one in house.at_zoom(SESSION)] == [
        ("robin@ngo.example.org", "pending"),
        ("olga@mission.example.org", "approved"),
    ]


def test_who_withdraws_is_cancelled_at_zoom_and_who_comes_back_is_approved_again(house: House) -> None:
    house.register(OLGA)
    (before,) = house.at_zoom(SESSION)
    house.withdraw("olga@mission.example.org")
    assert [one["status"] for one in house.at_zoom(SESSION)] == ["denied"]
    house.register(OLGA)
    (after,) = house.at_zoom(SESSION)
    assert (after["id"], after["status"]) == (before["id"], "approved")
    assert house.kinds() == ["invitation", "withdrawal", "invitation"]


def test_who_withdraws_before_zoom_was_reached_is_never_added(house: House) -> None:
    with house.zoom_away():
        house.register(OLGA)
    house.withdraw("olga@mission.example.org")
    house.retry_now()
    house.tend_all()
    assert house.at_zoom(SESSION) == []
    assert house.events_with_work() == []


def test_whom_the_host_has_denied_is_held_for_a_person(house: House) -> None:
    house.visit_zoom(SESSION, email="olga@mission.example.org")
    house.zoom.emulator.act(house.number(SESSION), "deny", "olga@mission.example.org")
    envelope = house.register(OLGA)
    house.go_on(envelope)
    assert house.kinds() == []
    (row,) = house.registrants()
    assert (row.held, row.reason) == (True, "zoom-denied-there")


def test_a_fourth_addition_on_one_day_waits_until_midnight_utc_and_goes_on_by_itself(house: House) -> None:
    too_often = Fault(kind="case", case="rate_same_registrant", headers=False, endpoint="add-registrant", skip=3)
    house.zoom.emulator.inject(too_often)
    sessions = ["protecting-children", "demand-research-launch", "cedaw-gr38", "day-1"]
    house.register(OLGA | {"sessions": sessions})
    assert sorted(house.kinds()) == ["confirmation", *["invitation"] * 3]
    (waiting,) = [one for one in house.registrants() if one.status != "approved"]
    assert (waiting.due_at, waiting.reason) == (datetime(2021, 6, 2, tzinfo=UTC), "zoom-429-person-per-day")
    house.retry_now()
    assert house.events_with_work() == []
    house.at("2021-06-02T02:00:01+02:00")
    house.tend_all()
    assert sorted(house.kinds()) == ["confirmation", *["invitation"] * 4]


@pytest.mark.parametrize("headers", [True, False])
def test_too_many_calls_a_second_are_waited_for_with_and_without_headers(house: House, *, headers: bool) -> None:
    house.zoom.emulator.inject(Fault(kind="case", case="rate_per_second", headers=headers, endpoint="add-registrant"))
    envelope = house.register(OLGA)
    house.go_on(envelope)
    assert house.kinds() == ["invitation"]
    assert len(house.at_zoom(SESSION)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=500, endpoint="add-registrant"),
        Fault(kind="html", status=502, endpoint="add-registrant"),
        Fault(kind="html", status=200, endpoint="add-registrant"),
        Fault(kind="html", status=200, endpoint="add-registrant", committed=True),
        Fault(kind="error-200", case="no_permission", endpoint="add-registrant"),
        Fault(kind="drop", endpoint="list-registrants", times=3),
        Fault(kind="case", case="token_expired", endpoint="add-registrant"),
        Fault(kind="case", case="scope_missing", endpoint="add-registrant", times=3),
        Fault(kind="case", case="webinar_missing", endpoint="get-event"),
        Fault(kind="case", case="webinar_full_batch", endpoint="add-registrant"),
        Fault(kind="case", case="event_is_over", endpoint="add-registrant"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status or fault.case}-{fault.endpoint}-{fault.committed}",
)
def test_after_a_fault_there_is_one_registrant_and_one_invitation(house: House, fault: Fault) -> None:
    house.zoom.emulator.inject(fault)
    envelope = house.register(OLGA)
    house.zoom.emulator.forget(faults=True)
    for _ in range(2):
        house.go_on(envelope)
    assert (house.kinds(), len(house.at_zoom(SESSION, "approved"))) == (["invitation"], 1)


def test_an_unknown_error_is_shown_with_zooms_tracking_id_and_can_be_asked_again(house: House) -> None:
    fault = house.zoom.emulator.inject(
        Fault(kind="case", case="validation_failed", endpoint="add-registrant", times=None)
    )
    house.register(OLGA)
    (row,) = house.registrants()
    assert (row.held, row.reason) == (True, "zoom-300-invalid")
    assert row.tracking_id
    house.zoom.emulator.forget(fault=fault)
    with house.toolbox.database.write() as session:
        assert registrants.free(session, [row.id]) == 1
    house.tend_all()
    assert house.kinds() == ["invitation"]


def test_zooms_own_mails_are_switched_off_and_stay_off(house: House) -> None:
    number = house.number(SESSION)
    assert house.zoom.emulator.event(number)["settings"]["registrants_email_notification"]
    assert house.look_at(SESSION).differences == []
    house.zoom.emulator.change(number, {"settings": {"registrants_confirmation_email": True}})
    house.hear(account="odihr-pl")
    row = house.look_at(SESSION)
    assert [(one["code"], one["severity"]) for one in row.differences] == [("mails-were-on", "alarm")]
    assert not house.zoom.emulator.event(number)["settings"]["registrants_confirmation_email"]
    house.hear(account="odihr-pl")  # our own change that comes back
    assert [one["code"] for one in house.look_at(SESSION).differences] == ["mails-were-on"]


def test_what_differs_at_zoom_is_noted_for_the_secretariat(house: House) -> None:
    house.zoom.emulator.change(
        house.number(SESSION), {"start_time": "2021-06-15T17:00:00Z", "settings": {"language_interpretation": {}}}
    )
    found = {one["code"]: one["severity"] for one in house.look_at(SESSION).differences}
    assert found == {"time": "alarm", "interpretation-off": "alarm"}


def test_an_event_that_zoom_does_not_have_is_said_and_looked_for_again(house: House) -> None:
    with house.toolbox.database.write() as session:
        session.execute(update(ZoomEventRow).where(ZoomEventRow.session == SESSION).values(account="osce-org"))
    house.register(OLGA)
    row = house.zoom_event(SESSION)
    assert (row.state, row.reason) == ("stopped", "zoom-event-not-found")
    assert house.kinds() == []
    with house.toolbox.database.write() as session:
        session.execute(update(ZoomEventRow).where(ZoomEventRow.session == SESSION).values(account="odihr-pl"))
    house.retry_now()
    house.tend_all()
    assert house.kinds() == ["invitation"]


def test_an_account_that_is_not_configured_is_said(tmp_path: Path, database_url: str) -> None:
    with a_house(tmp_path, database_url, zoom_accounts={}, zoom_emulator="off") as house:
        house.register(OLGA)
        row = house.zoom_event(SESSION)
        assert (row.state, row.reason) == ("stopped", "zoom-account-not-configured")


def test_who_wants_an_alias_is_known_to_zoom_by_it_and_by_an_address_of_ours(house: House) -> None:
    house.register(OLGA | {"alias": "Blue Heron"})
    (registrant,) = house.at_zoom(SESSION)
    assert registrant["first_name"] == "Blue Heron"
    name, _, domain = registrant["email"].partition("@")
    assert (name[:2], len(name), domain) == ("p-", 28, "join.convenor.example.org")
    assert house.mail[0].message["To"] == "Olga Petrenko <olga@mission.example.org>"


def test_an_alias_stays_the_same_when_zoom_has_to_be_asked_again(house: House) -> None:
    house.zoom.emulator.inject(Fault(kind="drop", endpoint="add-registrant", committed=True))
    envelope = house.register(OLGA | {"alias": "Blue Heron"})
    house.go_on(envelope)
    assert len(house.at_zoom(SESSION)) == 1
    assert house.kinds() == ["invitation"]


def test_where_a_session_forbids_aliases_nothing_is_told_to_zoom_and_a_person_must_look(
    tmp_path: Path, database_url: str
) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "named.yaml").write_text(NAMES_ONLY, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["evening"], "alias": "Blue Heron"}, conference="named")
        (row,) = house.registrants()
        assert (row.held, row.reason, house.kinds()) == (True, "alias-not-allowed", [])
        assert house.zoom.emulator.registrants(house.number("evening", "named")) == []


NAMES_ONLY = """\
id: named
title: A conference with names
starts: 2021-10-30
ends: 2021-10-31
languages: [en]
sessions:
  - id: evening
    title: An evening with names
    date: 2021-10-30
    start: 18:00
    end: 19:00
    aliases: false
    zoom: {account: osce-org}
"""


def test_only_one_at_a_time_speaks_with_zoom_about_an_event(house: House) -> None:
    with house.zoom_away():
        house.register(OLGA)
    house.retry_now()
    event, now = house.zoom_event(SESSION).id, house.toolbox.clock.machine_now()
    with house.toolbox.database.write() as session:
        assert zoom_events.lease(session, event, "somebody else", now, now + timedelta(minutes=1)) is not None
    asked = house.asked_of_zoom()
    tended = stage.Tended()
    stage.tend(house.toolbox, event, tended)
    assert tended.participants == []
    assert house.asked_of_zoom() == asked


def test_what_a_killed_worker_held_is_free_again(house: House) -> None:
    event, now = house.zoom_event(SESSION).id, house.toolbox.clock.machine_now()
    gone = identity().rpartition("/")[0] + "/0"
    with house.toolbox.database.write() as session:
        zoom_events.lease(session, event, gone, now, now + timedelta(minutes=1))
    with house.toolbox.database.write() as session:
        assert zoom_events.holders(session) == [gone]
        assert zoom_events.rescue(session, [gone]) == 1
    house.register(OLGA)
    assert house.kinds() == ["invitation"]


def test_when_a_session_is_over_nothing_more_is_wanted_of_zoom(house: House) -> None:
    with house.zoom_away():
        house.register(OLGA)
    house.at("2021-06-15T19:30:00+02:00")
    house.retry_now()
    house.tend_all()
    assert house.at_zoom(SESSION) == []
    with house.toolbox.database.read() as session:
        place = session.get(RegistrationRow, house.registrants()[0].registration_id)
        assert place is not None
        assert place.link == "none"
    assert house.events_with_work() == []


def test_who_registered_at_zoom_before_we_looked_comes_in_when_the_event_is_found(house: House) -> None:
    house.visit_zoom(SESSION)
    house.tend_all()
    assert house.kinds() == ["invitation"]
    assert house.mail[0].message["To"] == "Robin Quill <robin@ngo.example.org>"


def test_when_the_programme_names_another_event_everybody_is_added_there_and_keeps_the_join_page(house: House) -> None:
    house.register(OLGA)
    other = house.zoom.emulator.create(
        "odihr-pl", "webinar", {"topic": "The same, made anew", "start_time": "2021-06-15T16:00:00Z", "duration": 90,
                                "settings": {"approval_type": 0}},
    )  # fmt: skip
    programme = load_programmes(house.toolbox.settings.conferences)["alliance-2021"]
    planned = programme.session(SESSION)
    assert planned is not None
    assert planned.zoom is not None
    named = planned.model_copy(update={"zoom": planned.zoom.model_copy(update={"event": other})})
    with house.toolbox.database.write() as session:
        zoom_events.follow_programme(session, zoom_event_of(programme, named), house.toolbox.clock.machine_now())
    with house.toolbox.database.read() as session:
        assert not registrants.leads_to_zoom(session, house.registrants()[0].registration_id or "")
    house.tend_all()
    assert [one["email"] for one in house.zoom.emulator.registrants(other)] == ["olga@mission.example.org"]
    assert house.kinds() == ["invitation"]
    with house.toolbox.database.read() as session:
        assert registrants.leads_to_zoom(session, house.registrants()[0].registration_id or "")


def test_within_a_turn_the_list_is_read_once_for_many_rounds(house: House) -> None:
    who_wait(house, a_crowd(62))
    before = calls(house, "list-registrants")
    house.tend_event(house.zoom_event(SESSION).id)
    assert len(house.at_zoom(SESSION, "approved")) == 62
    # Once for the comparison of an event that is found for the first time, in its three statuses.
    assert calls(house, "list-registrants") - before <= 3 + 3
