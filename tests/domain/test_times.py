"""The clock rules that every letter and reminder stands on (L6 to L12 and R9 of the reference)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.times import (
    AmbiguousTime,
    NonexistentTime,
    Period,
    TimeNotSet,
    WallTimeError,
    When,
    describe,
    full_date,
    instant,
    local_date,
    offset,
    previous_day_at,
    session_period,
)
from schemas.programme import Session

VIENNA = "Europe/Vienna"
LANGUAGES = ("en", "fr", "de", "it", "ru", "es")


def evening(day: date = date(2021, 6, 14), start: time = time(18), end: time = time(19)) -> Period:
    return Period(instant(day, start, VIENNA), instant(day, end, VIENNA))


def a_session(**fields: object) -> Session:
    return Session.model_validate(
        {"id": "a-session", "title": "A session", "date": "2021-06-14", "start": "18:00", "end": "19:00", **fields}
    )


def test_a_june_session_at_18_in_vienna_is_16_utc() -> None:
    assert instant(date(2021, 6, 14), time(18), VIENNA) == datetime(2021, 6, 14, 16, tzinfo=UTC)


def test_a_january_session_at_18_in_vienna_is_17_utc() -> None:
    assert instant(date(2026, 1, 14), time(18), VIENNA) == datetime(2026, 1, 14, 17, tzinfo=UTC)


def test_an_instant_is_in_utc_whatever_the_zone() -> None:
    assert instant(date(2021, 6, 14), time(18), "Asia/Tokyo").tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "wall", "utc"),
    [
        (date(2026, 3, 29), time(1, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (date(2026, 3, 29), time(3), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (date(2026, 10, 25), time(1, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (date(2026, 10, 25), time(3), datetime(2026, 10, 25, 2, tzinfo=UTC)),
    ],
)
def test_the_minutes_beside_a_clock_change_are_right(day: date, wall: time, utc: datetime) -> None:
    assert instant(day, wall, VIENNA) == utc


@pytest.mark.parametrize("wall", [time(2), time(2, 30), time(2, 59)])
@pytest.mark.parametrize("clock_change", [None, "first", "second"])
def test_a_time_in_the_gap_of_march_is_refused(wall: time, clock_change: None) -> None:
    with pytest.raises(NonexistentTime, match=r"there is no 02:\d\d on 2026-03-29 in Europe/Vienna"):
        instant(date(2026, 3, 29), wall, VIENNA, clock_change)


def test_a_time_in_the_doubled_hour_of_october_asks_which() -> None:
    with pytest.raises(AmbiguousTime, match="02:30 comes twice on 2026-10-25 in Europe/Vienna"):
        instant(date(2026, 10, 25), time(2, 30), VIENNA)


def test_the_first_and_the_second_of_the_doubled_hour_are_an_hour_apart() -> None:
    first = instant(date(2026, 10, 25), time(2, 30), VIENNA, "first")
    second = instant(date(2026, 10, 25), time(2, 30), VIENNA, "second")
    assert (first, second - first) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), timedelta(hours=1))


def test_both_refusals_are_wall_time_errors_and_so_value_errors() -> None:
    assert issubclass(NonexistentTime, WallTimeError)
    assert issubclass(AmbiguousTime, WallTimeError)
    assert issubclass(TimeNotSet, WallTimeError)
    assert issubclass(WallTimeError, ValueError)


def test_a_wall_time_with_a_zone_of_its_own_is_refused() -> None:
    with pytest.raises(WallTimeError, match="has no zone of its own"):
        instant(date(2021, 6, 14), time(18, tzinfo=UTC), VIENNA)


@given(
    day=st.dates(date(1996, 1, 1), date(2037, 12, 31)),
    wall=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    zone=st.sampled_from([VIENNA, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
)
def test_every_instant_reads_back_as_the_wall_time_it_came_from(day: date, wall: time, zone: str) -> None:
    try:
        moment = instant(day, wall, zone, "second")
    except NonexistentTime:
        return
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == datetime.combine(day, wall)


def test_a_sessions_period_is_in_utc() -> None:
    assert session_period(a_session(), VIENNA) == Period(
        datetime(2021, 6, 14, 16, tzinfo=UTC), datetime(2021, 6, 14, 17, tzinfo=UTC)
    )


def test_a_session_across_the_gap_is_shorter_than_its_wall_times_say() -> None:
    period = session_period(a_session(date="2026-03-29", start="01:30", end="03:30"), VIENNA)
    assert period.end - period.start == timedelta(hours=1)


def test_a_session_in_the_second_of_the_doubled_hours_has_both_ends_there() -> None:
    night = a_session(date="2026-10-25", start="02:15", end="02:45", clock_change="second")
    assert session_period(night, VIENNA) == Period(
        datetime(2026, 10, 25, 1, 15, tzinfo=UTC), datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    )


def test_a_session_without_hours_has_no_period() -> None:
    with pytest.raises(TimeNotSet, match="a-session has no date or no hours yet"):
        session_period(a_session(start=None, end=None, unconfirmed="The hours are open"), VIENNA)


def test_the_day_before_is_a_wall_clock_rule_across_the_march_change() -> None:
    """R9: 17:00 on 28 March 2026 is 16:00 UTC, though a session next day at 17:00 is 15:00 UTC: 23 hours."""
    start = instant(date(2026, 3, 29), time(17), VIENNA)
    assert previous_day_at(start, time(17), VIENNA) == datetime(2026, 3, 28, 16, tzinfo=UTC)
    assert start - previous_day_at(start, time(17), VIENNA) == timedelta(hours=23)


def test_the_day_before_is_counted_on_the_conferences_calendar() -> None:
    """00:30 in Vienna is still the day before in UTC."""
    start = instant(date(2021, 6, 14), time(0, 30), VIENNA)
    assert previous_day_at(start, time(17), VIENNA) == datetime(2021, 6, 13, 15, tzinfo=UTC)


def test_a_reminder_hour_that_does_not_exist_moves_later_and_a_doubled_one_is_the_first() -> None:
    after_the_gap = instant(date(2026, 3, 30), time(9), VIENNA)
    after_the_doubled_hour = instant(date(2026, 10, 26), time(9), VIENNA)
    assert previous_day_at(after_the_gap, time(2, 30), VIENNA) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert previous_day_at(after_the_doubled_hour, time(2, 30), VIENNA) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_local_date_is_the_zones_own() -> None:
    moment = datetime(2021, 6, 14, 16, tzinfo=UTC)
    assert (local_date(moment, VIENNA), local_date(moment, "Asia/Tokyo")) == (date(2021, 6, 14), date(2021, 6, 15))


def test_a_june_evening_is_said_on_both_clocks() -> None:
    """L6's own example."""
    assert describe(evening(), VIENNA, "America/New_York", "en") == When(
        date="Monday, 14 June 2021",
        venue_line="18:00–19:00 Vienna time (CEST, UTC+2)",
        home_line="12:00–13:00 New York (UTC−4)",
        start_line="18:00 Vienna time",
        home_start_line="12:00 New York",
        hours="18:00–19:00",
    )


