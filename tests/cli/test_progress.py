"""What a rehearsal waits for before it lets time go on."""

from cli.progress import unsettled
from tests.house import OLGA, House
from web.zoom_emulator.faults import Fault

SESSION = "protecting-children"
HERE = OLGA | {"sessions": [SESSION]}


def waiting(house: House) -> dict[str, int]:
    """What still waits now."""
    return unsettled(house.toolbox, house.toolbox.clock.now())


def test_nobody_waits_for_a_zoom_event_about_which_there_is_nothing_to_say(house: House) -> None:
    house.register(HERE)
    assert waiting(house) == {}


def test_a_link_that_zoom_did_not_give_is_waited_for_until_it_is_asked_again(house: House) -> None:
    with house.zoom_away():
        house.register(HERE)
        assert (house.kinds(), waiting(house)) == ([], {"zoom events": 1})
    house.retry_now()
    house.tend_all()
    assert (house.kinds(), waiting(house)) == (["invitation"], {})


def test_a_link_for_which_another_day_must_come_is_waited_for_when_that_has_come(house: House) -> None:
    house.zoom.emulator.inject(Fault(kind="case", case="rate_daily", endpoint="list-registrants"))
    house.register(HERE)
    assert (house.kinds(), waiting(house)) == ([], {})
    house.at("2021-06-02T02:00:01+02:00")
    house.retry_now()
    assert waiting(house) == {"zoom events": 1}


def test_whom_a_person_must_look_after_nobody_waits_for(house: House) -> None:
    house.zoom.emulator.inject(Fault(kind="case", case="host_cannot_register", endpoint="add-registrant"))
    house.register(HERE)
    assert ([one.held for one in house.registrants()], waiting(house)) == ([True], {})


def test_an_event_that_a_person_must_look_after_nobody_waits_for(house: House) -> None:
    house.zoom.emulator.inject(Fault(kind="case", case="no_permission", endpoint="list-registrants"))
    house.register(HERE)
    assert (house.zoom_event(SESSION).state, waiting(house)) == ("stopped", {})
