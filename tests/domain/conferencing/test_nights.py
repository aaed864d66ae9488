"""When Zoom and we are compared."""

from datetime import UTC, datetime

from domain.conferencing.nights import next_look, next_night


def test_in_summer_the_night_in_vienna_is_half_past_one_utc() -> None:
    assert next_night(datetime(2021, 6, 14, 16, tzinfo=UTC), "Europe/Vienna") == datetime(
        2021, 6, 15, 1, 30, tzinfo=UTC
    )


def test_before_half_past_three_it_is_still_tonight() -> None:
    assert next_night(datetime(2021, 6, 14, 1, tzinfo=UTC), "Europe/Vienna") == datetime(2021, 6, 14, 1, 30, tzinfo=UTC)


def test_at_half_past_three_it_is_tomorrow() -> None:
    tonight = datetime(2021, 6, 14, 1, 30, tzinfo=UTC)

    assert next_night(tonight, "Europe/Vienna") == datetime(2021, 6, 15, 1, 30, tzinfo=UTC)


def test_in_the_nights_in_which_the_clocks_change_there_is_one_as_in_any_other() -> None:
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)

    assert next_night(spring, "Europe/Vienna") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert next_night(autumn, "Europe/Vienna") == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)


def test_on_the_day_itself_it_is_also_before_the_start() -> None:
    start = datetime(2021, 6, 14, 16, tzinfo=UTC)

    looks = [datetime(2021, 6, 13, 12, tzinfo=UTC)]
    for _ in range(4):
        looks.append(next_look(looks[-1], "Europe/Vienna", start))

    assert [one.strftime("%d %H:%M") for one in looks[1:]] == ["14 01:30", "14 14:30", "14 15:40", "15 01:30"]
