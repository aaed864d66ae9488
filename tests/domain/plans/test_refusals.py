"""Changes that cannot be applied while people are registered."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.plans.changes import session_changes
from domain.plans.decisions import Person
from domain.plans.refusals import refused
from domain.telling import Place
from tests.domain.plans.test_changes import EVENING, OPEN, programme
from tests.domain.plans.test_effects import ENGLISH, INVITED

HYBRID = EVENING | {"format": "hybrid"}
IN_THE_ROOM = replace(INVITED, attendance="in-person")


def why(before: dict[str, Any], after: dict[str, Any] | None, *places: Place) -> list[tuple[str, int]]:
    """Why the change is refused, with how many people it concerns."""
    old, new = programme(before, OPEN), programme(*filter(None, (after, OPEN)))
    return [(one.why, one.people) for one in refused(session_changes(old, new), people(places), new)]


def people(places: Sequence[Place]) -> list[Person]:
    return [
        Person(f"par_{number}", ENGLISH, {"evening": place}, {}, {}, (), frozenset())
        for number, place in enumerate(places)
    ]


def test_a_session_with_people_is_neither_taken_out_nor_left_without_its_hours() -> None:
    still_open = EVENING | {"unconfirmed": "the hour"}
    gone = replace(INVITED, state="withdrawn")
    assert why(EVENING, None, INVITED, gone) == [("removed", 1)]
    assert why(EVENING, still_open, INVITED, INVITED) == [("unconfirmed", 2)]
    assert why(EVENING, still_open | {"cancelled": True}, INVITED) == [("without-hours", 1)]
    assert why(EVENING | {"cancelled": True}, still_open | {"cancelled": True}, INVITED) == []
    assert why(EVENING, None, gone) == []


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"places": 3}, []),
        ({"places": 2}, [("too-few-places", 3)]),
        ({"approval": True}, [("not-for-everybody", 2)]),
        ({"eligible": {"at_once": {"countries": ["AT"]}}}, [("not-for-everybody", 2)]),
        ({}, []),
    ],
)
def test_nobody_is_moved_into_a_room_that_is_too_small_or_not_for_them(
    terms: dict[str, Any], expected: list[tuple[str, int]]
) -> None:
    before = HYBRID | {"admission": {"in_person": terms}}
    places = (IN_THE_ROOM, INVITED, INVITED)
    assert why(before, before | {"format": "in-person"}, *places) == expected
    assert why(before, before | {"format": "online"}, *places) == []
    assert why(before, before | {"format": "in-person", "cancelled": True}, *places) == []


def test_of_who_waits_nobody_takes_a_place() -> None:
    before = HYBRID | {"admission": {"in_person": {"places": 1}}}
    waits = replace(IN_THE_ROOM, state="waitlisted", link="none", entry="none")
    assert why(before, before | {"format": "in-person"}, INVITED, waits) == []
