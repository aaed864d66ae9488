"""The own page's decisions: until when it is there, how one stands, and what brings back what was."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from domain.own_page import Deed, Held, holds, stands, undoing
from schemas.programme import Conference, Session
from schemas.registration import OfferAccepted, OfferDeclined, RegistrationPreferences

CONFERENCE = Conference.model_validate({
    "id": "tides-2030", "title": "Tides", "starts": "2030-03-01", "ends": "2030-03-02",
    "sessions": [{"id": "ebb", "title": "Ebb", "date": "2030-03-01", "start": "10:00", "end": "11:00"}],
})  # fmt: skip
EBB: Session = CONFERENCE.sessions[0]
BEFORE, AFTER = datetime(2030, 2, 1, tzinfo=UTC), datetime(2030, 3, 1, 11, tzinfo=UTC)

PREFERRED: dict[str, Any] = {"language": "en", "time_zone": "Europe/Kyiv", "visibility": "standard", "alias": None}
HELD = {
    "ebb": Held("registered", "online", "ru"),
    "flood": Held("waitlisted", "in-person", None),
    "calm": Held("withdrawn", "online", None),
    "spring": Held("offered", "in-person", None),
}


def preferences(**data: Any) -> RegistrationPreferences:
    return RegistrationPreferences.model_validate(
        {"type": "registration.preferences", "data": {"email": "olga@mission.example.org", **data}}
    )


def test_it_is_there_for_thirty_days_after_the_last_one_by_the_conferences_clock() -> None:
    assert holds(CONFERENCE, datetime(2030, 4, 1, 21, 59, tzinfo=UTC))  # 23:59 in Vienna
    assert not holds(CONFERENCE, datetime(2030, 4, 1, 22, 0, tzinfo=UTC))
    assert (CONFERENCE.ends, EBB.date, EBB.start) == (date(2030, 3, 2), date(2030, 3, 1), time(10))


@pytest.mark.parametrize("state", ["registered", "pending", "waitlisted", "offered"])
def test_one_stands_as_ones_registration_does_until_the_session_is_over_or_cancelled(state: str) -> None:
    cancelled = EBB.model_copy(update={"cancelled": True})
    found = [stands(EBB, state, CONFERENCE, BEFORE), stands(EBB, state, CONFERENCE, AFTER),
             stands(cancelled, state, CONFERENCE, BEFORE)]  # fmt: skip
    assert found == [state, "over", "cancelled"]


@pytest.mark.parametrize("state", ["withdrawn", "refused"])
def test_what_one_does_not_attend_stays_so_whatever_becomes_of_it(state: str) -> None:
    assert stands(EBB, state, CONFERENCE, AFTER) == state


@pytest.mark.parametrize(
    ("deed", "back"),
    [
        (preferences(language="fr", alias="O."), {"language": "en", "alias": None}),
        (preferences(alias=None), {"alias": None}),
        (preferences(withdrawn=["ebb", "calm"]),
         {"places": [{"session": "ebb", "attendance": "online", "interpretation": "ru"}]}),
        (preferences(places=[{"session": "calm"}, {"session": "new"}]), {"withdrawn": ["calm", "new"]}),
        (preferences(places=[{"session": "flood", "attendance": "online"}]),
         {"places": [{"session": "flood", "attendance": "in-person", "interpretation": None}]}),
        (preferences(withdrawn=["calm"]), {}),
    ],
)  # fmt: skip
def test_what_was_comes_back_and_nothing_else(deed: Deed, back: dict[str, Any]) -> None:
    assert undoing(deed, PREFERRED, HELD) == back


def test_an_accepted_place_is_given_up_and_a_declined_one_asked_for_again() -> None:
    data = {"email": "olga@mission.example.org", "sessions": ["spring", "ebb"]}  # the ebb was never on offer
    accepted = OfferAccepted.model_validate({"type": "registration.offer_accepted", "data": data})
    declined = OfferDeclined.model_validate({"type": "registration.offer_declined", "data": data})
    assert undoing(accepted, PREFERRED, HELD) == {"withdrawn": ["spring"]}
    assert undoing(declined, PREFERRED, HELD) == {
        "places": [{"session": "spring", "attendance": "in-person", "interpretation": None}]
    }  # fmt: skip
