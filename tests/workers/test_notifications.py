"""What somebody does at Zoom is done here too: once, in the right order, and never in a circle."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.database import registrants
from adapters.database.tables import AttendanceRow, RegistrationRow
from tests.house import OLGA, House, a_house

SESSION = "protecting-children"
RECORDED = """\
id: recorded
title: A conference that keeps attendance
starts: 2021-10-30
ends: 2021-10-31
languages: [en]
sessions:
  - id: evening
    title: An evening
    date: 2021-10-30
    start: 18:00
    end: 19:00
    zoom: {account: osce-org, record_attendance: true}
"""


@pytest.fixture
def looked_after(house: House) -> House:
    """A house that knows the session's Zoom event."""
    house.look_at(SESSION)
    house.hear()
    return house


def test_who_registers_on_zooms_page_becomes_a_participant_with_zooms_link(looked_after: House) -> None:
    house = looked_after
    house.visit_zoom(SESSION)
    house.hear()
    assert house.kinds() == ["invitation"]
    (mail,) = house.mail
    assert mail.message["To"] == "Robin Quill <robin@ngo.example.org>"
    assert len(house.at_zoom(SESSION)) == 1
    assert not [one for one in house.zoom.emulator.calls() if one["endpoint"] == "add-registrant"]
    (row,) = house.registrants()
    assert (row.desired, row.status) == ("approved", "approved")


def test_our_own_addition_that_comes_back_changes_nothing(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    (envelope,) = house.hear()
    assert house.envelope(envelope).state == "accepted"
    assert house.kinds() == ["invitation"]
    assert len(house.registrants()) == 1


def test_an_alias_that_comes_back_makes_no_second_participant(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION], "alias": "Blue Heron"})
    house.hear()
    assert house.kinds() == ["invitation"]
    assert len(house.registrants()) == 1


