"""Which sessions can be registered for, may be told about, and overlap."""

from datetime import UTC, date, datetime

import pytest

from domain.programme import (
    Overlap,
    UnknownSessions,
    dates,
    invitable,
    overlaps,
    periods,
    registrable,
    said_in,
    select,
    text_language,
)  # fmt: skip
from domain.times import Period
from schemas.programme import Conference, Session

VIENNA = "Europe/Vienna"


def a_session(identifier: str, **fields: object) -> Session:
    known = {"title": "A session", "date": "2021-06-16", "start": "11:30", "end": "13:00"}
    return Session.model_validate({"id": identifier, **known, **fields})


def an_open_session(identifier: str, **fields: object) -> Session:
    return a_session(identifier, **{"unconfirmed": "The convenors could say.", "date": None, **fields})


def a_conference(*sessions: Session) -> Conference:
    return Conference(
        id="a-conference", title="A conference", starts=date(2021, 6, 14), ends=date(2021, 6, 16), sessions=sessions
    )


def test_sessions_that_share_half_an_hour_overlap() -> None:
    early, late = a_session("early", start="11:00", end="12:00"), a_session("late")
    assert overlaps([early, late], VIENNA) == (Overlap(early, late, certain=True),)


def test_a_session_that_begins_when_another_ends_does_not_overlap_it() -> None:
    assert overlaps([a_session("early", start="11:00", end="11:30"), a_session("late")], VIENNA) == ()


def test_the_same_hours_on_two_days_do_not_overlap() -> None:
    assert overlaps([a_session("one"), a_session("two", date="2021-06-15")], VIENNA) == ()


def test_a_cancelled_session_overlaps_nothing() -> None:
    assert overlaps([a_session("one"), a_session("two", cancelled=True)], VIENNA) == ()


def test_a_session_with_two_dates_may_overlap_on_one_of_them() -> None:
    certain = a_session("certain")
    unsettled = an_open_session("unsettled", alternative_dates=["2021-06-15", "2021-06-16"])
    assert overlaps([certain, unsettled], VIENNA) == (Overlap(certain, unsettled, certain=False),)


def test_the_doubled_hour_of_october_is_told_apart_in_utc() -> None:
    """On the wall both are from 02:10 to 02:40."""
    night = {"date": "2021-10-31", "start": "02:10", "end": "02:40"}
    first = a_session("first", **night, clock_change="first")
    second = a_session("second", **night, clock_change="second")
    assert overlaps([first, second], VIENNA) == ()


def test_hours_that_the_clock_leaves_out_overlap_nothing() -> None:
    gap = {"date": "2021-03-28", "start": "02:10", "end": "02:40"}
    assert overlaps([a_session("one", **gap), a_session("two", **gap)], VIENNA) == ()


def test_a_session_is_on_each_of_the_dates_that_are_named() -> None:
    unsettled = an_open_session("unsettled", date="2021-06-16", alternative_dates=["2021-06-15"])
    assert dates(unsettled) == (date(2021, 6, 15), date(2021, 6, 16))
    assert periods(unsettled, VIENNA) == (
        Period(datetime(2021, 6, 15, 9, 30, tzinfo=UTC), datetime(2021, 6, 15, 11, tzinfo=UTC)),
        Period(datetime(2021, 6, 16, 9, 30, tzinfo=UTC), datetime(2021, 6, 16, 11, tzinfo=UTC)),
    )


def test_a_session_without_hours_has_no_period() -> None:
    assert periods(an_open_session("open", date="2021-06-16", start=None, end=None), VIENNA) == ()


def test_only_confirmed_sessions_that_take_place_are_told_about() -> None:
    assert invitable(a_session("one"))
    assert not invitable(an_open_session("one"))
    assert not invitable(a_session("one", cancelled=True))


def test_people_register_for_all_that_is_not_cancelled_in_order_of_time() -> None:
    conference = a_conference(
        an_open_session("undated"),
        a_session("noon"),
        a_session("gone", cancelled=True),
        a_session("eleven", start="11:00", end="12:30"),
        a_session("the-day-before", date="2021-06-15"),
        an_open_session("one-of-two", alternative_dates=["2021-06-14", "2021-06-16"]),
    )
    order = [one.id for one in registrable(conference)]
    assert order == ["one-of-two", "the-day-before", "eleven", "noon", "undated"]


def test_all_selects_what_can_be_registered_for() -> None:
    conference = a_conference(a_session("one"), a_session("gone", cancelled=True))
    assert select(conference, "all") == (conference.sessions[0],)


def test_sessions_are_selected_in_order_of_time_and_once() -> None:
    late, early = a_session("late"), a_session("early", date="2021-06-14")
    assert select(a_conference(late, early), ["late", "early", "late"]) == (early, late)


@pytest.mark.parametrize("wanted", ["gone", "never-there"])
def test_what_cannot_be_registered_for_is_refused_by_id_and_not_repeated_in_the_message(wanted: str) -> None:
    conference = a_conference(a_session("one"), a_session("gone", cancelled=True))
    with pytest.raises(UnknownSessions) as refused:
        select(conference, ["one", wanted])
    assert refused.value.ids == (wanted,)
    assert wanted not in str(refused.value)


def a_conference_in_two_languages() -> Conference:
    return Conference.model_validate({
        "id": "a-conference", "title": "A conference", "theme": "Lanterns", "place": "Hofburg, Vienna",
        "starts": "2021-06-14", "ends": "2021-06-16",
        "translations": {"fr": {"title": "Une conférence", "place": "Hofburg, Vienne"}},
        "sessions": [
            a_session("one", place="Room 3", convenors=["Guild"],
                      translations={"fr": {"title": "Une séance", "convenors": ["Guilde"]}}),
            a_session("two"),
        ],
    })  # fmt: skip


def test_texts_are_said_in_a_language_where_the_programme_has_them_in_it() -> None:
    said = said_in(a_conference_in_two_languages(), "fr")
    one, two = said.sessions
    assert (said.title, said.theme, said.place) == ("Une conférence", "Lanterns", "Hofburg, Vienne")
    assert (one.title, one.place, one.convenors) == ("Une séance", "Room 3", ("Guilde",))
    assert (two.title, one.id, one.date) == ("A session", "one", date(2021, 6, 16))


def test_where_nothing_is_translated_the_programme_is_the_same_object() -> None:
    conference = a_conference_in_two_languages()
    assert said_in(conference, "ru") is conference
    assert said_in(conference, "fr").sessions[1] is conference.sessions[1]
    assert said_in(said_in(conference, "fr"), "fr") == said_in(conference, "fr")


def test_which_language_a_text_is_in_can_be_asked() -> None:
    conference = a_conference_in_two_languages()
    one, two = conference.sessions
    for asked in (conference, said_in(conference, "fr")):
        assert text_language(asked, "title", "fr") == "fr"
        assert text_language(asked, "theme", "fr") == "en"
        assert text_language(asked, "title", "fr", one) == "fr"
        assert text_language(asked, "place", "fr", one) == "en"
        assert text_language(asked, "title", "fr", two) == "en"
        assert text_language(asked, "place", "fr", two) == "fr"  # the conference's: it has none of its own
        assert text_language(asked, "title", "ru", one) == "en"
