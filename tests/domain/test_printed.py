"""What documents print as dates and times, and where it disagrees with a programme."""

from datetime import time, timedelta

import pytest

from domain.printed import Disagreement, PrintedDate, PrintedZone, Reading, disagreements, read
from schemas.programme import Session

VIENNA = "Europe/Vienna"


def a_session(**fields: object) -> Session:
    known = {"id": "evening", "title": "An evening", "date": "2021-06-14", "start": "18:00", "end": "19:00"}
    return Session.model_validate({**known, **fields})


def said(text: str, **fields: object) -> list[Disagreement]:
    return list(disagreements(a_session(**fields), VIENNA, "the page", text))


def test_a_full_line_is_taken_apart() -> None:
    assert read("Monday 14 June 2021, 18:00 – 19:00 (CET, Vienna time)") == Reading(
        weekdays=(0,),
        dates=(PrintedDate(14, 6, 2021),),
        times=(time(18), time(19)),
        zones=(PrintedZone("CET", timedelta(hours=1)),),
    )


@pytest.mark.parametrize("text", ["14 June 2021", "June 14, 2021", "14th June 2021", "Monday, 14 June 2021"])
def test_a_date_is_read_in_every_usual_order(text: str) -> None:
    assert read(text).dates == (PrintedDate(14, 6, 2021),)


@pytest.mark.parametrize("text", ["14-16 June 2021", "June 14-16 2021", "18 – 19 July 2022", "18/19 April 2023"])
def test_the_days_of_a_whole_conference_are_no_date_of_a_session(text: str) -> None:
    assert read(text).dates == ()


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("[9.00 – 10.00 – side event]", (time(9), time(10))),
        ("14:05-15:35", (time(14, 5), time(15, 35))),
        ("June 18:00", (time(18),)),
        ("General Recommendation 38", ()),
        ("UTC+05:30", ()),
    ],
)
def test_times_are_read_with_colon_or_full_stop(text: str, times: tuple[time, ...]) -> None:
    assert read(text).times == times


@pytest.mark.parametrize(
    ("text", "hours"),
    [("GMT+2", 2), ("UTC", 0), ("UTC−4", -4), ("GMT -05:30", -5.5), ("CEST", 2), ("MEZ", 1), ("EEST", 3)],
)
def test_a_zone_is_read_with_its_distance(text: str, hours: float) -> None:
    assert read(text).zones == (PrintedZone(text, timedelta(hours=hours)),)


def test_cet_in_june_is_an_hour_off() -> None:
    assert said("Monday 14 June 2021, 18:00 – 19:00 (CET, Vienna time)") == [
        Disagreement(
            "zone",
            "the page has CET, which is UTC+1; clocks in Europe/Vienna show CEST (UTC+2) on Monday, 14 June 2021. "
            "The programme takes 18:00 for the wall clock there, 16:00 UTC; by CET it would be 17:00 UTC.",
        )
    ]


def test_cet_in_january_is_right() -> None:
    assert said("18:00 – 19:00 (CET)", date="2021-01-14") == []


def test_gmt_plus_two_in_june_is_right() -> None:
    assert said("Monday 14 June, 18:00-19:00 (Vienna time, GMT+2)") == []


def test_another_weekday_is_named() -> None:
    assert said("Tuesday 14 June 2021") == [
        Disagreement("weekday", "the page has Tuesday; it is Monday, 14 June 2021.")
    ]


def test_another_date_is_named() -> None:
    assert said("15 June 2021") == [
        Disagreement("date", "the page has 15 June 2021; the programme has Monday, 14 June 2021.")
    ]


def test_other_hours_are_named() -> None:
    assert said("18:00 – 19:30") == [
        Disagreement("time", "the page has 18:00 – 19:30; the programme has 18:00 – 19:00.")
    ]


def test_a_date_that_is_one_of_two_open_ones_agrees_and_its_weekday_is_that_date_s() -> None:
    unsettled = {
        "date": None,
        "alternative_dates": ["2023-04-18", "2023-04-19"],
        "unconfirmed": "The convenors could say.",
    }
    assert said("Tuesday, 18 April 2023", **unsettled) == []
    assert said("19 April 2023", **unsettled) == []
    assert [one.about for one in said("Wednesday, 18 April 2023", **unsettled)] == ["weekday"]
