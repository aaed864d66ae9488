"""Who gets a place: registered, awaiting approval, on the waiting list, online instead, or refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.admission import Person
from domain.places import Door, Figures, Held, Verdict
from domain.registration import Standing, register
from schemas.programme import Conference, Session
from schemas.registration import RegistrationData

BEFORE = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)
START = datetime(2021, 6, 15, 16, tzinfo=UTC)
STAFF = Person("ivana@mail.osce.org")
GUEST = Person("robin@ngo.example.org", "Example Society", "FR")
ROOM_FOR_STAFF = {"eligible": {"at_once": {"domains": ["osce.org"]}}}


def door(
    person: Person = GUEST, *, held_as: str = "hybrid", taken: int = 0, waited_for: bool = False,
    now: datetime = BEFORE, **admission: Any,
) -> tuple[Door, Session]:  # fmt: skip
    """The door of one session, with these terms and figures for the room, or online where that is all there is."""
    session = Session.model_validate({
        "id": "talk", "title": "A talk", "date": "2021-06-15", "start": "18:00", "end": "19:30", "format": held_as,
        "admission": admission,
    })  # fmt: skip
    conference = Conference(
        id="a-conference", title="A conference", starts=date(2021, 6, 14), ends=date(2021, 6, 16), sessions=(session,)
    )
    way = "online" if held_as == "online" else "in-person"
    return Door(conference, person, {("talk", way): Figures(taken, waited_for)}, now), session  # type: ignore[dict-item]


def asks(way: str, *, held: Held | None = None, **how: Any) -> Verdict:
    one, session = door(**how)
    return one.verdict(session, way, held)  # type: ignore[arg-type]


def test_where_nothing_is_said_everybody_is_registered() -> None:
    assert asks("in-person", taken=10_000) == Verdict("registered", "in-person")


def test_the_last_place_is_given_and_whoever_comes_then_waits() -> None:
    assert asks("in-person", in_person={"places": 50}, taken=49) == Verdict("registered", "in-person")
    assert asks("in-person", in_person={"places": 50}, taken=50) == Verdict("waitlisted", "in-person", "full")


def test_nobody_overtakes_those_who_wait_as_long_as_they_can_be_offered_a_place() -> None:
    room: dict[str, Any] = {"in_person": {"places": 50}, "taken": 49, "waited_for": True}
    assert asks("in-person", **room) == Verdict("waitlisted", "in-person", "full")
    assert asks("in-person", **room, now=START - timedelta(minutes=80)) == Verdict("registered", "in-person")


def test_without_a_waiting_list_whoever_finds_the_room_full_attends_online() -> None:
    full: dict[str, Any] = {"in_person": {"places": 50, "waiting_list": False}, "taken": 50}
    assert asks("in-person", **full) == Verdict("registered", "online", "full")
    assert asks("in-person", **full, held_as="in-person") == Verdict("refused", "in-person", "full")


def test_whom_the_room_is_not_for_attends_online_and_is_told_why() -> None:
    assert asks("in-person", person=STAFF, in_person=ROOM_FOR_STAFF) == Verdict("registered", "in-person")
    assert asks("in-person", person=GUEST, in_person=ROOM_FOR_STAFF) == Verdict("registered", "online", "not-eligible")


@pytest.mark.parametrize(
    ("otherwise", "verdict"),
    [
        ("approval", Verdict("pending", "in-person")),
        ("refused", Verdict("refused", "in-person", "not-eligible")),
        ("online", Verdict("registered", "online", "not-eligible")),
    ],
)
def test_what_becomes_of_all_others_is_the_programmes_to_say(otherwise: str, verdict: Verdict) -> None:
    room = {"eligible": {"at_once": {"domains": ["osce.org"]}, "otherwise": otherwise}}
    assert asks("in-person", in_person=room) == verdict


def test_where_an_admin_approves_everybody_waits_for_it_and_places_are_looked_at_then() -> None:
    terms: dict[str, Any] = {"online": {"approval": True, "places": 1}}
    one, session = door(held_as="online", taken=1, **terms)
    assert one.verdict(session, "online") == Verdict("pending", "online")
    assert one.approved(session, "online") == Verdict("waitlisted", "online", "full")
    free, session = door(held_as="online", taken=0, **terms)
    assert free.approved(session, "online") == Verdict("registered", "online")


def test_who_goes_online_instead_is_judged_there_too() -> None:
    verdict = asks("in-person", in_person=ROOM_FOR_STAFF, online={"approval": True})
    assert verdict == Verdict("pending", "online", "not-eligible")


@pytest.mark.parametrize("state", ["registered", "offered", "waitlisted", "pending"])
def test_whoever_has_a_place_or_waits_for_one_keeps_it_by_asking_again(state: str) -> None:
    held = Held(state, "in-person")  # type: ignore[arg-type]
    verdict = asks("in-person", held=held, taken=50, in_person={"places": 1, **ROOM_FOR_STAFF})
    assert verdict == Verdict(state, "in-person")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("room", "why"),
    [({"places": 50}, "full"), (ROOM_FOR_STAFF, "not-eligible"), ({"approval": True}, "not-approved"),
     ({"places": 50, "waiting_list": False}, "full")],
)  # fmt: skip
def test_who_is_online_and_cannot_come_to_the_room_stays_online_and_is_told_why(room: dict[str, Any], why: str) -> None:
    verdict = asks("in-person", held=Held("registered", "online"), taken=50, in_person=room)
    assert verdict == Verdict("registered", "online", why)  # type: ignore[arg-type]


def test_who_waits_for_the_room_may_attend_online_instead_and_waits_no_more() -> None:
    verdict = asks("online", held=Held("waitlisted", "in-person"), taken=50, in_person={"places": 50})
    assert verdict == Verdict("registered", "online")


def test_an_offer_is_not_given_up_for_another_waiting_list() -> None:
    verdict = asks("online", held=Held("offered", "in-person"), online={"approval": True})
    assert verdict == Verdict("offered", "in-person", "not-approved")


def test_whoever_withdrew_is_judged_anew_and_an_approval_holds_for_the_same_way_of_attending() -> None:
    terms: dict[str, Any] = {"in_person": {"approval": True}, "online": {"approval": True}}
    approved = Held("withdrawn", "in-person", approved=True)
    assert asks("in-person", held=approved, **terms) == Verdict("registered", "in-person")
    assert asks("online", held=approved, **terms) == Verdict("pending", "online")


def test_whom_an_admin_has_refused_stays_refused_and_whom_a_rule_has_refused_may_ask_again() -> None:
    by_admin = Held("refused", "online", why="by-admin")
    assert asks("online", held=by_admin, held_as="online") == Verdict("refused", "online", "by-admin")
    by_rule = Held("refused", "online", why="full")
    assert asks("online", held=by_rule, held_as="online") == Verdict("registered", "online")


def submitted(standing: Held | None, **how: Any) -> list[tuple[str, tuple[str, ...]]]:
    one, _ = door(**how)
    data = RegistrationData.model_validate(
        {"full_name": "Robin Quill", "email": "robin@ngo.example.org", "sessions": ["talk"], "attendance": "in-person"}
    )
    places = {"talk": Standing("talk", standing, None)} if standing else {}
    return [(change.state, change.reasons) for change in register(data, one, places, known=None)]


def test_asking_again_for_a_room_that_is_full_tells_nothing_twice() -> None:
    full: dict[str, Any] = {"in_person": {"places": 50}, "taken": 50}
    assert submitted(Held("registered", "online"), **full) == [("registered", ("online-instead",))]
    assert submitted(Held("registered", "online", why="full"), **full) == []


def test_a_refusal_is_told_once() -> None:
    refused: dict[str, Any] = {
        "in_person": {"eligible": {"at_once": {"domains": ["osce.org"]}, "otherwise": "refused"}}
    }
    assert submitted(None, **refused) == [("refused", ("added",))]
    assert submitted(Held("refused", "in-person", why="not-eligible"), **refused) == []


def test_no_link_is_wanted_before_there_is_a_place() -> None:
    one, _ = door(held_as="online", online={"approval": True})
    data = RegistrationData(full_name="Robin Quill", email="robin@ngo.example.org", sessions=("talk",))
    (change,) = register(data, one, {}, known=None)
    assert (change.state, change.wants_link) == ("pending", False)
