"""The monitor's charts: what is drawn is what the tables say."""

from datetime import UTC, datetime, timedelta

from domain.cadence import day_of
from domain.times import VIENNA
from web.admin.charts import HEIGHT, Mark, Part, along, bar, columns

DAY = day_of(datetime(2026, 9, 1, 9, tzinfo=UTC), VIENNA)


def test_the_parts_of_a_bar_fill_it_in_order() -> None:
    assert bar({"accepted": 3, "bounced": 0, "held": 1}) == [
        Part("accepted", 3, 0.0, 75.0),
        Part("held", 1, 75.0, 25.0),
    ]
    assert bar({"accepted": 0}) == []


def test_a_moment_stands_where_viennas_clocks_show_it() -> None:
    noon = datetime(2026, 9, 1, 10, tzinfo=UTC)
    assert [along(DAY, one) for one in (DAY[0], noon, DAY[1])] == [0.0, 360.0, 720.0]


def test_the_day_of_a_clock_change_has_its_25_hours() -> None:
    start, end = day_of(datetime(2026, 10, 25, 12, tzinfo=UTC), VIENNA)
    assert end - start == timedelta(hours=25)
    assert along((start, end), start + timedelta(hours=25)) == 720.0


def test_columns_stand_on_each_other_and_the_tallest_fills_the_height() -> None:
    noon = DAY[0] + timedelta(hours=12)
    assert columns(DAY, [(noon, {"sent": 30, "late": 10}), (DAY[0], {"sent": 0, "planned": 1})]) == [
        Mark("sent", 360.0, HEIGHT - 90, 90.0),
        Mark("late", 360.0, 0.0, 30.0),
        Mark("planned", 0.0, HEIGHT - 3, 3.0),
    ]
    assert columns(DAY, []) == []