def test_a_winter_evening_is_cet() -> None:
    said = describe(evening(date(2021, 12, 14)), VIENNA, "Europe/London", "en")
    assert said.venue_line == "18:00–19:00 Vienna time (CET, UTC+1)"
    assert said.home_line == "17:00–18:00 London (UTC)"


def test_the_second_date_is_said_wherever_it_differs() -> None:
    """L8: in Tokyo it is the next morning."""
    said = describe(evening(), VIENNA, "Asia/Tokyo", "en")
    assert said.home_line == "Tuesday, 15 June 2021, 01:00–02:00 Tokyo (UTC+9)"


def test_both_dates_are_said_where_home_passes_midnight_during_the_session() -> None:
    said = describe(evening(), VIENNA, "Asia/Vladivostok", "en")
    assert said.home_line == "Tuesday, 15 June 2021, 02:00–03:00 Vladivostok (UTC+10)"
    said = describe(evening(start=time(16, 30), end=time(17, 30)), VIENNA, "Asia/Tokyo", "en")
    assert said.home_line == "Monday, 14 June 2021, 23:30 – Tuesday, 15 June 2021, 00:30 Tokyo (UTC+9)"


@pytest.mark.parametrize("home", [VIENNA, "Europe/Warsaw", "Europe/Paris", "Africa/Johannesburg"])
def test_a_home_whose_clock_shows_the_same_gets_no_line_of_its_own(home: str) -> None:
    assert describe(evening(), VIENNA, home, "en").home_line is None


