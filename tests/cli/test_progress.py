"""What a rehearsal waits for before it lets time go on."""

import pytest

from cli.progress import unsettled
from tests.house import OLGA, House
from web.zoom_emulator.faults import Fault

SESSION = "protecting-children"
HERE = OLGA | {"sessions": [SESSION]}


@pytest.fixture
def known(house: House) -> House:
    """A house that knows the session's Zoom event, and has heard everything."""
    house.look_at(SESSION)
    house.hear()
    return house


def waiting(house: House) -> dict[str, int]:
    """What still waits now."""
    return unsettled(house.toolbox, house.toolbox.clock.now())


def test_nobody_waits_for_a_zoom_event_about_which_there_is_nothing_to_say(known: House) -> None:
    known.register(HERE)
    assert waiting(known) == {}


def test_a_link_that_zoom_did_not_give_is_waited_for_until_it_is_asked_again(known: House) -> None:
    with known.zoom_away():
        known.register(HERE)
        assert (known.kinds(), waiting(known)) == ([], {"zoom events": 1})
    known.retry_now()
    known.tend_all()
    assert (known.kinds(), waiting(known)) == (["invitation"], {})


def test_a_link_for_which_another_day_must_come_is_waited_for_when_that_has_come(known: House) -> None:
    known.zoom.emulator.inject(Fault(kind="case", case="rate_daily", endpoint="list-registrants"))
    known.register(HERE)
    assert (known.kinds(), waiting(known)) == ([], {})
    known.at("2021-06-02T02:00:01+02:00")
    known.retry_now()
    assert waiting(known) == {"zoom events": 1}


def test_whom_a_person_must_look_after_nobody_waits_for(known: House) -> None:
    known.zoom.emulator.inject(Fault(kind="case", case="host_cannot_register", endpoint="add-registrant"))
    known.register(HERE)
    assert ([one.held for one in known.registrants()], waiting(known)) == ([True], {})


def test_an_event_that_a_person_must_look_after_nobody_waits_for(known: House) -> None:
    known.zoom.emulator.inject(Fault(kind="case", case="no_permission", endpoint="list-registrants"))
    known.register(HERE)
    assert (known.zoom_event(SESSION).state, waiting(known)) == ("stopped", {})
