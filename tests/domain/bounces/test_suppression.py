"""When an address is not written to any more."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.bounces.said import Class
from domain.bounces.suppression import HOLDS, Past, cause

FIRST = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)


def past(*found: tuple[str, Class, float]) -> list[Past]:
    """Letters, why they were refused, and after how many days."""
    return [Past(letter, kind, FIRST + timedelta(days=days)) for letter, kind, days in found]


def test_one_hard_bounce_is_enough() -> None:
    assert cause("bounced", past(("a", "hard", 0))) == "hard-bounce"


def test_a_refusal_without_a_reason_counts_with_the_second_letter() -> None:
    assert cause("bounced", past(("a", "unclear", 0))) is None
    assert cause("bounced", past(("a", "unclear", 0), ("a", "unclear", 1))) is None
    assert cause("bounced", past(("a", "unclear", 0), ("b", "unclear", 1))) == "refused-twice"


@pytest.mark.parametrize("days", [(0, 1, 2), (0, 0, 4.9)])
def test_a_mailbox_that_is_full_for_less_than_five_days_is_not_given_up(days: tuple[float, float, float]) -> None:
    assert cause("bounced", past(*((f"l{n}", "full", day) for n, day in enumerate(days)))) is None


def test_a_mailbox_that_is_full_for_three_letters_over_five_days_is() -> None:
    assert cause("bounced", past(("a", "full", 0), ("b", "full", 6))) is None
    assert cause("bounced", past(("a", "full", 0), ("b", "full", 1), ("c", "full", 5))) == "mailbox-full"


def test_a_late_report_counts_as_well_as_a_final_one_and_each_letter_once() -> None:
    assert (
        cause("deferred", past(("a", "full", 0), ("b", "full", 3), ("c", "full", 6), ("c", "full", 7)))
        == "mailbox-full"
    )
    assert cause("deferred", past(("a", "full", 0), ("b", "full", 3), ("b", "full", 6))) is None


@pytest.mark.parametrize("kind", ["policy", "soft"])
def test_policy_and_what_passes_never_suppress(kind: Class) -> None:
    assert cause("bounced", past(*((f"l{n}", kind, n) for n in range(100)))) is None


def test_what_was_refused_before_does_not_count_against_what_is_refused_now() -> None:
    assert cause("bounced", past(("a", "hard", 0), ("b", "policy", 1))) is None


def test_a_wish_counts_at_once() -> None:
    assert (cause("complained", []), cause("unsubscribed", [])) == ("complaint", "unsubscribed")


def test_every_suppression_ends() -> None:
    assert all(timedelta(days=30) <= one <= timedelta(days=730) for one in HOLDS.values())