def test_a_home_that_differs_only_after_a_change_within_the_session_gets_its_line() -> None:
    night = Period(datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert describe(night, VIENNA, "Africa/Johannesburg", "en") == When(
        date="Sunday, 25 October 2026",
        venue_line="01:30–02:30 Vienna time (CEST, UTC+2 → CET, UTC+1)",
        home_line="01:30–03:30 Johannesburg (UTC+2)",
        start_line="01:30 Vienna time",
        home_start_line="01:30 Johannesburg",
        hours="01:30–02:30",
    )


@pytest.mark.parametrize(("home", "line"), [("UTC", "16:00–17:00 UTC"), ("Etc/GMT+5", "11:00–12:00 UTC−5")])
def test_a_zone_without_a_city_is_said_by_its_offset_alone(home: str, line: str) -> None:
    assert describe(evening(), VIENNA, home, "en").home_line == line


def test_a_conference_that_keeps_utc_says_so_without_a_city() -> None:
    assert describe(evening(), "UTC", "Africa/Abidjan", "en") == When(
        "Monday, 14 June 2021", "16:00–17:00 UTC", None, "16:00 UTC", None, "16:00–17:00"
    )


def test_the_sentence_comes_from_the_catalogue() -> None:
    def german(message: str) -> str:
        return {"%(hours)s Vienna time (%(zone)s)": "%(hours)s Uhr Wiener Zeit (%(zone)s)"}.get(message, message)

    assert describe(evening(), VIENNA, VIENNA, "de", german) == When(
        date="Montag, 14. Juni 2021",
        venue_line="18:00–19:00 Uhr Wiener Zeit (MESZ, UTC+2)",
        home_line=None,
        start_line="18:00 Vienna time",
        home_start_line=None,
        hours="18:00–19:00",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_winter_abbreviation_stands_on_a_summer_date_nor_the_reverse(language: str) -> None:
    """L7: CLDR's skeletons say CET in June."""
    summer = describe(evening(), VIENNA, "Asia/Kolkata", language)
    winter = describe(evening(date(2021, 12, 14)), VIENNA, "Asia/Kolkata", language)
    expected = ("(MESZ, UTC+2)", "(MEZ, UTC+1)") if language == "de" else ("(CEST, UTC+2)", "(CET, UTC+1)")
    assert (summer.venue_line.partition(" time ")[2], winter.venue_line.partition(" time ")[2]) == expected


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Monday, 14 June 2021"),
        ("de", "Montag, 14. Juni 2021"),
        ("fr", "lundi 14 juin 2021"),
        ("it", "lunedì 14 giugno 2021"),
        ("ru", "понедельник, 14 июня 2021 г."),
        ("es", "lunes, 14 de junio de 2021"),
    ],
)
def test_dates_are_said_in_full_and_with_plain_spaces(language: str, said: str) -> None:
    """L9: CLDR writes a narrow no-break space before the Russian г."""
    assert full_date(date(2021, 6, 14), language) == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "UTC−4"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC−2:30"),
        ("Europe/London", "UTC+1"),
        ("Africa/Abidjan", "UTC"),
    ],
)
def test_offsets_are_written_with_a_true_minus_and_minutes_only_where_there_are_some(zone: str, said: str) -> None:
    assert offset(datetime(2021, 6, 14, 12, tzinfo=ZoneInfo(zone))) == said


