"""A time limit strikes while envelopes are opened, or the process dies: whose fault it is, and what becomes of the
others."""

from contextlib import suppress
from unittest.mock import patch

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from tests.house import OLGA, House
from workers import intake, registration
from workers.app import OPEN_ENVELOPE


def received(house: House, number: int) -> list[str]:
    """Envelopes of different people, as the door has recorded them."""
    return [house.receive(OLGA | {"email": f"person{one}@mission.example.org"}) for one in range(number)]


def opened_until_the_limit(*envelopes: str) -> None:
    """The limit strikes at the first that is read."""
    with (
        patch.object(registration, "register", side_effect=SoftTimeLimitExceeded),
        pytest.raises(SoftTimeLimitExceeded),
    ):
        intake.open_envelope(*envelopes)


def found(house: House, envelopes: list[str]) -> list[tuple[str, int]]:
    return [(row.state, row.attempts) for row in map(house.envelope, envelopes)]


def test_a_time_limit_ends_the_task_and_is_counted_against_none_of_several(house: House) -> None:
    envelopes = received(house, 3)
    for _ in range(intake.MOST_ATTEMPTS):
        opened_until_the_limit(*envelopes)
    assert found(house, envelopes) == [("received", 0)] * 3
    intake.open_envelope(*envelopes)
    assert found(house, envelopes) == [("accepted", 0)] * 3


def test_an_envelope_that_takes_all_the_time_for_itself_is_set_aside_in_the_end(house: House) -> None:
    envelopes = received(house, 1)
    opened_until_the_limit(*envelopes)
    assert found(house, envelopes) == [("received", 1)]
    for _ in range(intake.MOST_ATTEMPTS - 1):
        opened_until_the_limit(*envelopes)
    assert found(house, envelopes) == [("failed", intake.MOST_ATTEMPTS)]


def brought_again(*envelopes: str) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Opened from a message that the broker brings a second time; what is handed over of it."""
    handed: list[tuple[str, list[tuple[str, ...]]]] = []
    intake.open_envelope.push_request(delivery_info={"redelivered": True})
    try:
        with patch.object(intake, "enqueue_all", side_effect=lambda task, ids: handed.append((task, list(ids)))):
            intake.open_envelope.run(*envelopes)
    finally:
        intake.open_envelope.pop_request()
    return handed


def test_envelopes_whose_process_died_are_handed_over_one_by_one_to_find_out_of_which(house: House) -> None:
    envelopes = received(house, 3)
    assert brought_again(*envelopes) == [(OPEN_ENVELOPE, [(one,) for one in envelopes])]
    assert found(house, envelopes) == [("received", 0)] * 3


def test_an_envelope_of_which_a_process_died_is_counted_and_opened_all_the_same(house: House) -> None:
    envelopes = received(house, 1)
    assert brought_again(*envelopes) == []
    assert found(house, envelopes) == [("accepted", 1)]


def test_an_envelope_of_which_processes_go_on_dying_is_set_aside_in_the_end(house: House) -> None:
    envelopes = received(house, 1)
    with patch.object(registration, "register", side_effect=KeyboardInterrupt):
        for _ in range(intake.MOST_ATTEMPTS):
            with suppress(KeyboardInterrupt):
                brought_again(*envelopes)
    assert found(house, envelopes) == [("failed", intake.MOST_ATTEMPTS)]