def test_our_own_cancellation_that_comes_back_changes_nothing(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    house.withdraw("olga@mission.example.org")
    house.hear()
    assert house.kinds() == ["invitation", "withdrawal"]


def test_a_notification_with_another_kind_of_number_is_the_same_notification(looked_after: House) -> None:
    house = looked_after
    house.visit_zoom(SESSION)
    body = json.loads(house.zoom.emulator.notifications()[-1]["body"])
    for number in (int(body["payload"]["object"]["id"]), str(body["payload"]["object"]["id"])):
        body["payload"]["object"]["id"] = number
        house.notified(json.dumps(body))
    assert house.kinds() == ["invitation"]


def test_who_is_cancelled_at_zoom_is_withdrawn_here_and_told(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    house.hear()
    house.zoom.emulator.act(house.number(SESSION), "cancel", "olga@mission.example.org")
    house.at("2021-06-02T10:00:00+02:00")
    house.hear()
    assert house.kinds() == ["invitation", "withdrawal"]
    assert house.mail[1].calendar is not None
    (row,) = house.registrants()
    assert (row.status, row.denied_by) == ("denied", "zoom")


def test_who_cancelled_at_zoom_and_registers_here_again_is_back(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    house.zoom.emulator.act(house.number(SESSION), "cancel", "olga@mission.example.org")
    house.hear()
    house.register(OLGA | {"sessions": [SESSION]})
    assert house.kinds() == ["invitation", "withdrawal", "invitation"]
    assert [one["status"] for one in house.at_zoom(SESSION)] == ["approved"]


def test_a_cancellation_that_overtakes_the_registration_wins(looked_after: House) -> None:
    house = looked_after
    house.visit_zoom(SESSION)
    house.at("2021-06-01T09:31:00+02:00")
    house.zoom.emulator.act(house.number(SESSION), "cancel", "robin@ngo.example.org")
    house.hear(backwards=True)
    assert house.kinds() == []
    with house.toolbox.database.read() as session:
        assert session.scalars(select(RegistrationRow)).all() == []


def test_a_stranger_who_waits_for_approval_is_nobody_here_until_approved(looked_after: House) -> None:
    house = looked_after
    house.zoom.emulator.change(house.number(SESSION), {"settings": {"approval_type": 1}})
    house.visit_zoom(SESSION)
    house.hear()
    assert house.kinds() == []
    (row,) = house.registrants()
    assert (row.registration_id, row.status) == (None, "pending")
    house.at("2021-06-01T09:40:00+02:00")
    house.zoom.emulator.act(house.number(SESSION), "approve", "robin@ngo.example.org")
    house.hear()
    assert house.kinds() == ["invitation"]


def test_who_is_denied_by_the_host_is_withdrawn_and_held_when_coming_back(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    house.at("2021-06-01T09:40:00+02:00")
    house.zoom.emulator.act(house.number(SESSION), "deny", "olga@mission.example.org")
    house.hear()
    house.register(OLGA | {"sessions": [SESSION]})
    (row,) = house.registrants()
    assert (row.held, row.reason) == (True, "zoom-denied-there")


def test_a_moved_event_is_read_again_and_compared(looked_after: House) -> None:
    house = looked_after
    assert house.look_at(SESSION).checked_at is not None
    house.zoom.emulator.change(house.number(SESSION), {"start_time": "2021-06-14T16:30:00Z"})
    house.hear()
    assert house.zoom_event(SESSION).checked_at is None
    assert [one["code"] for one in house.look_at(SESSION).differences] == ["time"]


def test_a_deleted_event_is_said(looked_after: House) -> None:
    house = looked_after
    house.zoom.emulator.act(house.number(SESSION), "delete")
    house.hear()
    row = house.look_at(SESSION)
    assert (row.state, row.reason) == ("stopped", "zoom-3001-no-event")


def test_a_webinar_that_became_a_meeting_is_a_meeting_from_then_on(looked_after: House) -> None:
    house = looked_after
    house.zoom.emulator.act(house.number(SESSION), "convert")
    house.hear()
    row = house.look_at(SESSION)
    assert (row.kind, row.state, [one["code"] for one in row.differences]) == ("meeting", "ready", ["kind"])
    house.register(OLGA | {"sessions": [SESSION]})
    assert house.kinds() == ["invitation"]


def test_when_the_host_starts_and_ends_it_is_kept(looked_after: House) -> None:
    house = looked_after
    house.at("2021-06-14T17:58:00+02:00")
    house.zoom.emulator.act(house.number(SESSION), "start")
    house.at("2021-06-14T19:03:00+02:00")
    house.zoom.emulator.act(house.number(SESSION), "end")
    house.hear()
    row = house.zoom_event(SESSION)
    assert row.started_at is not None
    assert row.ended_at is not None
    assert (row.started_at.isoformat(), row.ended_at.isoformat()) == (
        "2021-06-14T15:58:00+00:00",
        "2021-06-14T17:03:00+00:00",
    )


def test_who_came_is_not_kept_where_the_programme_does_not_say_so(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    house.zoom.emulator.act(house.number(SESSION), "join", "olga@mission.example.org")
    house.hear()
    with house.toolbox.database.read() as session:
        assert session.scalars(select(AttendanceRow)).all() == []


def test_who_came_and_left_is_kept_by_registrant_where_the_programme_says_so(tmp_path: Path, database_url: str) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "recorded.yaml").write_text(RECORDED, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="recorded")
        number = house.number("evening", "recorded")
        for at, what in (("18:00:40", "join"), ("18:20:00", "leave"), ("18:25:00", "join"), ("19:00:05", "leave")):
            house.at(f"2021-10-30T{at}+02:00")
            house.zoom.emulator.act(number, what, "olga@mission.example.org")
        house.hear()
        house.hear()
        with house.toolbox.database.read() as session:
            rows = session.scalars(select(AttendanceRow).order_by(AttendanceRow.joined_at)).all()
        assert [
            (row.joined_at.strftime("%H:%M:%S"), row.left_at and row.left_at.strftime("%H:%M:%S")) for row in rows
        ] == [
            ("16:00:40", "16:20:00"),
            ("16:25:00", "17:00:05"),
        ]


def test_how_many_came_is_counted_by_people_not_by_stays(tmp_path: Path, database_url: str) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "recorded.yaml").write_text(RECORDED, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="recorded")
        for second in ("10", "20"):
            house.at(f"2021-10-30T18:00:{second}+02:00")
            house.zoom.emulator.act(house.number("evening", "recorded"), "join", "olga@mission.example.org")
        house.hear()
        with house.toolbox.database.read() as session:
            assert list(registrants.came(session).values()) == [1]


def test_what_is_of_no_session_of_ours_is_not_kept(looked_after: House) -> None:
    house = looked_after
    other = house.zoom.emulator.create(
        "osce-org", "webinar", {"topic": "Another", "start_time": "2021-06-20T10:00:00Z", "duration": 60,
                                "settings": {"approval_type": 0}},
    )  # fmt: skip
    house.hear()
    page = house.zoom.emulator.event(other)["registration_url"]
    import httpx2  # noqa: PLC0415

    httpx2.post(page, data={"first_name": "A", "last_name": "Stranger", "email": "stranger@ngo.example.org"})
    (envelope,) = house.hear()
    assert (house.envelope(envelope).state, house.envelope(envelope).sealed_body) == ("accepted", b"")


def test_an_app_that_is_no_longer_allowed_stops_every_event_of_its_account(looked_after: House) -> None:
    house = looked_after
    house.zoom.emulator.act_on_account("osce-org", "deauthorize")
    house.hear()
    row = house.zoom_event(SESSION)
    assert (row.state, row.reason) == ("stopped", "zoom-app-deauthorized")


def test_what_cannot_be_read_is_kept_with_its_reason(looked_after: House) -> None:
    envelope = looked_after.notified('{"event": "webinar.registration_created", "event_ts": 1}')
    assert looked_after.envelope(envelope).state == "rejected"