def test_a_first_line_says_date_and_both_clocks_and_a_subject_both_starts() -> None:
    said = describe(evening(), VIENNA, "Asia/Tokyo", "en")
    assert said.in_full == (
        "Monday, 14 June 2021, 18:00–19:00 Vienna time (CEST, UTC+2) · Tuesday, 15 June 2021, 01:00–02:00 Tokyo (UTC+9)"
    )
    assert said.start_in_full == "Monday, 14 June 2021, 18:00 Vienna time · Tuesday, 15 June 2021, 01:00 Tokyo"
    at_home = describe(evening(), VIENNA, "Europe/Warsaw", "fr")
    assert at_home.in_full == "lundi 14 juin 2021, 18:00–19:00 Vienna time (CEST, UTC+2)"
    assert at_home.date_line == "Lundi 14 juin 2021"


def test_a_start_is_without_a_date_of_its_own_where_only_the_end_is_on_another_day() -> None:
    said = describe(evening(start=time(16, 30), end=time(17, 30)), VIENNA, "Asia/Tokyo", "en")
    assert said.home_start_line == "23:30 Tokyo"
    assert said.home_line == "Monday, 14 June 2021, 23:30 – Tuesday, 15 June 2021, 00:30 Tokyo (UTC+9)"


@pytest.mark.parametrize(
    ("home", "line"),
    [
        ("Asia/Kathmandu", "21:45–22:45 Kathmandu (UTC+5:45)"),
        ("Pacific/Chatham", "Tuesday, 15 June 2021, 04:45–05:45 Chatham (UTC+12:45)"),
        ("Pacific/Kiritimati", "Tuesday, 15 June 2021, 06:00–07:00 Kiritimati (UTC+14)"),
        ("Pacific/Pago_Pago", "05:00–06:00 Pago Pago (UTC−11)"),
        ("America/St_Johns", "13:30–14:30 St John’s (UTC−2:30)"),
    ],
)
def test_quarters_of_an_hour_and_both_sides_of_the_date_line(home: str, line: str) -> None:
    assert describe(evening(), VIENNA, home, "en").home_line == line


@pytest.mark.parametrize(
    ("day", "home"),
    [
        (date(2026, 3, 7), "12:00–13:00 New York (UTC−5)"),
        (date(2026, 3, 8), "13:00–14:00 New York (UTC−4)"),
        (date(2026, 3, 28), "13:00–14:00 New York (UTC−4)"),
        (date(2026, 3, 29), "12:00–13:00 New York (UTC−4)"),
        (date(2026, 10, 24), "12:00–13:00 New York (UTC−4)"),
        (date(2026, 10, 25), "13:00–14:00 New York (UTC−4)"),
        (date(2026, 10, 31), "13:00–14:00 New York (UTC−4)"),
        (date(2026, 11, 1), "12:00–13:00 New York (UTC−5)"),
    ],
)
def test_between_two_changes_new_york_is_five_hours_from_vienna(day: date, home: str) -> None:
    """Three weeks in March and one in autumn, when only one of the two has changed its clocks."""
    assert describe(evening(day), VIENNA, "America/New_York", "en").home_line == home


def test_algiers_which_keeps_cet_all_year_does_not_say_so_in_june() -> None:
    """L7: it would look like the mistake that programmes make."""
    assert describe(evening(), VIENNA, "Africa/Algiers", "en").home_line == "17:00–18:00 Algiers (UTC+1)"


def test_a_start_that_home_shows_twice_says_which_it_is() -> None:
    night = Period(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 5, 45, tzinfo=UTC))
    said = describe(night, VIENNA, "America/New_York", "en")
    assert (said.start_line, said.home_start_line) == ("06:30 Vienna time", "01:30 New York (UTC−4)")


def test_warsaw_has_a_sentence_of_its_own_and_other_cities_one_together() -> None:
    assert describe(evening(), "Europe/Warsaw", VIENNA, "en").venue_line == "18:00–19:00 Warsaw time (CEST, UTC+2)"
    assert describe(evening(), "Europe/Oslo", VIENNA, "en").venue_line == "18:00–19:00 Oslo time (CEST, UTC+2)"
