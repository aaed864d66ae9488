"""Paused in the middle of a rush, with a worker killed meanwhile: nothing is lost, nothing is sent, and everything goes
once when it goes on.
"""

import time

import pytest
from sqlalchemy import func, select

from adapters.database.tables import EnvelopeRow, LetterRow
from tests.journeys.test_commands import answer, convenor
from tests.journeys.town import Town, eventually

MANY = 30


def states(town: Town) -> dict[str, int]:
    """How many registrations stand how; what Zoom had told before is not among them."""
    with town.toolbox.database.read() as session:
        ours = select(EnvelopeRow.state, func.count()).where(EnvelopeRow.source == "standard")
        found = session.execute(ours.group_by(EnvelopeRow.state))
        return {row[0]: row[1] for row in found}


def invitations(town: Town) -> int:
    """How many invitations were written."""
    with town.toolbox.database.read() as session:
        return session.scalar(select(func.count()).where(LetterRow.kind == "invitation")) or 0


@pytest.mark.timeout(400)
def test_what_comes_in_a_pause_goes_once_when_it_ends(town: Town) -> None:
    for number in range(MANY):
        town.register(number)
        if number == MANY // 3:
            assert convenor(town, "pause", "mail", "--reason", "Wrong hall").returncode == 0
    eventually(lambda: invitations(town) == MANY, 150)
    time.sleep(2)  # whatever was at hand has ended by now
    went = sum(town.letters().values())
    town.kill("cli.main", "worker")
    time.sleep(6)
    assert sum(town.letters().values()) == went < MANY
    assert convenor(town, "resume", "mail").returncode == 0
    eventually(lambda: len(town.letters()) == MANY, 150)
    time.sleep(2)
    assert set(town.letters().values()) == {1}


@pytest.mark.timeout(400)
def test_submissions_of_a_paused_intake_wait_and_are_judged_when_it_goes_on(town: Town) -> None:
    assert convenor(town, "pause", "intake", "--reason", "The mapping is wrong").returncode == 0
    for number in range(MANY):
        town.register(number)
    time.sleep(12)  # more than a message that is lost is given
    assert (states(town), town.letters()) == ({"received": MANY}, {})
    (intake,) = (one for one in answer(town, "queues") if one["queue"] == "intake")
    assert intake["paused"] is True
    assert intake["last_sign_of_life_seconds"] < 60
    assert convenor(town, "resume", "intake").returncode == 0
    eventually(lambda: len(town.letters()) == MANY, 150)
    assert set(town.letters().values()) == {1}
