"""Two versions of a programme compared."""

from typing import Any

import pytest

from domain.plans.changes import Kind, conference_changes, session_changes
from schemas.programme import Conference

EVENING: dict[str, Any] = {
    "id": "evening", "title": "An evening", "date": "2021-06-14", "start": "18:00", "end": "19:00",
    "zoom": {"account": "osce-org"},
}  # fmt: skip
OPEN: dict[str, Any] = {"id": "open", "title": "Still open", "unconfirmed": "no date yet"}


def programme(*sessions: dict[str, Any], **own: Any) -> Conference:
    return Conference.model_validate({
        "id": "small", "title": "A small conference", "starts": "2021-06-14", "ends": "2021-06-16", "place": "A hall",
        "sessions": sessions or (EVENING, OPEN), **own,
    })  # fmt: skip


def kinds(before: Conference, after: Conference) -> dict[str, tuple[Kind, ...]]:
    return {one.session: one.kinds for one in session_changes(before, after)}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"start": "18:30"}, "moved"),
        ({"title": "A night"}, "renamed"),
        ({"place": "Another hall"}, "place"),
        ({"format": "hybrid"}, "format"),
        ({"zoom": {"account": "odihr-pl"}}, "zoom"),
        ({"cancelled": True}, "cancelled"),
        ({"interpretation": ["ru"]}, "interpretation"),
        ({"languages": ["fr"]}, "languages"),
        ({"link_in_letters": "zoom"}, "link"),
        ({"translations": {"fr": {"title": "Une soirée"}}}, "texts"),
        ({"convenors": ["Somebody"]}, "texts"),
        ({"notes": ["For us"]}, "settings"),
        ({"zoom": {"account": "osce-org", "record_attendance": True}}, "settings"),
    ],
)
def test_each_change_has_its_kind_and_back_its_own(fields: dict[str, Any], kind: Kind) -> None:
    before, after = programme(), programme(EVENING | fields, OPEN)
    assert kinds(before, after) == {"evening": (kind,)}
    assert kinds(after, before) == {"evening": ("restored",) if kind == "cancelled" else (kind,)}
    assert kinds(before, before) == {}


def test_sessions_that_come_and_go() -> None:
    assert kinds(programme(EVENING), programme()) == {"open": ("added",)}
    assert kinds(programme(), programme(EVENING)) == {"open": ("removed",)}


def test_a_session_that_is_confirmed_is_no_moved_one() -> None:
    certain = {"id": "open", "title": "Still open", "date": "2021-06-15", "start": "10:00", "end": "11:00",
               "zoom": {"account": "osce-org"}}  # fmt: skip
    assert kinds(programme(), programme(EVENING, certain)) == {"open": ("confirmed", "zoom")}
    assert kinds(programme(EVENING, certain), programme()) == {"open": ("unconfirmed", "zoom")}


def test_what_a_session_leaves_to_its_conference_changes_with_it() -> None:
    assert kinds(programme(), programme(place="Another hall")) == {"evening": ("place",), "open": ("place",)}
    assert kinds(programme(), programme(time_zone="Europe/London")) == {"evening": ("moved",)}
    assert conference_changes(programme(), programme(place="Another hall", contact="ask@example.org")) == (
        "place", "contact",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "other_day"), [({"start": "18:30"}, False), ({"date": "2021-06-15"}, True)], ids=["same", "other"]
)
def test_whether_the_calendar_day_is_another_one(fields: dict[str, Any], other_day: bool) -> None:
    (change,) = session_changes(programme(), programme(EVENING | fields, OPEN))
    assert change.other_day is other_day


def test_what_becomes_of_places_is_said_as_the_file_says_it() -> None:
    terms = {"admission": {"online": {"places": 50}}}
    (change,) = session_changes(programme(), programme(EVENING | terms, OPEN))
    assert (change.kinds, change.details) == (("settings",), (("admission", "none", '{"online":{"places":50}}'),))


def test_another_order_of_the_same_sessions_is_a_change_of_the_conference() -> None:
    before, after = programme(), programme(OPEN, EVENING)
    assert (session_changes(before, after), conference_changes(before, after)) == ((), ("sessions",))
    assert conference_changes(before, programme(EVENING | {"start": "18:30"}, OPEN)) == ()
