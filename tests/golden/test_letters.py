"""No letter's words and no calendar entry change unseen. After a change that is meant: `make golden`, and read it."""

import pytest

from tests.golden.kept import found, kept

FOUND = found()


@pytest.mark.parametrize("name", sorted(FOUND.keys() & kept().keys()))
def test_a_letter_says_what_it_said_when_it_was_last_read(name: str) -> None:
    assert kept()[name].decode().splitlines() == FOUND[name].decode().splitlines()
    assert kept()[name] == FOUND[name]


def test_every_letter_is_kept_that_is_written_and_no_other() -> None:
    assert sorted(kept().keys() ^ FOUND.keys()) == []
