"""What a submission changes, and what is refused with which reason."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.admission import Person
from domain.places import Door, Held
from domain.registration import Change, Preferences, Refused, Standing, register, withdraw
from schemas.programme import Conference, Session
from schemas.registration import Reason, RegistrationData, WithdrawalData

KNOWN = Preferences("standard", "en", "Europe/Vienna")
BEFORE = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)


def a_session(identifier: str, **fields: object) -> Session:
    known = {"title": identifier, "date": "2021-06-15", "start": "18:00", "end": "19:30"}
    return Session.model_validate({"id": identifier, **known, **fields})


CONFERENCE = Conference(
    id="a-conference",
    title="A conference",
    starts=date(2021, 6, 14),
    ends=date(2021, 6, 16),
    sessions=(
        a_session("online"),
        a_session("hybrid", format="hybrid"),
        a_session("room", format="in-person"),
        a_session("called-off", cancelled=True),
        a_session("undated", date=None, start=None, end=None, unconfirmed="The convenors could say."),
    ),
)


def said(**fields: object) -> RegistrationData:
    known = {"full_name": "Olga Petrenko", "email": "olga@mission.example.org", "sessions": ["online"]}
    return RegistrationData.model_validate({**known, **fields})


def added(session: str, attendance: str = "online", interpretation: str | None = None, *, link: bool = True) -> Change:
    return Change(session, "registered", attendance, interpretation, ("added",), link)  # type: ignore[arg-type]


def standing(session: str, attendance: str = "online", interpretation: str | None = None) -> dict[str, Standing]:
    return {session: Standing(session, Held("registered", attendance), interpretation)}  # type: ignore[arg-type]


def changes(data: RegistrationData, places: dict[str, Standing] | None = None, **how: object) -> tuple[Change, ...]:
    now = how.pop("now", BEFORE)
    door = Door(CONFERENCE, Person(data.email), {}, now)  # type: ignore[arg-type]
    return register(data, door, places or {}, **{"known": None, **how})  # type: ignore[arg-type]


def reasons_of(refused: pytest.ExceptionInfo[Refused]) -> tuple[Reason, ...]:
    return refused.value.reasons


def test_a_new_registration_is_added_with_the_defaults() -> None:
    assert changes(said()) == (added("online"),)


def test_the_same_registration_again_changes_nothing() -> None:
    assert changes(said(interpretation="ru"), standing("online", interpretation="ru")) == ()


def test_a_hybrid_session_leaves_the_choice_and_the_others_do_not() -> None:
    asked = said(sessions=["online", "hybrid", "room"], attendance="in_person")
    assert changes(asked) == (added("online"), added("hybrid", "in-person"), added("room", "in-person", link=False))


def test_all_means_every_session_that_was_not_cancelled() -> None:
    assert [change.session for change in changes(said(sessions="all"))] == ["online", "hybrid", "room", "undated"]


def test_another_interpretation_is_a_change_that_keeps_the_sequence() -> None:
    (change,) = changes(said(interpretation="es"), standing("online", interpretation="ru"))
    assert (change.reasons, change.interpretation, change.raises_sequence) == (("interpretation",), "es", False)


def test_another_attendance_is_a_change_that_raises_the_sequence() -> None:
    (change,) = changes(said(sessions=["hybrid"], attendance="in-person"), standing("hybrid"))
    assert (change.reasons, change.attendance, change.raises_sequence) == (("attendance",), "in-person", True)


def test_a_form_that_does_not_ask_for_interpretation_keeps_what_was_chosen_before() -> None:
    assert changes(said(), standing("online", interpretation="ru")) == ()


def test_a_form_that_says_no_interpretation_takes_it_away() -> None:
    (change,) = changes(said(interpretation=None), standing("online", interpretation="ru"))
    assert (change.reasons, change.interpretation) == (("interpretation",), None)


def test_turning_discreet_changes_every_entry_that_is_in_a_calendar() -> None:
    places = standing("online") | standing("hybrid", "in-person", "ru")
    found = changes(said(visibility="discreet"), places, known=KNOWN)
    assert [(one.session, one.reasons, one.attendance, one.interpretation) for one in found] == [
        ("online", ("visibility",), "online", None),
        ("hybrid", ("visibility",), "in-person", "ru"),
    ]


def test_turning_back_from_discreet_is_a_change_of_every_entry_too_and_of_what_else_is_said() -> None:
    places = standing("online") | standing("hybrid", "in-person", "ru")
    data = said(sessions=["hybrid"], visibility="standard", attendance="online")
    found = changes(data, places, known=replace(KNOWN, visibility="discreet"))
    assert [(one.session, one.reasons, one.raises_sequence) for one in found] == [
        ("online", ("visibility",), True),
        ("hybrid", ("visibility", "attendance"), True),
    ]


@pytest.mark.parametrize("new", [{"language": "ru"}, {"time_zone": "Asia/Almaty"}])
def test_another_language_or_time_zone_is_told_for_every_session_and_asks_nobody_for_an_answer_again(
    new: dict[str, str],
) -> None:
    found = changes(said(**new), standing("online") | standing("hybrid"), known=KNOWN)
    assert [one.session for one in found] == ["online", "hybrid"]
    assert {one.reasons for one in found} == {tuple(name.replace("_", "-") for name in new)}
    assert not any(one.raises_sequence for one in found)


def test_the_same_language_and_time_zone_in_other_words_are_no_change() -> None:
    assert changes(said(language="en", time_zone="Europe/Vienna"), standing("online"), known=KNOWN) == ()


def test_what_is_over_or_cancelled_is_not_told_again() -> None:
    places = standing("online") | standing("called-off") | standing("undated")
    after = datetime(2021, 6, 16, tzinfo=UTC)
    found = changes(said(sessions=["undated"], language="ru"), places, known=KNOWN, now=after)
    assert [one.session for one in found] == ["undated"]


def test_a_form_that_does_not_ask_never_switches_discreet_off() -> None:
    assert changes(said(), standing("online"), known=replace(KNOWN, visibility="discreet")) == ()


def test_who_withdrew_and_comes_back_is_added_again() -> None:
    places = {"online": Standing("online", Held("withdrawn", "online"), None)}
    assert changes(said(), places) == (added("online"),)


def test_an_unknown_session_is_refused_by_its_place_in_the_list_and_not_by_its_name() -> None:
    with pytest.raises(Refused) as refused:
        changes(said(sessions=["online", "olga-petrenko"]))
    assert reasons_of(refused) == (
        Reason(
            field="sessions", code="unknown-session", message="Not a session of a-conference: number 2 in the list."
        ),
    )


def test_a_cancelled_session_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        changes(said(sessions=["called-off"]))
    assert [one.code for one in reasons_of(refused)] == ["session-cancelled"]


def test_sessions_that_are_over_are_refused_when_nothing_lies_ahead() -> None:
    with pytest.raises(Refused) as refused:
        changes(said(), now=datetime(2021, 6, 15, 17, 30, tzinfo=UTC))
    assert [one.code for one in reasons_of(refused)] == ["session-over"]


def test_a_session_without_a_date_is_never_over() -> None:
    asked = said(sessions=["online", "undated"])
    assert changes(asked, now=datetime(2022, 1, 1, tzinfo=UTC)) == (added("undated", link=False),)


def test_withdrawing_without_naming_sessions_withdraws_from_all() -> None:
    places = standing("online") | standing("hybrid", "in-person", "ru")
    found = withdraw(WithdrawalData(email="olga@mission.example.org"), CONFERENCE, places)
    assert found == (
        Change("online", "withdrawn", "online", None, ("withdrawn",), False),
        Change("hybrid", "withdrawn", "in-person", "ru", ("withdrawn",), False),
    )


def test_withdrawing_twice_changes_nothing_the_second_time() -> None:
    places = {"online": Standing("online", Held("withdrawn", "online"), None)}
    assert withdraw(WithdrawalData(email="olga@mission.example.org", sessions=("online",)), CONFERENCE, places) == ()


def test_withdrawing_from_what_was_never_registered_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        withdraw(WithdrawalData(email="olga@mission.example.org", sessions=("hybrid",)), CONFERENCE, standing("online"))
    assert [one.code for one in reasons_of(refused)] == ["not-registered"]
