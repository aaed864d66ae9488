"""Small numbers that can tell who somebody is."""

import pytest

from domain.cells import shown, shown_sum


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], []),
        ([0, 5, 100], [0, 5, 100]),
        ([1, 4], [None, None]),
        ([3, 40, 20, 0], [None, 40, None, 0]),
        ([3], [None]),
        ([3, 0], [None, 0]),
        ([2, 4, 30], [None, None, 30]),
    ],
)
def test_a_small_number_is_hidden_and_never_alone(numbers: list[int], expected: list[int | None]) -> None:
    assert shown(numbers) == expected


def test_a_sum_that_would_tell_what_is_hidden_is_not_said() -> None:
    assert (shown_sum([3, 40]), shown_sum([40, 0]), shown_sum([])) == (None, 40, 0)
