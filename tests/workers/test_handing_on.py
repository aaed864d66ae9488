"""Which messages carry a registration on, and which steps follow at once: one alone does not wait for a queue."""

from collections.abc import Iterable

import pytest

from tests.crowd import gather
from tests.house import OLGA, House
from workers import app as corridor
from workers import delivery, housekeeping, intake, invitation
from workers.app import DELIVER, OBTAIN_LINKS, TEND_EVENT, WRITE_INVITATIONS
from workers.conferencing import stage
from workers.housekeeping import Housekeeper

ANNA = OLGA | {"full_name": "Anna Kowalska", "email": "anna@mission.example.org"}


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks of the messages that are handed to the broker, in order."""
    handed: list[str] = []

    def enqueue_all(task: str, of: Iterable[tuple[str, ...]], **_where: object) -> int:
        handed.extend(task for _ in of)
        return 0

    for module in (corridor, housekeeping, intake, stage):
        monkeypatch.setattr(module, "enqueue_all", enqueue_all)
    return handed


def test_a_registration_alone_takes_three_messages_from_the_door_to_the_mailbox(
    house: House, messages: list[str]
) -> None:
    intake.open_envelope(house.receive(OLGA))
    (event,) = house.events_with_work()
    stage.tend_event(event)
    delivery.deliver()
    assert messages == [TEND_EVENT, DELIVER]  # after the door's own
    assert house.kinds() == ["invitation"]


def test_what_waits_for_no_link_is_told_before_zoom_is_asked(house: House, messages: list[str]) -> None:
    house.process(house.receive(OLGA))
    intake.open_envelope(house.receive({"email": OLGA["email"], "sessions": ["survivor-voices"]},
                                       kind="registration.withdrawn"))  # fmt: skip
    assert messages == [TEND_EVENT, DELIVER]
    assert [letter.state for letter in house.outbox("withdrawal")] == ["planned"]


def test_a_confirmation_of_several_sessions_does_not_wait_for_their_links(house: House, messages: list[str]) -> None:
    intake.open_envelope(house.receive(OLGA | {"sessions": ["survivor-voices", "community-policing"]}))
    assert messages == [TEND_EVENT, TEND_EVENT, DELIVER]
    delivery.deliver()
    assert house.kinds() == ["confirmation"]


def test_of_several_envelopes_in_a_message_each_goes_on_with_a_message_of_its_own(
    house: House, messages: list[str]
) -> None:
    intake.open_envelope(house.receive(OLGA), house.receive(ANNA))
    assert messages == [OBTAIN_LINKS, OBTAIN_LINKS]


def test_of_several_who_got_a_link_together_each_is_told_with_a_message_of_its_own(
    house: House, messages: list[str]
) -> None:
    for one in (OLGA, ANNA):
        intake.judge(house.toolbox, house.receive(one))
    (event,) = house.events_with_work()
    stage.tend_event(event)
    assert messages == [WRITE_INVITATIONS, WRITE_INVITATIONS]


def test_where_nothing_is_due_nobody_is_woken(house: House, messages: list[str]) -> None:
    envelope = house.register(OLGA)
    participant = house.envelope(envelope).participant_id
    assert participant is not None
    invitation.write_invitations(participant)
    assert messages == []


def test_the_clock_wakes_four_tasks_for_however_many_are_due_and_counts_those_that_wait(
    house: House, messages: list[str]
) -> None:
    gather(house.toolbox, 4 * delivery.BATCH + 50, "reminder")
    Housekeeper(house.toolbox)._wake_delivery({"delivery": 1})
    assert messages == [DELIVER] * 3


def test_a_task_of_delivery_goes_on_while_whole_batches_are_due(
    house: House, messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed = iter([delivery.BATCH, delivery.BATCH, 7])
    monkeypatch.setattr(delivery, "deliver_batch", lambda _toolbox: next(claimed))
    delivery.deliver()
    assert [*claimed] == []
    assert messages == []


def test_a_task_of_delivery_that_has_had_its_time_leaves_the_rest_to_the_next(
    house: House, messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TURN", -delivery.TURN)
    monkeypatch.setattr(delivery, "deliver_batch", lambda _toolbox: delivery.BATCH)
    delivery.deliver()
    assert messages == [DELIVER]
