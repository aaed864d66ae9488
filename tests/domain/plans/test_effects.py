"""What a changed session does to one registration."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.plans.changes import session_changes
from domain.plans.effects import Versions, effect, is_past
from domain.telling import Place, Reader
from tests.domain.plans.test_changes import EVENING, OPEN, programme

INVITED = Place(
    session="evening", state="registered", attendance="online", interpretation=None, link="present", revision=3,
    told_revision=3, sequence=1, changes=(), entry="requested", told={"kept": True},
)  # fmt: skip
NOW = datetime(2021, 6, 14, 9, tzinfo=UTC)
ENGLISH = Reader("en", None, "standard")
HYBRID = EVENING | {"format": "hybrid"}


def left(
    before: dict[str, Any], after: dict[str, Any], place: Place = INVITED, reader: Reader = ENGLISH,
    others: frozenset[str] = frozenset(),
) -> Place:  # fmt: skip
    """The registration as the change leaves it."""
    versions = Versions(programme(before, OPEN), programme(after, OPEN), others)
    changes = session_changes(versions.before, versions.after)
    for change in changes:
        place = effect(change, place, reader, versions, NOW)
    return place


def news(before: dict[str, Any], after: dict[str, Any], *what: Any, **how: Any) -> tuple[tuple[str, ...], int]:
    """What is noted to be told, and by how much SEQUENCE rises."""
    found = left(before, after, *what, **how)
    return found.changes, found.sequence - INVITED.sequence


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"start": "18:30"}, (("moved",), 1)),
        ({"cancelled": True, "start": "18:30"}, (("cancelled",), 1)),
        ({"title": "A night"}, (("renamed",), 0)),
        ({"interpretation": ["ru"]}, (("languages",), 0)),
        ({"title": "A night", "start": "18:30"}, (("moved", "renamed"), 1)),
        ({"format": "hybrid"}, (("format", ), 1)),
        ({"link_in_letters": "zoom"}, (("link",), 1)),
        ({"place": "Another hall"}, ((), 0)),
        ({"convenors": ["Somebody"]}, ((), 0)),
    ],
)  # fmt: skip
def test_what_is_told_and_where_sequence_rises(after: dict[str, Any], expected: tuple[tuple[str, ...], int]) -> None:
    assert news(EVENING, EVENING | after) == expected


def test_the_room_is_told_to_who_comes_and_to_who_attends_online_beside_it() -> None:
    moved = HYBRID | {"place": "Another hall"}
    assert news(HYBRID, moved, replace(INVITED, attendance="in-person")) == (("place",), 1)
    assert news(HYBRID, moved) == (("place",), 0)


@pytest.mark.parametrize("state", ["withdrawn", "refused"])
def test_who_has_no_place_is_told_nothing(state: str) -> None:
    gone = replace(INVITED, state=state, link="none")
    assert left(EVENING, EVENING | {"cancelled": True}, gone) == gone


def test_who_waits_for_a_place_is_told_of_the_hour_and_not_of_a_title() -> None:
    waits = replace(INVITED, state="pending", link="none", entry="none")
    assert left(EVENING, EVENING | {"start": "18:30", "title": "A night"}, waits).changes == ("moved",)


OFFERED = replace(
    INVITED, state="offered", attendance="in-person", link="none", entry="none",
    offered_until=datetime(2021, 6, 14, 15, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"start": "18:30"}, ("offered", datetime(2021, 6, 14, 15, tzinfo=UTC))),
        ({"start": "17:00"}, ("offered", datetime(2021, 6, 14, 14, tzinfo=UTC))),
        ({"start": "12:00"}, ("waitlisted", None)),
        ({"cancelled": True}, ("waitlisted", None)),
        ({"title": "A night"}, ("offered", datetime(2021, 6, 14, 15, tzinfo=UTC))),
    ],
    ids=["later", "earlier", "begins-within-the-hour", "cancelled", "renamed"],
)
def test_no_offer_stands_longer_than_the_new_hour_allows(after: dict[str, Any], expected: tuple[str, Any]) -> None:
    """It closes an hour before the start; 18:00 in Vienna is 16:00 UTC."""
    found = left(HYBRID, HYBRID | after, OFFERED)
    assert (found.state, found.offered_until) == expected


def test_a_title_that_is_corrected_in_one_language_is_told_to_its_readers() -> None:
    french = {"translations": {"fr": {"title": "Une soirée"}}}
    corrected = {"translations": {"fr": {"title": "La soirée"}}}
    assert news(EVENING | french, EVENING | corrected)[0] == ()
    assert news(EVENING | french, EVENING | corrected, reader=Reader("fr", None, "standard"))[0] == ("renamed",)
    assert news(EVENING, EVENING | french, reader=Reader("fr", None, "standard"))[0] == ()


def test_who_was_in_the_room_of_what_is_online_only_gets_a_link_and_nobody_is_moved_back() -> None:
    comes = replace(INVITED, attendance="in-person", link="none")
    online = left(EVENING | {"format": "in-person"}, EVENING, comes)
    assert (online.attendance, online.link, online.changes) == ("online", "wanted", ("format",))
    assert left(EVENING, HYBRID).attendance == "online"


def test_behind_another_zoom_event_only_zooms_own_address_is_wanted_anew() -> None:
    other = {"zoom": {"account": "odihr-pl"}}
    behind = frozenset({"evening"})
    assert left(EVENING, EVENING | other, others=behind) == INVITED
    in_letters = EVENING | {"link_in_letters": "zoom"}
    found = left(in_letters, in_letters | other, others=behind)
    assert (found.link, found.changes, found.sequence) == ("wanted", ("link",), 2)


def test_of_a_session_that_is_over_nobody_is_told_but_of_one_that_was_moved_into_the_past() -> None:
    versions = Versions(programme(), programme(EVENING | {"title": "A night"}, OPEN), frozenset())
    (change,) = session_changes(versions.before, versions.after)
    assert is_past(change, versions, datetime(2021, 6, 15, tzinfo=UTC))
    moved = Versions(programme(EVENING | {"date": "2021-06-16"}, OPEN), programme(), frozenset())
    (change,) = session_changes(moved.before, moved.after)
    assert not is_past(change, moved, datetime(2021, 6, 15, tzinfo=UTC))
