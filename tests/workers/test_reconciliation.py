"""What Zoom's webhooks lost is found at night, in both directions."""

import pytest

from tests.house import OLGA, House

SESSION = "protecting-children"
NIGHT = "2021-06-02T03:30:00+02:00"


@pytest.fixture
def looked_after(house: House) -> House:
    """A house that knows the session's Zoom event."""
    house.look_at(SESSION)
    return house


def a_night_passes(house: House) -> None:
    """Everything that is due at half past three is done."""
    house.at(NIGHT)
    house.tend_all()


def test_whom_zoom_has_and_we_do_not_is_registered(looked_after: House) -> None:
    house = looked_after
    house.visit_zoom(SESSION)
    a_night_passes(house)
    assert house.kinds() == ["invitation"]
    assert house.mail[0].message["To"] == "Robin Quill <robin@ngo.example.org>"
    report = {name: value for name, value in house.zoom_event(SESSION).report.items() if name != "at"}
    assert report == {"at_zoom": 1, "here": 0, "unknown_here": 1, "pending_at_zoom": 0, "cancelled_at_zoom": 0,
                      "missing_at_zoom": 0, "left_alone": 0}  # fmt: skip


def test_who_waits_for_approval_there_is_only_counted(looked_after: House) -> None:
    house = looked_after
    house.zoom.emulator.change(house.number(SESSION), {"settings": {"approval_type": 1}})
    house.visit_zoom(SESSION)
    a_night_passes(house)
    assert house.kinds() == []
    assert house.zoom_event(SESSION).report["pending_at_zoom"] == 1


def test_who_was_cancelled_there_is_withdrawn_here(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    house.zoom.emulator.act(house.number(SESSION), "cancel", "olga@mission.example.org")
    a_night_passes(house)
    assert house.kinds() == ["invitation", "withdrawal"]


def test_whom_zoom_has_lost_is_added_again_under_the_same_join_page(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    with house.zoom.emulator.working() as work:
        work.run("DELETE FROM registrants")
    a_night_passes(house)
    house.tend_all()
    assert len(house.at_zoom(SESSION, "approved")) == 1
    assert house.kinds() == ["invitation"]
    assert house.zoom_event(SESSION).report["missing_at_zoom"] == 1


def test_where_very_many_are_missing_nothing_is_done_and_it_is_said(looked_after: House) -> None:
    house = looked_after
    for one in range(8):
        house.register(OLGA | {"email": f"person{one}@ngo.example.org", "sessions": [SESSION]})
    with house.zoom.emulator.working() as work:
        work.run("DELETE FROM registrants")
    a_night_passes(house)
    assert house.at_zoom(SESSION) == []
    report = house.zoom_event(SESSION).report
    assert (report["missing_at_zoom"], report["left_alone"]) == (8, 8)
    assert all(row.status == "approved" for row in house.registrants())


def test_where_both_agree_nothing_happens_and_the_next_night_is_awaited(looked_after: House) -> None:
    house = looked_after
    house.register(OLGA | {"sessions": [SESSION]})
    a_night_passes(house)
    row = house.zoom_event(SESSION)
    assert house.kinds() == ["invitation"]
    assert row.reconcile_at is not None
    assert row.reconcile_at.isoformat() == "2021-06-03T01:30:00+00:00"
    asked = house.asked_of_zoom()
    house.tend_all()
    assert house.asked_of_zoom() == asked


def test_the_same_finding_on_another_night_is_not_told_again(looked_after: House) -> None:
    house = looked_after
    house.visit_zoom(SESSION)
    a_night_passes(house)
    house.withdraw("robin@ngo.example.org")
    house.at("2021-06-03T03:30:00+02:00")
    house.tend_all()
    assert house.kinds() == ["invitation", "withdrawal"]
