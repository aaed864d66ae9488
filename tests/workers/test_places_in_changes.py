"""Places, offers and approvals in sessions that change, on both databases."""

from typing import Any

import pytest

from domain.plans.plan import NotApplied
from tests.house import House
from tests.workers.test_old_and_new import changed
from tests.workers.test_places import (
    answer,
    approve,
    hall,
    last_to,
    outcome,
    register,
    row_of,
    stands,
    sweep,
    withdraw,
)
from workers import plans

__all__ = ["hall"]


def change_programme(house: House, session_id: str, *, wait: int = 60, **fields: Any) -> None:
    """Put a changed programme in force, and let the minute pass in which further changes would be awaited."""
    with house.toolbox.database.read() as session:
        known = house.toolbox.shelf.get(session, "hall-2030")
    assert known is not None
    plans.apply(house.toolbox, changed(known.conference, session_id, fields), None, "cli:tester")
    house.wait(wait)
    house.tend_all()


def offered_to_ben(house: House) -> None:
    for name in ("ada", "ben"):
        register(house, name, "talk")
    withdraw(house, "ada", "talk")
    sweep(house)


def test_an_offer_of_a_session_that_moves_earlier_ends_earlier_and_that_is_told(hall: House) -> None:
    hall.at("2030-06-14T10:00:00+02:00")
    offered_to_ben(hall)
    change_programme(hall, "talk", date="2030-06-14", start="14:00", end="15:30")
    assert hall.kinds()[-2:] == ["offer", "offer"]
    assert "13:00 Vienna time" in last_to(hall, "ben").text
    hall.at("2030-06-14T13:00:00+02:00")
    assert outcome(hall, answer(hall, "ben", "accepted", "talk")) == ("rejected", ["no-offer"])


def test_who_had_an_offer_of_a_session_that_is_cancelled_hears_that_alone_and_is_first_when_it_takes_place(
    hall: House,
) -> None:
    offered_to_ben(hall)
    change_programme(hall, "talk", cancelled=True)
    hall.at("2030-06-02T10:00:00+02:00")
    sweep(hall)
    assert (hall.kinds()[-2:], stands(hall, "ben", "talk")[0]) == (["offer", "cancellation"], "waitlisted")
    change_programme(hall, "talk", cancelled=False)
    sweep(hall)
    assert (hall.kinds()[-1], stands(hall, "ben", "talk")[0]) == ("offer", "offered")


def test_nobody_is_let_into_a_room_that_is_there_no_more(hall: House) -> None:
    change_programme(hall, "vault", admission={"in_person": {"approval": True}})
    register(hall, "ada", "vault", attendance="online")
    register(hall, "ada", "vault")
    assert row_of(hall, "ada", "vault").reason == "not-approved"
    change_programme(hall, "vault", format="online", place=None)
    ada = row_of(hall, "ada", "vault")
    assert (ada.attendance, ada.reason) == ("online", None)
    assert approve(hall, ada.id) == ["registered"]
    assert stands(hall, "ada", "vault") == ("registered", "online", "present")


def test_a_room_that_takes_all_who_followed_online_is_refused_where_it_has_not_the_places(hall: House) -> None:
    for name in ("ada", "ben"):
        register(hall, name, "talk", attendance="online")
    with pytest.raises(NotApplied, match="more than its places"):
        change_programme(hall, "talk", format="in-person")
    assert [stands(hall, name, "talk")[1] for name in ("ada", "ben")] == ["online", "online"]


@pytest.mark.parametrize("state", ["pending", "waitlisted", "offered"])
def test_who_waits_is_told_the_old_and_the_new_hour_once(hall: House, state: str) -> None:
    one = "class" if state == "pending" else "talk"
    if state == "pending":
        register(hall, "ben", "class", language="fr")
    else:
        offered_to_ben(hall)
        register(hall, "cem", "talk")
    name = "cem" if state == "waitlisted" else "ben"
    assert stands(hall, name, one)[0] == state
    letters = len(hall.mail)
    change_programme(hall, one, start="18:10")
    change_programme(hall, one, start="18:30")
    told = [mail for mail in hall.mail[letters:] if mail.message["To"] == last_to(hall, name).message["To"]]
    assert [("18:00–19:30" in mail.text, "18:10–19:30" in mail.text, "18:30–19:30" in mail.text) for mail in told] == [
        (True, True, False), (False, True, True),
    ]  # fmt: skip
    assert all(mail.calendar is None and "/j/" not in mail.text for mail in told)


def test_who_waits_hears_nothing_of_what_is_taken_back_within_the_minute(hall: House) -> None:
    register(hall, "ada", "class")
    for start in ("18:30", "18:00"):
        change_programme(hall, "class", wait=0, start=start)
    hall.wait(60)
    hall.tend_all()
    assert hall.kinds() == ["pending"]
    for start in ("18:10", "18:20"):
        change_programme(hall, "class", wait=0, start=start)
    hall.wait(60)
    hall.tend_all()
    assert hall.kinds() == ["pending", "pending"]
    assert ("18:00–19:30" in hall.mail[-1].text, "18:20–19:30" in hall.mail[-1].text) == (True, True)
