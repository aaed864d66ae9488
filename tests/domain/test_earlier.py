"""What letters that were written before say: whether somebody has surely heard of a session."""

from datetime import UTC, datetime
from typing import Final

import pytest

from domain.earlier import Earlier, is_invited

THEN = datetime(2021, 6, 1, tzinfo=UTC)
METHODS: Final = {"invitation": "REQUEST", "update": "REQUEST", "withdrawal": "CANCEL", "waitlist": None}


def letters(*those: str) -> list[Earlier]:
    """Each as its kind, its state, and `unanswered` where a server may have taken it all the same."""
    found = []
    for number, (kind, state, *answered) in enumerate(one.split() for one in those):
        may_have_gone = state in {"sent", "claimed"} or answered == ["unanswered"]
        tries = 0 if state == "planned" and not answered else 1
        found.append(Earlier(f"let_{number}", kind, state, tries, METHODS[kind], (), None, number, THEN, may_have_gone))
    return found


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([], False),
        (["invitation sent"], True),
        (["invitation claimed"], True),
        (["invitation planned"], False),
        (["invitation failed"], False),
        (["invitation skipped unanswered"], False),
        (["invitation sent", "update skipped unanswered"], True),
        (["invitation sent", "withdrawal skipped"], True),
        (["invitation sent", "waitlist skipped"], True),
        (["invitation claimed", "withdrawal skipped"], False),
        (["invitation claimed", "waitlist planned"], False),
        (["invitation sent", "withdrawal sent"], False),
        (["invitation sent", "withdrawal skipped unanswered"], False),
        (["invitation sent", "withdrawal sent", "invitation skipped unanswered"], False),
        (["invitation sent", "withdrawal sent", "invitation sent"], True),
    ],
)
def test_somebody_is_invited_when_a_letter_that_asks_them_was_taken_or_is_surely_on_its_way(
    earlier: list[str], expected: bool
) -> None:
    assert is_invited(letters(*earlier)) is expected
