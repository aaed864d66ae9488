"""Words that people choose in forms."""

import pytest

from domain.sources import words


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Europe/Kyiv", "Europe/Kyiv"),
        ("europe/kyiv", "Europe/Kyiv"),
        ("Kiev", "Europe/Kyiv"),
        ("New York", "America/New_York"),
        ("Istanbul", "Europe/Istanbul"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_found_by_its_name_or_its_city(said: str, zone: str) -> None:
    assert words.time_zone(said) == zone


@pytest.mark.parametrize("said", ["GMT+2", "Mountain", "Atlantis", ""])
def test_what_names_no_one_zone_comes_back_to_be_refused(said: str) -> None:
    assert words.time_zone(said) == said


def test_a_language_that_nobody_knows_comes_back_to_be_refused() -> None:
    assert words.language("Dothraki") == "Dothraki"


@pytest.mark.parametrize(("said", "meant"), [("In person", "in-person"), ("очно", "in-person"), ("Via Zoom", "online")])
def test_attendance_is_understood_in_words(said: str, meant: str) -> None:
    assert words.attendance(said) == meant
