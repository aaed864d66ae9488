"""Another alias, or none any more, reaches Zoom also where it knows somebody already."""

from typing import Any

import pytest

from adapters.database import registrants, registrations
from adapters.database.tables import RegistrantRow, RegistrationRow
from tests.house import OLGA, House

SESSION = "survivor-voices"
MAIL = "olga@mission.example.org"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the rows are moved alike on both


def say(house: House, **said: Any) -> None:
    house.register({"email": MAIL} | said, kind="registration.preferences", source="self-service")
    house.tend_all()


def there(house: House) -> list[tuple[str, bool]]:
    """Who is let in at Zoom: the name, and whether under their own address."""
    return [(one["first_name"], one["email"] == MAIL) for one in house.at_zoom(SESSION, "approved")]


def link(house: House) -> str | None:
    """Where the join page leads."""
    with house.toolbox.database.read() as session:
        (place,) = session.query(RegistrationRow)
        return registrations.join_link(place, house.toolbox.vault)


def test_who_is_there_by_name_is_there_by_the_alias_alone_when_they_choose_one(house: House) -> None:
    house.register(OLGA)
    before = link(house)
    say(house, alias="Blue Heron")
    assert there(house) == [("Blue Heron", False)]
    assert link(house) not in {before, None}
    assert house.kinds() == ["invitation"]
    assert house.events_with_work() == []


def test_an_alias_is_changed_and_taken_back_and_zoom_knows_one_person(house: House) -> None:
    house.register(OLGA | {"alias": "Blue Heron"})
    say(house, alias="Grey Heron")
    assert there(house) == [("Grey Heron", False)]
    say(house, alias=None)
    assert there(house) == [("Olga Petrenko", True)]
    say(house, alias="Grey Heron")
    say(house, alias=None)
    assert there(house) == [("Olga Petrenko", True)]


def test_the_same_alias_again_changes_nothing_at_zoom(house: House) -> None:
    house.register(OLGA | {"alias": "Blue Heron"})
    before = house.at_zoom(SESSION)
    house.register(OLGA | {"alias": "Blue Heron"})
    say(house, alias="Blue Heron", language="fr")
    assert house.at_zoom(SESSION) == before


def test_who_chooses_an_alias_while_withdrawn_comes_back_by_it(house: House) -> None:
    house.register(OLGA)
    house.withdraw(MAIL)
    say(house, alias="Blue Heron")
    house.register(OLGA)
    house.tend_all()
    assert there(house) == [("Blue Heron", False)]


def test_what_zoom_still_tells_of_the_name_before_brings_it_not_back(house: House) -> None:
    house.register(OLGA)
    say(house, alias="Blue Heron")
    assert house.hear(account="odihr-pl")
    house.tend_all()
    house.at("2021-06-02T03:30:00+02:00")
    house.tend_all()
    assert there(house) == [("Blue Heron", False)]
    assert house.kinds() == ["invitation"]


def test_who_is_still_to_be_cancelled_is_not_taken_for_somebody_who_has_come_by_zooms_page(house: House) -> None:
    house.register(OLGA)
    with house.toolbox.database.write() as session:
        row = session.query(RegistrantRow).one()
        registrants.part(session, row, house.toolbox.clock.machine_now())
        row.held = True  # as a refusal of Zoom's does that a person must look at
    report = house.look_at(SESSION).report
    assert (report["unknown_here"], [one.desired for one in house.registrants()]) == (0, ["cancelled"])
